package io.tidemark.suite.simulation;

import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.BarrierAck;
import io.tidemark.executor.core.ExecutorEffect;
import io.tidemark.executor.core.ExecutorEvent;
import io.tidemark.executor.core.ExecutorProtocol;
import io.tidemark.executor.core.ExecutorState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The shell around {@link ExecutorProtocol}: models {@code ExecutorVerticle}. */
final class SimulatedExecutor {
  /** The real one looks more often; that costs only events here. */
  private static final long LOOK_MILLIS = 60;

  final Node node;
  private final Cluster cluster;
  private final Map<Long, SimulatedMaterialize> running = new TreeMap<>();
  private ExecutorState state = ExecutorState.begin();
  private long epoch;

  SimulatedExecutor(Cluster cluster, Node node) {
    this.cluster = cluster;
    this.node = node;
  }

  /** A new process, which knows nothing. */
  void begin() {
    running.clear();
    state = ExecutorState.begin();
    epoch = 0;
  }

  long epoch() {
    return epoch;
  }

  Map<Long, SimulatedMaterialize> running() {
    return running;
  }

  void heard(Barrier barrier) {
    handle(new ExecutorEvent.Heard(node.nanos(), barrier));
  }

  void changed(long refreshId) {
    handle(new ExecutorEvent.Changed(refreshId));
  }

  void left(long refreshId) {
    running.remove(refreshId);
    handle(new ExecutorEvent.Left(refreshId));
  }

  /** The node goes down in order. */
  void stop() {
    handle(new ExecutorEvent.Stop());
  }

  private void handle(ExecutorEvent event) {
    cluster.trace(node, () -> "heard " + event);
    var step = ExecutorProtocol.handle(state, event);
    state = step.state();
    step.effects().forEach(this::perform);
  }

  private void perform(ExecutorEffect effect) {
    switch (effect) {
      case ExecutorEffect.Advance advance -> epoch = Math.max(epoch, advance.epoch());
      case ExecutorEffect.Begin begin ->
          running.put(
              begin.refreshId(),
              new SimulatedMaterialize(cluster, this, cluster.database.refresh(begin.refreshId())));
      case ExecutorEffect.Direct direct -> {
        var known = running.get(direct.refreshId());
        if (known != null) {
          known.direct(direct.directive());
        }
      }
      case ExecutorEffect.Look look ->
          node.after(
              look.afterMillis() == 0 ? 0 : LOOK_MILLIS,
              () ->
                  handle(
                      new ExecutorEvent.Looked(
                          node.nanos(), look.epoch(), hasAnswered(look.epoch()))));
      case ExecutorEffect.AwaitDurable await -> awaitDurable(await);
      case ExecutorEffect.Answer answer -> answer(answer.term(), answer.epoch());
      case ExecutorEffect.TellLeader tell -> cluster.tellLeader(node, SimulatedMeta::news);
    }
  }

  private boolean hasAnswered(long barrier) {
    return running.values().stream().allMatch(each -> each.hasAnswered(barrier));
  }

  private void awaitDurable(ExecutorEffect.AwaitDurable await) {
    var left = new int[] {running.size() + 1};
    Runnable one =
        () -> {
          if (--left[0] == 0) {
            handle(new ExecutorEvent.Durable(await.term(), await.epoch()));
          }
        };
    List.copyOf(running.values()).forEach(each -> each.writer().written(one));
    one.run();
  }

  private void answer(long term, long answered) {
    var reports = running.values().stream().map(SimulatedMaterialize::report).toList();
    var ack = new BarrierAck(term, answered, node.id(), reports);
    cluster.tellLeader(node, leader -> leader.acknowledged(ack));
  }
}
