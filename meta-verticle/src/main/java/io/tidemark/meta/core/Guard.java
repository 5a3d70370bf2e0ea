package io.tidemark.meta.core;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.refresh.GuardReport.Reason;
import io.tidemark.common.refresh.RowCounts;
import java.util.Locale;
import java.util.Optional;

/**
 * Looks at what a refresh would delete, once all of its VNodes are merged; before that, no count of
 * deletes is worth anything.
 */
public final class Guard {
  private Guard() {}

  /** Why a refresh must not delete without being asked. */
  public record Trip(Reason reason, String message) {}

  /** Empty: the guard is content. */
  public static Optional<Trip> look(GuardPolicy policy, RowCounts rows) {
    var deleted = rows.deleted();
    var target = rows.targetRows();
    if (rows.read() == 0 && deleted > 0) {
      return Optional.of(
          new Trip(
              Reason.SOURCE_EMPTY,
              "the source is empty: all %d rows of the target would be deleted"
                  .formatted(deleted)));
    }
    if (deleted > GuardPolicy.MIN_DELETES && deleted > policy.maxDeleteRatio() * target) {
      return Optional.of(
          new Trip(
              Reason.DELETE_RATIO,
              String.format(
                  Locale.ROOT,
                  "%d of the target's %d rows (%.1f %%) would be deleted, more than"
                      + " guard.max-delete-ratio %s allows",
                  deleted,
                  target,
                  100.0 * deleted / target,
                  policy.maxDeleteRatio())));
    }
    return Optional.empty();
  }

  /** What a dry run found. */
  static Trip dryRun(RowCounts rows) {
    return new Trip(
        Reason.DRY_RUN,
        "dry run: %d rows to insert, %d to update, %d to delete; nothing is applied before it is approved"
            .formatted(rows.inserted(), rows.updated(), rows.deleted()));
  }
}
