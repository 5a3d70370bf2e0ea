package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Refreshes, one line each, in columns of a common width: table, stage, bar, percent, speed, time
 * left, splits or VNodes, changes. Where the width is too small, the least important go first and
 * the bar shrinks.
 *
 * @param width cells that a line may fill
 */
record ProgressLayout(int width, boolean unicode) {
  private static final int NAME_MAX = 24;
  private static final int STANDING = "REFRESHING".length();
  private static final int BAR_MIN = 8;
  private static final int BAR_MAX = 30;
  private static final String GAP = "  ";

  /** As they stand in the line. */
  private enum Column {
    NAME,
    STANDING,
    BAR,
    PERCENT,
    SPEED,
    TIME_LEFT,
    WORK,
    CHANGES
  }

  /** Without these a line says nothing. */
  private static final Set<Column> ALWAYS =
      EnumSet.of(Column.NAME, Column.STANDING, Column.PERCENT);

  /** The others, the most important first. */
  private static final List<Column> AS_FITS =
      List.of(Column.TIME_LEFT, Column.WORK, Column.SPEED, Column.CHANGES);

  /** A line for each. */
  List<String> lines(List<RefreshView> views) {
    var widths = new EnumMap<Column, Integer>(Column.class);
    for (var column : Column.values()) {
      widths.put(
          column, views.stream().mapToInt(it -> Printable.cells(text(column, it))).max().orElse(0));
    }
    var shown = EnumSet.copyOf(ALWAYS);
    for (var column : AS_FITS) {
      shown.add(column);
      if (taken(shown, widths) + BAR_MIN > width) {
        shown.remove(column);
        break;
      }
    }
    int bar = Math.min(BAR_MAX, width - taken(shown, widths));
    if (bar >= BAR_MIN) {
      shown.add(Column.BAR);
      widths.put(Column.BAR, bar);
    }
    return views.stream().map(view -> line(view, shown, widths)).toList();
  }

  /** Cells of the columns, each with the gap that follows it. */
  private static int taken(Set<Column> columns, Map<Column, Integer> widths) {
    return columns.stream().mapToInt(it -> widths.getOrDefault(it, 0) + GAP.length()).sum();
  }

  private String line(RefreshView view, Set<Column> shown, Map<Column, Integer> widths) {
    var cells = new ArrayList<String>();
    for (var column : shown) {
      int cellWidth = widths.getOrDefault(column, 0);
      cells.add(
          column == Column.BAR
              ? bar(view.percent(), cellWidth)
              : Printable.left(text(column, view), cellWidth));
    }
    return Printable.cut(String.join(GAP, cells).stripTrailing(), width);
  }

  /** What a column says; the bar is drawn when its width is known. */
  private static String text(Column column, RefreshView view) {
    return switch (column) {
      case NAME -> Printable.cut(Printable.line(view.table()), NAME_MAX);
      case STANDING -> Printable.left(Figures.standing(view), STANDING);
      case BAR -> "";
      case PERCENT -> Printable.right(Figures.percent(view.percent()), 6);
      case SPEED -> Printable.right(Figures.rough(view.rowsPerSecond()), 4) + " rows/s";
      case TIME_LEFT -> timeLeft(view);
      case WORK -> work(view);
      case CHANGES -> Figures.changes(view.rows());
    };
  }

  private static String timeLeft(RefreshView view) {
    var seconds = view.etaSeconds();
    return Printable.left("ETA " + (seconds == null ? "-" : Figures.seconds(seconds)), 9);
  }

  private static String work(RefreshView view) {
    int skipped = Figures.skipped(view);
    return Figures.work(view) + (skipped == 0 ? "" : " (skipped " + Figures.count(skipped) + ")");
  }

  private String bar(double percent, int cells) {
    int inside = cells - 2;
    int full = (int) Math.floor(Math.max(0, Math.min(100, percent)) / 100 * inside);
    return "["
        + (unicode ? "█" : "#").repeat(full)
        + (unicode ? "░" : "-").repeat(inside - full)
        + "]";
  }
}
