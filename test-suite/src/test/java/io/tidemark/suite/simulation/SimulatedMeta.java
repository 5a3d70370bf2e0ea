package io.tidemark.suite.simulation;

import io.tidemark.common.bus.BarrierAck;
import io.tidemark.common.bus.Command;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.meta.core.Coordinator;
import io.tidemark.meta.core.Effect;
import io.tidemark.meta.core.Event;
import io.tidemark.meta.core.LeaderState;
import io.tidemark.meta.core.Lifecycle;
import io.tidemark.suite.simulation.home.LeaderModel;
import io.tidemark.suite.simulation.home.LeaseModel;
import java.util.ArrayDeque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The shell around {@link Coordinator}: models {@code MetaVerticle}, {@code Leadership}, {@code
 * LeaderEffects} and {@code Commands}.
 */
final class SimulatedMeta {
  private static final long RETRY_MILLIS = 500;
  private static final long MIN_ROUND_MILLIS = 10;

  final Node node;
  private final Cluster cluster;
  private @Nullable Term leading;
  private boolean stopping;

  SimulatedMeta(Cluster cluster, Node node) {
    this.cluster = cluster;
    this.node = node;
  }

  /** A new process, which knows nothing. */
  void begin() {
    leading = null;
    stopping = false;
    tryToLead();
  }

  /** Whether messages for the leader come here: it may be wrong about that. */
  boolean leads() {
    return leading != null && leading.begun && !leading.over;
  }

  void acknowledged(BarrierAck ack) {
    if (leading != null) {
      leading.perform(new Event.Acknowledged(node.nanos(), ack));
    }
  }

  /** A hint from the cluster, which may be wrong. */
  void left(String executor) {
    if (leading != null) {
      leading.perform(new Event.NodeLeft(node.nanos(), executor));
    }
  }

  void news() {
    if (leading != null) {
      leading.news();
    }
  }

  void command(Command command) {
    if (leading != null && !leading.over) {
      leading.command(command);
    }
  }

  /** The node goes down in order. */
  void stop() {
    var term = leading;
    stopping = true;
    if (term != null && !term.over) {
      term.over = true;
      cluster.home.call(
          node,
          () -> {
            cluster.lease.giveBack(term.id, term.number);
            return true;
          },
          done -> {},
          () -> {});
    }
  }

  private void tryToLead() {
    if (stopping) {
      return;
    }
    var id = node.id();
    cluster.home.call(
        node,
        () -> cluster.lease.acquire(id),
        held -> held.ifPresentOrElse(this::lead, this::standBy),
        this::standBy);
  }

  private void standBy() {
    leading = null;
    node.after(RETRY_MILLIS, this::tryToLead);
  }

  private void lead(LeaseModel.Held held) {
    var term = new Term(held.term());
    leading = term;
    cluster.trace(node, () -> "leads in term " + held.term());
    cluster.home.call(
        node,
        () -> {
          term.writes.takeOver(!held.clean(), false);
          return true;
        },
        done -> {
          term.begun = true;
          term.tick();
        },
        () -> {
          term.over = true;
          cluster.home.call(
              node,
              () -> {
                cluster.lease.giveBack(term.id, held.term());
                return true;
              },
              done -> standBy(),
              this::standBy);
        });
  }

  /** Models {@code Leadership}. */
  private final class Term {
    private final long number;
    private final String id = node.id();
    private final LeaderModel writes;
    private LeaderState state;
    private long renewedNanos = node.nanos();
    private long roundNanos;
    private boolean begun;
    private boolean over;
    private boolean busy;
    private boolean again;
    private boolean delayed;

    Term(long number) {
      this.number = number;
      this.writes =
          new LeaderModel(
              cluster.database,
              cluster.lease,
              node.id(),
              number,
              cluster.mutant == Mutant.FIRST_FINISHER_ENDS);
      this.state = LeaderState.begin(number, node.nanos(), Settings.SILENCE_NANOS);
    }

    void tick() {
      if (!over) {
        node.after(Settings.BARRIER_MILLIS, this::tick);
        round();
      }
    }

    void news() {
      var wait = MIN_ROUND_MILLIS - (node.nanos() - roundNanos) / 1_000_000;
      if (wait <= 0) {
        round();
      } else if (!delayed) {
        delayed = true;
        node.after(
            wait,
            () -> {
              delayed = false;
              round();
            });
      }
    }

    private void round() {
      if (over) {
        return;
      }
      if (busy) {
        again = true;
        return;
      }
      busy = true;
      var begunNanos = node.nanos();
      roundNanos = begunNanos;
      var rest = new Once(this::rest);
      // A round that takes as long as the lease is given up; what it left under way goes on.
      node.after(Settings.LEASE_MILLIS, () -> rest.run(this::failed));
      cluster.home.call(
          node,
          () -> cluster.lease.renew(id, number),
          epoch -> {
            if (epoch.isEmpty()) {
              lost("another leads, or it ran out");
              rest.run();
              return;
            }
            renewedNanos = Math.max(renewedNanos, begunNanos);
            read(epoch.getAsLong(), rest);
          },
          () -> rest.run(this::failed));
    }

    private void read(long epoch, Once rest) {
      cluster.home.call(
          node,
          writes::active,
          active ->
              cluster.home.call(
                  node,
                  writes::lost,
                  lost -> decide(new Event.Round(node.nanos(), epoch, active, lost), rest),
                  () -> rest.run(this::failed)),
          () -> rest.run(this::failed));
    }

    private void decide(Event.Round round, Once rest) {
      if (over) {
        rest.run();
      } else {
        perform(round, rest::run);
      }
    }

    private void rest() {
      busy = false;
      if (again) {
        again = false;
        news();
      }
    }

    private void failed() {
      if (node.nanos() - renewedNanos > Settings.LEASE_MILLIS * 1_000_000) {
        lost("the home is away");
      }
    }

    private void lost(String why) {
      if (!over) {
        cluster.trace(node, () -> "leads no more: " + why);
        over = true;
        standBy();
      }
    }

    void perform(Event event) {
      perform(event, () -> {});
    }

    private void perform(Event event, Runnable done) {
      if (over) {
        done.run();
        return;
      }
      var step = Coordinator.handle(state, event);
      state = step.state();
      cluster.trace(node, () -> "term " + number + " " + name(event) + " → " + step.effects());
      perform(new ArrayDeque<>(step.effects()), done);
    }

    private String name(Event event) {
      return switch (event) {
        case Event.Round round -> "round " + round.epoch();
        case Event.NodeLeft left -> "left " + left.executor();
        case Event.Acknowledged ack -> "ack " + ack.ack().executor() + " " + ack.ack().epoch();
      };
    }

    /** One after the other; what fails is wanted again in the next round. */
    private void perform(ArrayDeque<Effect> effects, Runnable done) {
      var next = effects.poll();
      if (next == null) {
        done.run();
        return;
      }
      Runnable then = () -> perform(effects, done);
      switch (next) {
        case Effect.LookAgain lookAgain -> {
          news();
          then.run();
        }
        case Effect.Emit emit -> {
          if (!over) {
            cluster.executors.forEach(
                each -> cluster.bus.send(node, each.node, () -> each.heard(emit.barrier())));
          }
          then.run();
        }
        case Effect.MakeWay way -> makeWay(then);
        case Effect.EpochLate late -> then.run();
        case Effect.Ended ended -> then.run();
        case Effect.Finish finish ->
            write(
                () ->
                    writes.finish(
                        finish.refreshId(), finish.snapshot(), finish.skipped().isPresent()),
                then);
        case Effect.AwaitApproval await ->
            write(() -> writes.awaitApproval(await.refreshId(), await.snapshot()), then);
        case Effect.Fail fail -> write(() -> writes.fail(fail.refreshId(), fail.error()), then);
        case Effect.Release release ->
            write(() -> writes.release(release.refreshId(), release.executor()), then);
        case Effect.Welcome welcome ->
            write(
                () -> {
                  writes.welcome(welcome.executor());
                  return true;
                },
                then);
        case Effect.CountWork count ->
            write(
                () -> {
                  writes.countWork(count.millis());
                  return true;
                },
                then);
        case Effect.CommitEpoch commit ->
            write(
                () -> {
                  writes.commitEpoch(commit.epoch());
                  return true;
                },
                then);
      }
    }

    private void write(Server.Transaction<Boolean> statement, Runnable then) {
      if (over) {
        then.run();
      } else {
        cluster.home.call(node, statement, done -> then.run(), then);
      }
    }

    private void makeWay(Runnable then) {
      var wanted =
          cluster.metas.stream()
              .anyMatch(each -> each.node != node && cluster.home.reaches(each.node));
      if (!wanted || over) {
        then.run();
        return;
      }
      cluster.trace(node, () -> "hears nobody and makes way");
      over = true;
      Runnable leave =
          () -> {
            node.after(2 * Settings.LEASE_MILLIS, SimulatedMeta.this::standBy);
            then.run();
          };
      cluster.home.call(
          node,
          () -> {
            cluster.lease.giveBack(id, number);
            return true;
          },
          done -> leave.run(),
          leave);
    }

    void command(Command command) {
      switch (command) {
        case Command.Request request ->
            cluster.home.call(
                node,
                () -> {
                  writes.request(request.table(), request.dryRun());
                  return true;
                },
                done -> round(),
                () -> {});
        case Command.Approve approve -> steer(command, approve.refreshId());
        case Command.Reject reject -> steer(command, reject.refreshId());
        case Command.Cancel cancel -> steer(command, cancel.refreshId());
        case Command.Pause pause -> steer(command, pause.refreshId());
        case Command.Resume resume -> steer(command, resume.refreshId());
      }
    }

    private void steer(Command command, long id) {
      var refresh = cluster.database.refresh(id);
      cluster.home.call(
          node,
          () -> Lifecycle.answer(command, refresh.state, refresh.paused),
          answer ->
              statement(answer, id)
                  .ifPresent(
                      statement -> cluster.home.call(node, statement, done -> round(), () -> {})),
          () -> {});
    }

    private Optional<Server.Transaction<Boolean>> statement(Lifecycle.Answer answer, long id) {
      return switch (answer) {
        case Lifecycle.Answer.Go go ->
            Optional.of(
                go.to() == RefreshState.FINISHING
                    ? () -> writes.approve(id)
                    : () -> writes.end(id, go.to()));
        case Lifecycle.Answer.Hold hold -> Optional.of(() -> writes.hold(id, hold.paused()));
        case Lifecycle.Answer.Already already -> Optional.empty();
        case Lifecycle.Answer.Refuse refuse -> Optional.empty();
      };
    }
  }

  /** Whichever comes first. */
  private static final class Once {
    private final Runnable task;
    private boolean ran;

    Once(Runnable task) {
      this.task = task;
    }

    void run() {
      run(() -> {});
    }

    void run(Runnable before) {
      if (!ran) {
        ran = true;
        before.run();
        task.run();
      }
    }
  }
}
