package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshTrigger;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two metas on one home, each on a bus of its own; executor and frontend are played. */
@Timeout(60)
class RelayTest {
  private static final int LIMIT_SECONDS = 20;

  private final Vertx leads = Vertx.vertx();

  /** Of one thread, so that what is sent at once is heard at once. */
  private final Vertx stands = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));

  private static final Command QUESTION =
      new Command.Request("nothing", false, RefreshTrigger.MANUAL);

  private final BlockingQueue<Barrier> barriers = new LinkedBlockingQueue<>();
  private HomeDatabase home;
  private String standing = "";

  @BeforeEach
  void open() throws Exception {
    home = new HomeDatabase();
    Codecs.register(leads);
    Codecs.register(stands);
    stands.eventBus().<Barrier>consumer(Address.BARRIER, message -> barriers.add(message.body()));
    deploy(leads, "m1");
    standing = deploy(stands, "m2");
  }

  @AfterEach
  void close() throws Exception {
    stands.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    leads.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    home.close();
  }

  @Test
  void anExecutorOfTheOtherBusIsHeardByTheLeader() throws Exception {
    // Given
    var barrier = barrier();
    // When
    stands
        .eventBus()
        .publish(Address.ACK, new BarrierAck(barrier.term(), barrier.epoch(), "far", List.of()));
    // Then
    var seen = seen(stands);
    assertThat(seen)
        .singleElement()
        .satisfies(
            far -> {
              assertThat(far.executor()).isEqualTo("far");
              assertThat(far.lastEpoch()).isEqualTo(barrier.epoch());
            });
  }

  @Test
  void aCommandOfTheOtherBusIsAnsweredByTheLeader() throws Exception {
    // Given
    barrier();
    // When
    var reply =
        stands
            .eventBus()
            .<CommandReply>request(
                Address.command(1), new Command.Request("nothing", false, RefreshTrigger.MANUAL))
            .await(LIMIT_SECONDS, TimeUnit.SECONDS)
            .body();
    // Then
    assertThat(reply)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> assertThat(refused.error().code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void whatIsOldIsNoSignOfLife() throws Exception {
    // Given
    var barrier = barrier();
    // When
    home.execute(
        """
        INSERT INTO tidemark.letters (term, letter, written_at)
        VALUES (1, '%s', clock_timestamp() - interval '1 minute'), (1, '%s', clock_timestamp())
        """
            .formatted(letter(barrier, "old"), letter(barrier, "new")));
    // Then
    assertThat(seen(leads)).extracting(ExecutorList.Seen::executor).containsExactly("new");
  }

  /** As after the networks have joined: it leads on this bus. */
  @Test
  void aLeaderOnItsOwnBusEndsTheStandInAndNoOlderOneBringsItBack() throws Exception {
    // Given
    barrier();
    // When
    publishOwn();
    // Then
    untilNobodyHears();
    // Then: the one before still announces its barriers
    var epoch = home.value("SELECT epoch FROM tidemark.announced_barrier");
    var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (home.value("SELECT epoch FROM tidemark.announced_barrier").equals(epoch)) {
      assertThat(System.nanoTime()).as("another barrier is announced").isLessThan(until);
    }
    assertThat(failureOf(stands.eventBus().request(Address.command(1), QUESTION)))
        .isInstanceOfSatisfying(
            ReplyException.class,
            refused -> assertThat(refused.failureType()).isEqualTo(ReplyFailure.NO_HANDLERS));
  }

  @Test
  void aQuestionThatIsNotSentWhenTheStandInEndsFailsAtOnce() throws Exception {
    // Given
    barrier();
    var asked = Promise.<Message<CommandReply>>promise();
    // When: both wait in one queue, so that nothing is sent between them
    stands.runOnContext(
        now -> {
          stands.eventBus().<CommandReply>request(Address.command(1), QUESTION).onComplete(asked);
          publishOwn();
        });
    // Then
    assertThat(failureOf(asked.future()))
        .isInstanceOfSatisfying(
            ReplyException.class,
            refused -> assertThat(refused.failureType()).isEqualTo(ReplyFailure.RECIPIENT_FAILURE))
        .hasMessageContaining("leads no more");
  }

  @Test
  void aNodeThatEndsStandsInNoMore() throws Exception {
    // Given
    barrier();
    // When
    stands.undeploy(standing).await(LIMIT_SECONDS, TimeUnit.SECONDS);
    // Then
    assertThat(failureOf(stands.eventBus().request(Address.command(1), QUESTION)))
        .isInstanceOfSatisfying(
            ReplyException.class,
            refused -> assertThat(refused.failureType()).isEqualTo(ReplyFailure.NO_HANDLERS));
  }

  private void untilNobodyHears() {
    var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    var soon = new DeliveryOptions().setSendTimeout(500);
    while (true) {
      var failure = failureOf(stands.eventBus().request(Address.command(1), QUESTION, soon));
      if (failure instanceof ReplyException refused
          && refused.failureType() == ReplyFailure.NO_HANDLERS) {
        return;
      }
      assertThat(System.nanoTime()).as("it stands in no more").isLessThan(until);
    }
  }

  private void publishOwn() {
    stands.eventBus().publish(Address.BARRIER, new Barrier(2, 1, List.of()));
  }

  private static Throwable failureOf(Future<?> asked) {
    return catchThrowable(() -> asked.await(LIMIT_SECONDS, TimeUnit.SECONDS));
  }

  private static String letter(Barrier barrier, String executor) {
    return JsonText.of(
        new Letter.Acknowledged(
            new BarrierAck(barrier.term(), barrier.epoch(), executor, List.of())));
  }

  /** What the leader hears, once it hears somebody. */
  private List<ExecutorList.Seen> seen(Vertx asking) throws Exception {
    var until = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      var seen =
          asking
              .eventBus()
              .<ExecutorList>request(Address.executors(1), new ListExecutors())
              .await(LIMIT_SECONDS, TimeUnit.SECONDS)
              .body()
              .executors();
      if (!seen.isEmpty()) {
        return seen;
      }
      assertThat(System.nanoTime()).as("somebody is heard in time").isLessThan(until);
      barrier();
    }
  }

  private Barrier barrier() throws InterruptedException {
    var barrier = barriers.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertThat(barrier).as("a barrier on the other bus").isNotNull();
    assertThat(barrier.term()).isEqualTo(1);
    return barrier;
  }

  private String deploy(Vertx bus, String node) throws Exception {
    var settings =
        new MetaSettings(
            node,
            home.address,
            new TidemarkConfig.Meta(
                Duration.ofMillis(100), Duration.ofSeconds(5), TidemarkConfig.Retention.DEFAULT),
            MetaSettings.LeaseKind.SERVER,
            Optional.empty(),
            new SimpleMeterRegistry());
    return bus.deployVerticle(new MetaVerticle(settings)).await(LIMIT_SECONDS, TimeUnit.SECONDS);
  }
}
