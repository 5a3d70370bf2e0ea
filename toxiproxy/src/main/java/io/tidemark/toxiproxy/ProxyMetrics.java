package io.tidemark.toxiproxy;

import io.tidemark.toxiproxy.toxic.Direction;
import java.util.Comparator;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;

/** Bytes of all links that have ended, for {@code /metrics}. From any thread. */
public final class ProxyMetrics {
  /** What bytes are counted by. */
  public record Labels(Direction direction, String listener, String proxy, String upstream) {
    private static final Comparator<Labels> ORDER =
        Comparator.comparing((Labels it) -> it.direction().text())
            .thenComparing(Labels::listener)
            .thenComparing(Labels::proxy)
            .thenComparing(Labels::upstream);
  }

  private final Map<Labels, LongAdder> received = new ConcurrentHashMap<>();
  private final Map<Labels, LongAdder> sent = new ConcurrentHashMap<>();

  ProxyMetrics() {}

  /** Bytes that senders have sent. */
  public SortedMap<Labels, Long> received() {
    return sorted(received);
  }

  /** Bytes that were passed on. */
  public SortedMap<Labels, Long> sent() {
    return sorted(sent);
  }

  void addReceived(Labels labels, long bytes) {
    received.computeIfAbsent(labels, first -> new LongAdder()).add(bytes);
  }

  void addSent(Labels labels, long bytes) {
    sent.computeIfAbsent(labels, first -> new LongAdder()).add(bytes);
  }

  private static SortedMap<Labels, Long> sorted(Map<Labels, LongAdder> counters) {
    return counters.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> entry.getValue().sum(),
                Long::sum,
                () -> new TreeMap<>(Labels.ORDER)));
  }
}
