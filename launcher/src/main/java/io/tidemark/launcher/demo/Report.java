package io.tidemark.launcher.demo;

import io.tidemark.common.refresh.RefreshView;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What each step read, wrote and took. */
final class Report {
  private static final String ROW = "%-34s %10s %9s %9s %8s %10s %9s %8s%n";

  private final List<Line> lines = new ArrayList<>();

  private record Line(String step, RefreshView view, long millis) {}

  void add(String step, RefreshView view, long millis) {
    lines.add(new Line(step, view, millis));
  }

  void print(PrintStream out) {
    out.printf(
        Locale.ROOT,
        ROW,
        "step",
        "read",
        "inserted",
        "updated",
        "deleted",
        "unchanged",
        "skipped",
        "seconds");
    for (var line : lines) {
      var rows = line.view().rows();
      out.printf(
          Locale.ROOT,
          ROW,
          line.step(),
          rows.read(),
          rows.inserted(),
          rows.updated(),
          rows.deleted(),
          rows.unchanged(),
          line.view().vnodes().skipped() + "/" + line.view().vnodes().total(),
          "%.1f".formatted(line.millis() / 1_000.0));
    }
    out.println("(rows; skipped: VNodes that were complete and were not read again)");
  }
}
