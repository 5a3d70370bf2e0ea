package io.tidemark.common.refresh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Why a refresh asks a person, and what that person needs to decide; or which deletes it skipped.
 *
 * @param reason what tripped
 * @param message one sentence with the counts
 * @param targetRows rows of the target that were compared
 * @param sample some of the keys that would be deleted, each a JSON object by key column
 * @param skipped rows that would have been deleted and stay, by {@code guard.on-trip: skip-deletes}
 */
public record GuardReport(
    Reason reason,
    String message,
    long targetRows,
    RowCounts rows,
    List<JsonNode> sample,
    long skipped) {
  public GuardReport {
    sample = List.copyOf(sample);
  }

  /** What tripped. */
  public enum Reason {
    /** More deletes than guard.max-delete-ratio allows. */
    DELETE_RATIO,
    /** The source has no row and the target has some. */
    SOURCE_EMPTY,
    /** Nothing tripped: a dry run always stops here. */
    DRY_RUN
  }
}
