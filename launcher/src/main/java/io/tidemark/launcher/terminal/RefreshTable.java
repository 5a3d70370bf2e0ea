package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Refreshes in columns, a line each; a table that was never refreshed has a line too. */
public final class RefreshTable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private static final String NONE = "-";
  private static final String GAP = "  ";

  private enum Column {
    ID(true),
    TABLE(false),
    STATE(false),
    DONE(true),
    READ(true),
    INSERTED(true),
    UPDATED(true),
    DELETED(true),
    VNODES(true),
    STARTED(false),
    TOOK(true);

    private final boolean number;

    Column(boolean number) {
      this.number = number;
    }
  }

  private final ZoneId zone;
  private final List<List<String>> lines = new ArrayList<>();

  /** Times are shown in a zone. */
  public RefreshTable(ZoneId zone) {
    this.zone = zone;
    lines.add(List.of(Column.values()).stream().map(Column::name).toList());
  }

  /** A refresh. */
  public RefreshTable add(RefreshView view) {
    var rows = view.rows();
    lines.add(
        List.of(
            Long.toString(view.id()),
            Printable.line(view.table()),
            Figures.standing(view)
                + (view.dryRun() ? " (dry run)" : "")
                + (view.unchanged() == null ? "" : " (unchanged)"),
            Figures.percent(view.percent()),
            Figures.count(rows.read()),
            Figures.count(rows.inserted()),
            Figures.count(rows.updated()),
            Figures.count(rows.deleted()),
            Figures.vnodes(view),
            time(view.startedAt()),
            took(view)));
    return this;
  }

  /** A table without a refresh. */
  public RefreshTable addIdle(String table) {
    var line = new ArrayList<>(List.of(NONE, Printable.line(table), "IDLE"));
    while (line.size() < Column.values().length) {
      line.add(NONE);
    }
    lines.add(List.copyOf(line));
    return this;
  }

  /** The lines, each ended; columns as wide as they need to be. */
  @Override
  public String toString() {
    var columns = Column.values();
    var text = new StringBuilder();
    for (var line : lines) {
      var shown = new StringBuilder();
      for (int at = 0; at < columns.length; at++) {
        int column = at;
        int width = lines.stream().mapToInt(it -> Printable.cells(it.get(column))).max().orElse(0);
        var cell = line.get(at);
        shown
            .append(at == 0 ? "" : GAP)
            .append(
                columns[at].number ? Printable.right(cell, width) : Printable.left(cell, width));
      }
      text.append(shown.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }

  private String time(@Nullable Instant at) {
    return at == null ? NONE : TIME.format(at.atZone(zone));
  }

  private static String took(RefreshView view) {
    var started = view.startedAt();
    var finished = view.finishedAt();
    return started == null || finished == null
        ? NONE
        : Figures.duration(Duration.between(started, finished));
  }
}
