package io.tidemark.frontend.problem;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.util.Locale;

/**
 * An error as the body of a response.
 *
 * @param status HTTP status
 * @param extension further members
 */
public record Problem(int status, ErrorReport error, ObjectNode extension) {
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final String TYPE_PREFIX = "urn:tidemark:problem:";
  private static final int UNAVAILABLE = 503;

  /** An error with the status that its code stands for. */
  public static Problem of(ErrorReport error) {
    return of(status(error.code()), error);
  }

  /** An error of the HTTP exchange itself, which has a status of its own. */
  public static Problem of(int status, ErrorReport error) {
    return new Problem(status, error, Json.MAPPER.createObjectNode());
  }

  /** The same, with one more member. */
  public Problem with(String member, Object value) {
    var more = extension.deepCopy();
    more.set(member, Json.MAPPER.valueToTree(value));
    return new Problem(status, error, more);
  }

  /** Whether a client should try again soon. */
  public boolean retrySoon() {
    return status == UNAVAILABLE;
  }

  /**
   * The body.
   *
   * @param instance path of the request
   */
  public ObjectNode body(String instance) {
    var code = error.code();
    var words = code.name().toLowerCase(Locale.ROOT);
    var body =
        Json.MAPPER
            .createObjectNode()
            .put("type", TYPE_PREFIX + words.replace('_', '-'))
            .put(
                "title",
                Character.toUpperCase(words.charAt(0)) + words.substring(1).replace('_', ' '))
            .put("status", status)
            .put("detail", error.message())
            .put("instance", instance)
            .put("code", code.name())
            .put("category", error.category().name())
            .put("retryable", error.retryable())
            .put("hint", error.hint());
    body.setAll(extension);
    return body;
  }

  /** The one place that says which status an error has. */
  static int status(ErrorCode code) {
    return switch (code) {
      case ORIGIN_REFUSED -> 403;
      case NOT_FOUND -> 404;
      case CHANGES_GONE -> 410;
      case ALREADY_REFRESHING,
          ILLEGAL_STATE,
          ALREADY_LED,
          TARGET_CHANGED,
          TARGET_TAKEN,
          PLAN_OUTDATED,
          GUARD_TRIPPED ->
          409;
      case NO_LEADER, NO_EXECUTOR, HOME_UNREACHABLE, HOME_FAILED, STAGING_LOST -> UNAVAILABLE;
      case PROTOCOL -> 502;
      case BUG -> 500;
      case CONFIG_INVALID,
          SECRET_MISSING,
          SOURCE_TABLE_MISSING,
          KEY_MISSING,
          KEY_NULLABLE,
          KEY_TYPE_UNORDERED,
          COLUMN_MISSING,
          TYPE_INCOMPATIBLE,
          TARGET_UNSUITABLE,
          VISIBILITY_REFUSED,
          CREDENTIALS_REFUSED,
          SOURCE_UNREACHABLE,
          SOURCE_FAILED,
          SOURCE_KEY_DUPLICATE,
          SOURCE_KEY_NULL,
          SOURCE_CHANGED,
          SNAPSHOT_LOST,
          SCHEMA_CHANGED,
          ROW_MALFORMED,
          SOURCE_ORDER_BROKEN,
          ROW_REFUSED,
          TIMEOUT,
          EXECUTOR_LOST ->
          422;
    };
  }
}
