package io.tidemark.meta.core;

import io.tidemark.common.bus.BarrierAck.Report;
import io.tidemark.common.bus.BarrierAck.Work;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What executors have given up on, or try again, by refresh: found in one pass over all reports.
 */
record Failures(Map<Long, List<Said>> all) {
  /** What an executor said of one refresh. */
  private record Said(String executor, Report report) {
    ErrorReport why() {
      return Objects.requireNonNull(report.failure());
    }

    boolean gaveUp() {
      return report.work() == Work.FAILED;
    }

    /** It may be alone with that. */
    boolean isOfItsLink() {
      return why().code() == ErrorCode.SOURCE_UNREACHABLE || isCutFromHome();
    }

    boolean isCutFromHome() {
      return why().code() == ErrorCode.HOME_UNREACHABLE;
    }
  }

  static Failures in(Roll roll) {
    var found = new HashMap<Long, List<Said>>();
    roll.entries()
        .forEach(
            (executor, entry) -> {
              for (var report : entry.ack().refreshes()) {
                if (report.failure() != null) {
                  found
                      .computeIfAbsent(report.refreshId(), none -> new ArrayList<>())
                      .add(new Said(executor, report));
                }
              }
            });
    return new Failures(found);
  }

  /**
   * Why a refresh cannot go on: somebody gave up on it, and not only because of a link that others
   * have.
   */
  Optional<ErrorReport> of(RefreshRow refresh, SharedMap<Boolean> live) {
    var gaveUp = said(refresh).filter(Said::gaveUp).toList();
    var alone = gaveUp.stream().filter(it -> live.has(it.executor())).count();
    var othersGoOn = refresh.planned() && live.size() > alone;
    return gaveUp.stream()
        .filter(it -> !(othersGoOn && it.isOfItsLink()))
        .map(Said::why)
        .findFirst();
  }

  /**
   * Those that own something of a refresh and cannot work on it, nor give it back: the home does
   * not hear them, or they gave up. That they try again without the source is theirs alone.
   */
  Stream<String> cutOff(RefreshRow refresh) {
    return said(refresh)
        .filter(Said::isOfItsLink)
        .filter(it -> it.isCutFromHome() || it.gaveUp())
        .map(Said::executor);
  }

  /** What was said of an earlier attempt does not count any more. */
  private Stream<Said> said(RefreshRow refresh) {
    return all.getOrDefault(refresh.id(), List.of()).stream()
        .filter(it -> it.report().attempt() == refresh.attempt());
  }
}
