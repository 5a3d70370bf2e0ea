package io.tidemark.launcher.terminal;

import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.RowCounts;
import java.time.Duration;
import java.util.Locale;

/** Numbers as a person reads them; the same in every locale. */
public final class Figures {
  private Figures() {}

  /** {@code 2,554,112}. */
  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 1 row}, {@code 2 rows}. */
  static String count(long number, String one) {
    return count(number) + " " + one + (number == 1 ? "" : "s");
  }

  /** Three digits and a unit: {@code 431k}. */
  static String rough(long number) {
    if (number < 1_000) {
      return Long.toString(number);
    } else if (number < 999_500) {
      return scaled(number / 1e3) + "k";
    } else if (number < 999_500_000) {
      return scaled(number / 1e6) + "M";
    }
    return scaled(number / 1e9) + "G";
  }

  private static String scaled(double number) {
    return String.format(Locale.ROOT, number < 9.95 ? "%.1f" : "%.0f", number);
  }

  /** {@code 51.2 %}. */
  public static String percent(double percent) {
    return String.format(Locale.ROOT, "%.1f%%", percent);
  }

  /** {@code 6s}, {@code 1m05s}, {@code 2h03m}. */
  static String seconds(long seconds) {
    if (seconds < 60) {
      return seconds + "s";
    } else if (seconds < 3_600) {
      return String.format(Locale.ROOT, "%dm%02ds", seconds / 60, seconds % 60);
    }
    return String.format(Locale.ROOT, "%dh%02dm", seconds / 3_600, seconds / 60 % 60);
  }

  /** As {@link #seconds}, with tenths where it was short. */
  static String duration(Duration duration) {
    return duration.compareTo(Duration.ofSeconds(10)) < 0
        ? String.format(Locale.ROOT, "%.1fs", duration.toMillis() / 1e3)
        : seconds(duration.toSeconds());
  }

  /** {@code +120 ~25,541 -3}: inserted, updated, deleted. */
  static String changes(RowCounts rows) {
    return "+%s ~%s -%s"
        .formatted(count(rows.inserted()), count(rows.updated()), count(rows.deleted()));
  }

  /** {@code 131/256}. */
  static String vnodes(RefreshView view) {
    return count(view.vnodes().completed()) + "/" + count(view.vnodes().total());
  }

  /**
   * What is counted now: {@code splits 3/4} while a source is loaded, then {@code VNodes 131/256}.
   */
  static String work(RefreshView view) {
    return loading(view)
        ? "splits " + count(view.splits().completed()) + "/" + count(view.splits().total())
        : "VNodes " + vnodes(view);
  }

  /** Those of {@link #work} that were complete before the last recovery. */
  static int skipped(RefreshView view) {
    return loading(view) ? view.splits().skipped() : view.vnodes().skipped();
  }

  /** VNodes are planned once all splits are loaded. */
  private static boolean loading(RefreshView view) {
    return view.splits().total() > 0 && view.vnodes().total() == 0;
  }

  /** The one word that says most: the state, or the stage while it is refreshing. */
  static String standing(RefreshView view) {
    if (view.paused() && view.state().active()) {
      return "PAUSED";
    }
    return switch (view.state()) {
      case REFRESHING ->
          switch (view.stage()) {
            case NORMAL, REFRESHING -> "REFRESHING";
            case MERGING -> "MERGING";
            case CLEANUP -> "CLEANUP";
          };
      case AWAITING_APPROVAL, FINISHING, SUCCEEDED, FAILED, CANCELLED, REJECTED ->
          view.state().name();
    };
  }
}
