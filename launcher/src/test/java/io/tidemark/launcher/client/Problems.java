package io.tidemark.launcher.client;

/** Bodies of problem+json. */
final class Problems {
  static final String NOT_FOUND =
      """
      {"type": "urn:tidemark:problem:not-found", "title": "Not found", "status": 404,
       "detail": "there is no such thing", "code": "NOT_FOUND", "category": "CONFLICT",
       "retryable": false, "hint": "List what exists with `tidemark status`."}
      """;

  static final String ALREADY =
      """
      {"status": 409, "detail": "orders is already refreshing (id 16)",
       "code": "ALREADY_REFRESHING", "category": "CONFLICT", "retryable": true,
       "hint": "Wait for it.", "refreshId": 16}
      """;

  static final String TWO_WRONG =
      """
      {"status": 422, "detail": "request: table orders: key: is missing", "code": "KEY_MISSING",
       "category": "CONFIG", "retryable": false, "hint": "Name the key.",
       "problems": [
         {"code": "KEY_MISSING", "category": "CONFIG", "retryable": false,
          "message": "request: table orders: key: is missing", "hint": "Name the key."},
         {"code": "COLUMN_MISSING", "category": "CONFIG", "retryable": false,
          "message": "request: table orders: target: lacks note", "hint": "Add the column."}]}
      """;

  static final String NO_LEADER =
      """
      {"status": 503, "detail": "no meta leads", "code": "NO_LEADER", "category": "CONFLICT",
       "retryable": true, "hint": "Try again in a few seconds."}
      """;

  private Problems() {}
}
