package io.tidemark.launcher.terminal;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshView;
import java.util.ArrayList;

/** An error as a person reads it: what failed, where, what is safe, what to do. */
public final class ErrorText {
  private ErrorText() {}

  /** An error outside of a refresh; several lines, each ended. */
  public static String of(ErrorReport error) {
    return "tidemark: " + Printable.lines(error.message()) + "\n" + hint(error);
  }

  /** Why a refresh failed; several lines, each ended. */
  public static String of(RefreshView view, ErrorReport error) {
    return Printable.line(view.table())
        + ": "
        + Printable.lines(error.message())
        + "\n"
        + where(error)
        + safe(view, error)
        + hint(error);
  }

  private static String where(ErrorReport error) {
    var places = new ArrayList<String>();
    if (error.stage() != null) {
      places.add("stage " + error.stage());
    }
    if (error.vnode() != null) {
      places.add("VNode " + error.vnode());
    }
    if (error.position() != null) {
      places.add("after key " + Printable.line(String.join(", ", error.position())));
    }
    return places.isEmpty() ? "" : "  Where: " + String.join(", ", places) + "\n";
  }

  private static String safe(RefreshView view, ErrorReport error) {
    var vnodes = view.vnodes();
    var what =
        switch (view.visibility()) {
          case ATOMIC -> "the target is untouched";
          case PROGRESSIVE -> "inserts and updates found so far are applied, deletes are not";
        };
    return "  Safe: "
        + what
        + (error.retryable() && vnodes.total() > 0
            ? "; %s of %s VNodes are merged and will be skipped"
                .formatted(Figures.count(vnodes.completed()), Figures.count(vnodes.total()))
            : "")
        + "\n";
  }

  private static String hint(ErrorReport error) {
    return error.hint().isEmpty() ? "" : "  Next: " + Printable.lines(error.hint()) + "\n";
  }
}
