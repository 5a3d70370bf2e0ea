package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * A refresh in one line of a given width: table, stage, bar, percent, speed, time left, VNodes,
 * changes. Where the width is too small, the least important go first and the bar shrinks.
 *
 * @param width cells it may fill
 * @param nameWidth cells of the table's name, so that several lines stand in columns
 */
record ProgressLine(int width, int nameWidth, boolean unicode) {
  private static final int STANDING = "REFRESHING".length();
  private static final int BAR_MIN = 8;
  private static final int BAR_MAX = 30;
  private static final String GAP = "  ";

  /** A part of the line; the lowest rank is the last to go. */
  private record Part(int rank, String text) {}

  String of(RefreshView view) {
    var name = Printable.left(Printable.cut(Printable.line(view.table()), nameWidth), nameWidth);
    var parts = new ArrayList<>(parts(view, name));
    parts.sort(Comparator.comparingInt(Part::rank));
    var kept = new ArrayList<Part>();
    int used = BAR_MIN;
    for (var part : parts) {
      used += GAP.length() + Printable.cells(part.text());
      if (used > width && part.rank() > 2) {
        break;
      }
      kept.add(part);
    }
    int taken = kept.stream().mapToInt(part -> Printable.cells(part.text()) + GAP.length()).sum();
    int bar = Math.min(BAR_MAX, width - taken);
    var texts = parts(view, name).stream().filter(kept::contains).map(Part::text).toList();
    var line = new ArrayList<>(texts);
    if (bar >= BAR_MIN) {
      line.add(2, bar(view.percent(), bar));
    }
    return Printable.cut(String.join(GAP, line), width);
  }

  private static List<Part> parts(RefreshView view, String name) {
    var parts = new ArrayList<Part>();
    parts.add(new Part(0, name));
    parts.add(new Part(1, Printable.left(Figures.standing(view), STANDING)));
    parts.add(new Part(2, Printable.right(Figures.percent(view.percent()), 6)));
    parts.add(new Part(5, Printable.right(Figures.rough(view.rowsPerSecond()), 4) + " rows/s"));
    var eta = view.etaSeconds();
    parts.add(new Part(3, Printable.left("ETA " + (eta == null ? "-" : Figures.seconds(eta)), 9)));
    int skipped = view.vnodes().skipped();
    parts.add(
        new Part(
            4,
            "VNodes "
                + Figures.vnodes(view)
                + (skipped == 0 ? "" : " (skipped " + Figures.count(skipped) + ")")));
    parts.add(new Part(6, Figures.changes(view.rows())));
    return parts;
  }

  private String bar(double percent, int width) {
    int inside = width - 2;
    int full = (int) Math.floor(Math.max(0, Math.min(100, percent)) / 100 * inside);
    return String.format(
        Locale.ROOT,
        "[%s%s]",
        (unicode ? "█" : "#").repeat(full),
        (unicode ? "░" : "-").repeat(inside - full));
  }
}
