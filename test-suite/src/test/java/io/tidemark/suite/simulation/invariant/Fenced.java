package io.tidemark.suite.simulation.invariant;

import io.tidemark.suite.simulation.Cluster;
import io.tidemark.suite.simulation.home.Written;

/** A paused, partitioned or stale executor or leader that comes back writes nothing. */
final class Fenced implements Invariant {
  @Override
  public void check(Cluster cluster) {
    for (var written : cluster.database().journal) {
      switch (written) {
        case Written.Progress progress -> {
          require(
              progress.checkpoint().generation() == progress.generation(),
              () ->
                  "VNode %d of refresh %d is in generation %d; %s wrote for generation %d"
                      .formatted(
                          progress.checkpoint().vnode(),
                          progress.refresh().id,
                          progress.generation(),
                          progress.by(),
                          progress.checkpoint().generation()));
          require(
              progress.by().equals(progress.owner()),
              () ->
                  "VNode %d of refresh %d is of %s; %s wrote for it"
                      .formatted(
                          progress.checkpoint().vnode(),
                          progress.refresh().id,
                          progress.owner(),
                          progress.by()));
        }
        case Written.Led led -> {
          var lease = cluster.database().lease;
          require(
              lease.holder.equals(led.by())
                  && lease.term == led.term()
                  && lease.expiresAt > cluster.now(),
              () ->
                  "%s wrote in term %d; %s leads in term %d"
                      .formatted(led.by(), led.term(), lease.holder, lease.term));
        }
        case Written.Succeeded succeeded ->
            require(
                succeeded.by().equals(succeeded.owner()),
                () ->
                    "%s finished refresh %d, which is %s's to finish"
                        .formatted(succeeded.by(), succeeded.refresh().id, succeeded.owner()));
        case Written.Target target -> {}
        case Written.Found found -> {}
        case Written.Claimed claimed -> {}
        case Written.Began began -> {}
        case Written.Loaded loaded -> {}
        case Written.Restarted restarted -> {}
      }
    }
  }
}
