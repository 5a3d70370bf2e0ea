package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.LoadReport;
import io.tidemark.common.refresh.MergeWay;
import io.tidemark.common.refresh.RefreshView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One line that says how a refresh ended, or what it waits for. */
public final class RefreshSummary {
  private RefreshSummary() {}

  /** {@code orders: refresh 17 SUCCEEDED in 6.2s: 500 rows read, +1 ~2 -3, 494 unchanged}. */
  public static String line(RefreshView view) {
    var unchanged = view.unchanged();
    return "%s: %srefresh %d %s%s: %s"
        .formatted(
            Printable.line(view.table()),
            view.dryRun() ? "dry run, " : "",
            view.id(),
            Figures.standing(view),
            took(view),
            unchanged == null
                ? String.join(", ", read(view))
                : "unchanged, " + Printable.line(unchanged.message()));
  }

  private static List<String> read(RefreshView view) {
    var parts = new ArrayList<String>();
    var rows = view.rows();
    parts.add(Figures.count(rows.read(), "row") + " read");
    if (rows.changes() == 0) {
      parts.add("no difference");
    } else {
      parts.add(Figures.count(rows.inserted()) + " inserted");
      parts.add(Figures.count(rows.updated()) + " updated");
      parts.add(Figures.count(rows.deleted()) + " deleted");
      parts.add(Figures.count(rows.unchanged()) + " unchanged");
    }
    var guard = view.guard();
    if (guard != null && guard.skipped() > 0) {
      parts.add(Figures.count(guard.skipped()) + " deletes skipped by the guard");
    }
    var left = view.loadReport();
    if (left != null) {
      parts.addAll(leftOut(left));
    }
    int splits = view.splits().total();
    if (splits > 0) {
      parts.add("splits " + Figures.count(view.splits().completed()) + "/" + Figures.count(splits));
    }
    parts.add("VNodes " + Figures.vnodes(view) + skipped(view));
    if (!view.recoveries().isEmpty()) {
      parts.add("recovered " + Figures.count(view.recoveries().size(), "time"));
    }
    if (view.snapshots() > 1) {
      parts.add(view.snapshots() + " snapshots");
    }
    var merge = view.merge();
    if (merge != null && merge.why() != null && merge.way() == MergeWay.Way.STAGED) {
      parts.add("staged (" + Printable.line(merge.why()) + ")");
    }
    return parts;
  }

  private static List<String> leftOut(LoadReport report) {
    var parts = new ArrayList<String>();
    if (report.quarantined() > 0) {
      parts.add(Figures.count(report.quarantined(), "row") + " quarantined");
    }
    if (report.nullKeys() > 0) {
      parts.add(Figures.count(report.nullKeys(), "row") + " without a key skipped");
    }
    if (report.duplicates() > 0) {
      parts.add(Figures.count(report.duplicates(), "duplicate") + " skipped");
    }
    return parts;
  }

  private static String skipped(RefreshView view) {
    int skipped = view.vnodes().skipped();
    return skipped == 0 ? "" : " (skipped " + Figures.count(skipped) + ")";
  }

  private static String took(RefreshView view) {
    var started = view.startedAt();
    var finished = view.finishedAt();
    return started == null || finished == null
        ? ""
        : " in " + Figures.duration(Duration.between(started, finished));
  }
}
