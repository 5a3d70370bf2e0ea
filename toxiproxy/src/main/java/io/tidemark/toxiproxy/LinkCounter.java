package io.tidemark.toxiproxy;

import io.tidemark.toxiproxy.engine.LinkObserver;
import io.tidemark.toxiproxy.toxic.Direction;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** Counts what passes a proxy: at once for its traffic, at the end of each link for the metrics. */
final class LinkCounter {
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong upstream = new AtomicLong();
  private final AtomicLong downstream = new AtomicLong();
  private final ProxyMetrics metrics;

  LinkCounter(ProxyMetrics metrics) {
    this.metrics = metrics;
  }

  Traffic traffic() {
    return new Traffic(connections.get(), upstream.get(), downstream.get());
  }

  /** Hears of links that carry these labels. */
  LinkObserver observe(Function<Direction, ProxyMetrics.Labels> labels) {
    return new LinkObserver() {
      @Override
      public void connected() {
        connections.incrementAndGet();
      }

      @Override
      public void passed(Direction direction, int bytes) {
        (direction == Direction.UPSTREAM ? upstream : downstream).addAndGet(bytes);
      }

      @Override
      public void receivedAll(Direction direction, long bytes) {
        metrics.addReceived(labels.apply(direction), bytes);
      }

      @Override
      public void sentAll(Direction direction, long bytes) {
        metrics.addSent(labels.apply(direction), bytes);
      }
    };
  }
}
