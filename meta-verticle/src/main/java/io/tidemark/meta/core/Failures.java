package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck.Report;
import io.tidemark.common.error.ErrorReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What executors have given up on, by refresh: found in one pass over all reports. */
record Failures(Map<Long, List<Report>> reports) {
  static Failures in(Roll roll) {
    var found = new HashMap<Long, List<Report>>();
    roll.entries()
        .forEach(
            (executor, entry) -> {
              for (var report : entry.ack().refreshes()) {
                if (report.failure() != null) {
                  found.computeIfAbsent(report.refreshId(), none -> new ArrayList<>()).add(report);
                }
              }
            });
    return new Failures(found);
  }

  /** That of an earlier attempt does not count any more. */
  Optional<ErrorReport> of(long refreshId, int attempt) {
    return reports.getOrDefault(refreshId, List.of()).stream()
        .filter(report -> report.attempt() == attempt)
        .map(Report::failure)
        .findFirst();
  }
}
