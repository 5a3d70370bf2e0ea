package io.tidemark.launcher.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshView;
import java.util.ArrayList;
import java.util.List;

/** Why a refresh waits for a person, and what that person can do. */
public final class GuardText {
  private static final int SAMPLE_MAX = 10;
  private static final int KEY_CELLS_MAX = 200;

  private GuardText() {}

  /**
   * The report, several lines, each ended.
   *
   * @param options what the commands that it names need besides the id, such as {@code --server
   *     URL}; "" where nothing
   */
  public static String of(RefreshView view, GuardReport guard, String options) {
    var after = view.id() + (options.isEmpty() ? "" : " " + options);
    return of(view, guard, "tidemark approve " + after, "tidemark reject " + after);
  }

  /**
   * The report, several lines, each ended.
   *
   * @param approve the command that applies it
   * @param reject the command that discards it
   */
  public static String of(RefreshView view, GuardReport guard, String approve, String reject) {
    var lines = new ArrayList<String>();
    lines.add(title(view, guard));
    lines.add("  " + Printable.line(guard.message()));
    var rows = guard.rows();
    lines.add(
        "  %s would be inserted, %s updated, %s deleted; the target has %s"
            .formatted(
                Figures.count(rows.inserted()),
                Figures.count(rows.updated()),
                Figures.count(rows.deleted()),
                Figures.count(guard.targetRows(), "row")));
    sample(guard.sample(), rows.deleted(), lines);
    lines.add("Next: `" + approve + "` applies it,");
    lines.add("      `" + reject + "` discards it.");
    return String.join("\n", lines) + "\n";
  }

  private static String title(RefreshView view, GuardReport guard) {
    var table = Printable.line(view.table());
    return switch (guard.reason()) {
      case DELETE_RATIO -> table + ": waits for approval, too many rows would be deleted";
      case SOURCE_EMPTY -> table + ": waits for approval, the source is empty";
      case DRY_RUN -> table + ": dry run, nothing is applied yet";
    };
  }

  private static void sample(List<JsonNode> keys, long deleted, List<String> lines) {
    if (keys.isEmpty()) {
      return;
    }
    lines.add("  Some of the keys that would be deleted:");
    keys.stream()
        .limit(SAMPLE_MAX)
        .forEach(
            key ->
                lines.add("    " + Printable.cut(Printable.line(key.toString()), KEY_CELLS_MAX)));
    long more = deleted - Math.min(SAMPLE_MAX, keys.size());
    if (more > 0) {
      lines.add("    and " + Figures.count(more) + " more");
    }
  }
}
