package io.tidemark.common.refresh;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Why a refresh asks a person, and what that person needs to decide.
 *
 * @param reason what tripped
 * @param message one sentence with the counts
 * @param targetRows rows of the target that were compared
 * @param sample some of the keys that would be deleted, each a JSON object by key column
 */
public record GuardReport(
    Reason reason, String message, long targetRows, RowCounts rows, List<JsonNode> sample) {
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
