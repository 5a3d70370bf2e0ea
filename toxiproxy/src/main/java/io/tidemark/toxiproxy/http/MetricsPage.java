package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.ProxyMetrics;
import io.tidemark.toxiproxy.ProxyMetrics.Labels;
import java.util.SortedMap;

/** {@code /metrics}. */
final class MetricsPage {
  static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private static final String ERRORS = "promhttp_metric_handler_errors_total";
  private static final String RECEIVED = "toxiproxy_proxy_received_bytes_total";
  private static final String SENT = "toxiproxy_proxy_sent_bytes_total";

  private final ProxyMetrics metrics;
  private final ServerSettings settings;

  MetricsPage(ProxyMetrics metrics, ServerSettings settings) {
    this.metrics = metrics;
    this.settings = settings;
  }

  String text() {
    var page = new Exposition();
    if (settings.runtimeMetrics()) {
      RuntimeMetrics.write(page);
    }
    page.family(ERRORS, "counter", "Total number of internal errors encountered by the handler.")
        .value(ERRORS, Exposition.labels("cause", "encoding"), 0)
        .value(ERRORS, Exposition.labels("cause", "gathering"), 0);
    if (settings.proxyMetrics()) {
      write(page, RECEIVED, "Bytes received by links that have ended.", metrics.received());
      write(page, SENT, "Bytes sent by links that have ended.", metrics.sent());
    }
    return page.toString();
  }

  private static void write(
      Exposition page, String name, String help, SortedMap<Labels, Long> counters) {
    if (counters.isEmpty()) {
      return;
    }
    page.family(name, "counter", help);
    counters.forEach(
        (labels, bytes) ->
            page.value(
                name,
                Exposition.labels(
                    "direction", labels.direction().text(),
                    "listener", labels.listener(),
                    "proxy", labels.proxy(),
                    "upstream", labels.upstream()),
                bytes));
  }
}
