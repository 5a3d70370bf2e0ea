package io.tidemark.meta;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.bus.RefreshNews;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.sqlclient.SqlClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands in, on the bus of a meta that stands by, for a leader that is not on it: publishes that
 * leader's barriers there, and passes on to it what its own executors and frontends say. Where the
 * leader is on this bus, it does nothing.
 *
 * <p>It decides nothing and holds no truth. Several on one bus say the same twice, which changes
 * nothing. Runs on the event loop of its verticle.
 */
final class Relay {
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  /** Header of a barrier that did not come from its leader. */
  private static final String RELAYED = "relayed";

  /** A barrier that the bus carries too may be one behind at the look. */
  private static final int BARRIERS_BEHIND = 1;

  /** What comes within this time goes together. */
  private static final long COLLECT_MILLIS = 20;

  private static final int MAX_NEWS = 1_000;
  private static final int MAX_QUESTIONS = 256;

  /** As long as a frontend waits. */
  private static final long PATIENCE_MILLIS = 10_000;

  private static final long ANSWER_MILLIS = 100;

  private final Vertx vertx;
  private final LetterBox letters;

  /** The newest barrier that its leader itself published on this bus. */
  private Heard heard = Heard.NOTHING;

  /** The newest one that was read from the home. */
  private Heard seen = Heard.NOTHING;

  /** Those of the term that is relayed; empty: none is. */
  private final List<MessageConsumer<?>> standIns = new ArrayList<>();

  private long relayedTerm;
  private boolean ended;
  private boolean looking;
  private boolean collecting;
  private boolean asking;

  /** The newest of each executor. */
  private final Map<String, BarrierAck> acks = new LinkedHashMap<>();

  private final Set<Long> news = new LinkedHashSet<>();

  /** By name, until they are sent. */
  private final Map<String, Letter> questions = new LinkedHashMap<>();

  private final Map<String, Open<?>> open = new HashMap<>();

  Relay(Vertx vertx, SqlClient home) {
    this.vertx = vertx;
    this.letters = new LetterBox(home);
  }

  private record Heard(long term, long epoch) {
    static final Heard NOTHING = new Heard(0, 0);

    static Heard of(Barrier barrier) {
      return new Heard(barrier.term(), barrier.epoch());
    }

    boolean carries(Barrier barrier) {
      return term == barrier.term() && epoch >= barrier.epoch() - BARRIERS_BEHIND;
    }
  }

  /** A question whose answer is waited for. */
  private record Open<T>(Message<?> asked, Class<T> type, long timer) {
    void answer(LetterBox.Answer answer) {
      answer
          .as(type)
          .ifPresentOrElse(asked::reply, () -> asked.fail(0, "the answer cannot be read"));
    }
  }

  /** Begins to hear what its bus says. */
  Future<?> start() {
    var bus = vertx.eventBus();
    return Future.join(
        bus.<Barrier>consumer(Address.BARRIER, this::onBarrier).completion(),
        bus.<BarrierAck>consumer(Address.ACK, ack -> onAck(ack.body())).completion(),
        bus.<RefreshNews>consumer(Address.NEWS, it -> onNews(it.body())).completion());
  }

  /** Looks what the leader says; call it often while another leads. */
  void look() {
    if (looking) {
      return;
    }
    looking = true;
    letters
        .announced(seen.term(), seen.epoch())
        .onSuccess(found -> found.ifPresent(this::relay))
        .onFailure(Relay::notNow)
        .onComplete(done -> looking = false);
  }

  /**
   * It stands in for nobody: this node leads, or the leader is on this bus. Questions that are not
   * sent yet fail, since nobody would send them.
   */
  void rest() {
    if (!standIns.isEmpty()) {
      LOG.atInfo().addKeyValue("term", relayedTerm).log("stands in for a leader no more");
    }
    standIns.forEach(MessageConsumer::unregister);
    standIns.clear();
    acks.clear();
    news.clear();
    var unsent = List.copyOf(questions.keySet());
    questions.clear();
    unsent.forEach(name -> give(name, it -> it.fail(0, "the leader that was asked leads no more")));
  }

  /** This node ends: it stands in for nobody any more, and what it waits for nobody answers. */
  void end() {
    ended = true;
    rest();
    List.copyOf(open.keySet()).forEach(name -> give(name, it -> it.fail(0, "the node ends")));
  }

  private void relay(Barrier barrier) {
    seen = Heard.of(barrier);
    if (ended) {
      return;
    }
    if (heard.term() > barrier.term() || heard.carries(barrier)) {
      rest();
      return;
    }
    if (standIns.isEmpty() || relayedTerm != barrier.term()) {
      rest();
      standIn(barrier.term());
    }
    vertx
        .eventBus()
        .publish(Address.BARRIER, barrier, new DeliveryOptions().addHeader(RELAYED, "true"));
  }

  private void standIn(long term) {
    LOG.atInfo()
        .addKeyValue("term", term)
        .log("the leader is not on this bus: barriers and answers go by way of the home");
    relayedTerm = term;
    var bus = vertx.eventBus();
    standIns.add(
        bus.<Command>consumer(
            Address.command(term),
            asked -> ask(asked, CommandReply.class, name -> new Letter.Asked(name, asked.body()))));
    standIns.add(
        bus.<ListExecutors>consumer(
            Address.executors(term),
            asked -> ask(asked, ExecutorList.class, Letter.WhoWorks::new)));
  }

  private void onBarrier(Message<Barrier> message) {
    if (!message.headers().contains(RELAYED)) {
      heard = Heard.of(message.body());
      if (heard.term() > relayedTerm) {
        rest();
      }
    }
  }

  private void onAck(BarrierAck ack) {
    if (standsInFor(ack.term())) {
      acks.put(ack.executor(), ack);
      collect();
    }
  }

  private void onNews(RefreshNews changed) {
    if (!standIns.isEmpty() && news.size() < MAX_NEWS) {
      news.add(changed.refreshId());
      collect();
    }
  }

  private boolean standsInFor(long term) {
    return !standIns.isEmpty() && relayedTerm == term;
  }

  private <T> void ask(Message<?> asked, Class<T> type, Function<String, Letter> letter) {
    if (open.size() >= MAX_QUESTIONS) {
      asked.fail(0, "too many questions are open");
      return;
    }
    var name = UUID.randomUUID().toString();
    // Whoever asked gives up by then, and says that it may have taken effect.
    var timer =
        vertx.setTimer(
            PATIENCE_MILLIS,
            late -> {
              open.remove(name);
              questions.remove(name);
            });
    open.put(name, new Open<>(asked, type, timer));
    questions.put(name, letter.apply(name));
    collect();
    awaitAnswers();
  }

  private void awaitAnswers() {
    if (asking || open.isEmpty()) {
      return;
    }
    asking = true;
    vertx
        .timer(ANSWER_MILLIS)
        .compose(now -> letters.collect(open.keySet()))
        .onSuccess(answers -> answers.forEach(this::answered))
        .onFailure(Relay::notNow)
        .onComplete(
            done -> {
              asking = false;
              awaitAnswers();
            });
  }

  private void answered(LetterBox.Answer answer) {
    var waiting = open.remove(answer.question());
    if (waiting != null) {
      vertx.cancelTimer(waiting.timer());
      waiting.answer(answer);
    }
  }

  /** Gives a question up that nobody answers. */
  private void give(String name, Consumer<Message<?>> answer) {
    var waiting = open.remove(name);
    if (waiting != null) {
      vertx.cancelTimer(waiting.timer());
      answer.accept(waiting.asked());
    }
  }

  private void collect() {
    if (!collecting) {
      collecting = true;
      vertx.setTimer(
          COLLECT_MILLIS,
          now -> {
            collecting = false;
            send();
          });
    }
  }

  private void send() {
    var all = new ArrayList<Letter>(questions.values());
    acks.values().forEach(ack -> all.add(new Letter.Acknowledged(ack)));
    news.forEach(id -> all.add(new Letter.News(id)));
    questions.clear();
    acks.clear();
    news.clear();
    if (!all.isEmpty()) {
      letters.send(relayedTerm, all).onFailure(Relay::notNow);
    }
  }

  /** All of it is hints: the next ones come anyway. */
  private static void notNow(Throwable error) {
    LOG.atDebug().addKeyValue("error", error.getMessage()).log("nothing relayed");
  }
}
