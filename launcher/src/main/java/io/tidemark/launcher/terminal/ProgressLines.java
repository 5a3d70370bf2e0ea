package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Plain lines for logs and pipes: at most one a second for each refresh, and each new state. */
final class ProgressLines implements ProgressView {
  private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** The last line of a refresh: when, and what it said of state or stage. */
  private record Last(long nanos, String standing, double percent) {}

  private final PrintStream err;
  private final LongSupplier nanos;
  private final Map<Long, Last> last = new HashMap<>();

  ProgressLines(PrintStream err) {
    this(err, System::nanoTime);
  }

  ProgressLines(PrintStream err, LongSupplier nanos) {
    this.err = err;
    this.nanos = nanos;
  }

  @Override
  public synchronized void show(RefreshView view) {
    var now = new Last(nanos.getAsLong(), Figures.standing(view), view.percent());
    if (due(last.get(view.id()), now)) {
      last.put(view.id(), now);
      err.println(line(view));
    }
  }

  @Override
  public synchronized void end(RefreshView view) {
    last.remove(view.id());
    err.println(RefreshSummary.line(view));
  }

  @Override
  public synchronized void note(String message) {
    err.println(Printable.lines(message));
  }

  private static boolean due(@Nullable Last before, Last now) {
    return before == null
        || !Objects.equals(before.standing(), now.standing())
        || (now.nanos() - before.nanos() >= INTERVAL_NANOS && now.percent() != before.percent());
  }

  private static String line(RefreshView view) {
    var eta = view.etaSeconds();
    return "%s: refresh %d %s %s, %s rows/s%s, %s (skipped %s), %s"
        .formatted(
            Printable.line(view.table()),
            view.id(),
            Figures.standing(view),
            Figures.percent(view.percent()),
            Figures.count(view.rowsPerSecond()),
            eta == null ? "" : ", ETA " + Figures.seconds(eta),
            Figures.work(view),
            Figures.count(Figures.skipped(view)),
            Figures.changes(view.rows()));
  }
}
