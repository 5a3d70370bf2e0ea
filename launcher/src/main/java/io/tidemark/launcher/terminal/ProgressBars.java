package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import java.util.Map;
import java.util.TreeMap;

/**
 * A line for each running refresh, redrawn in place at the end of the screen. What ended, and what
 * is to stay, goes above them. Between two calls the cursor stands at the start of the line below
 * the bars, so that a process that dies leaves a clean screen.
 */
final class ProgressBars implements ProgressView {
  private static final String ESCAPE = "\u001b[";
  private static final String ERASE_BELOW = ESCAPE + "J";
  private static final String GREEN = ESCAPE + "32m";
  private static final String RED = ESCAPE + "31m";
  private static final String YELLOW = ESCAPE + "33m";
  private static final String CYAN = ESCAPE + "36m";
  private static final String PLAIN = ESCAPE + "0m";

  private final Terminal terminal;
  private final Map<Long, RefreshView> running = new TreeMap<>();
  private int drawn;

  ProgressBars(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public synchronized void show(RefreshView view) {
    running.put(view.id(), view);
    draw("");
  }

  @Override
  public synchronized void end(RefreshView view) {
    running.remove(view.id());
    draw(coloured(view, RefreshSummary.line(view)) + "\n");
  }

  @Override
  public synchronized void note(String message) {
    draw(Printable.lines(message) + "\n");
  }

  /** Writes in one go, so that nothing flickers. */
  private void draw(String above) {
    var size = terminal.size().get();
    int shown = Math.max(1, Math.min(running.size(), size.rows() - 2));
    var views = running.values().stream().limit(shown).toList();
    // The last cell stays free: some terminals wrap when it is written.
    var layout = new ProgressLayout(size.columns() - 1, terminal.unicode()).lines(views);
    var lines = new StringBuilder();
    for (int i = 0; i < views.size(); i++) {
      lines.append(coloured(views.get(i), layout.get(i))).append('\n');
    }
    int hidden = running.size() - shown;
    var more = hidden > 0 ? "and " + hidden + " more\n" : "";
    var up = drawn > 0 ? ESCAPE + drawn + "A" : "";
    terminal.err().print(up + "\r" + ERASE_BELOW + above + lines + more);
    terminal.err().flush();
    drawn = Math.min(shown, running.size()) + (hidden > 0 ? 1 : 0);
  }

  private String coloured(RefreshView view, String line) {
    if (!terminal.colour()) {
      return line;
    }
    var standing = Figures.standing(view);
    var colour =
        switch (view.state()) {
          case REFRESHING -> view.paused() ? YELLOW : CYAN;
          case FINISHING -> CYAN;
          case SUCCEEDED -> GREEN;
          case AWAITING_APPROVAL, CANCELLED, REJECTED -> YELLOW;
          case FAILED -> RED;
        };
    int at = line.indexOf(standing, view.table().length());
    return at < 0
        ? line
        : line.substring(0, at)
            + colour
            + standing
            + PLAIN
            + line.substring(at + standing.length());
  }
}
