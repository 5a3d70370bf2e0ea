package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;

/**
 * Shows refreshes while they run, on stderr. Several at once may be shown, from several threads.
 */
public interface ProgressView {
  /** A bar for each refresh on a terminal; plain lines elsewhere. */
  static ProgressView of(Terminal terminal) {
    return terminal.interactive() ? new ProgressBars(terminal) : new ProgressLines(terminal.err());
  }

  /** How a refresh stands now. */
  void show(RefreshView view);

  /** How it ended, or at what it waits for a person: its last line, a summary. */
  void end(RefreshView view);

  /** A message that stays, such as a lost connection: above the bars. */
  void note(String message);
}
