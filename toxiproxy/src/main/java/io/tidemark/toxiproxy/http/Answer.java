package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.PopulateException;
import io.tidemark.toxiproxy.Proxy;
import io.tidemark.toxiproxy.ToxiproxyException;
import io.tidemark.toxiproxy.json.JsonText;
import java.util.List;
import java.util.Map;

/** What is sent back. */
record Answer(int status, Map<String, String> headers, String body) {
  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int NO_CONTENT = 204;
  private static final int INTERNAL = 500;

  static final String JSON = "application/json";

  static Answer json(String body) {
    return typed(OK, JSON, body);
  }

  static Answer created(String body) {
    return typed(CREATED, JSON, body);
  }

  static Answer empty() {
    return new Answer(NO_CONTENT, Map.of(), "");
  }

  static Answer typed(int status, String type, String body) {
    return new Answer(status, Map.of("Content-Type", type), body);
  }

  /** A line of text, as Go's {@code http.Error} writes it. */
  static Answer text(int status, String line) {
    return new Answer(
        status,
        Map.of("Content-Type", "text/plain; charset=utf-8", "X-Content-Type-Options", "nosniff"),
        line + "\n");
  }

  /** JSON, though its type says text: the original's way. */
  static Answer error(Throwable cause) {
    return text(status(cause), "{" + members(cause) + "}");
  }

  static Answer populateError(Throwable cause) {
    var done = cause instanceof PopulateException populate ? populate.done() : List.<Proxy>of();
    return typed(
        status(cause), JSON, "{" + members(cause) + ",\"proxies\":" + ProxyJson.list(done) + "}");
  }

  private static String members(Throwable cause) {
    return "\"error\":"
        + JsonText.quote(String.valueOf(cause.getMessage()))
        + ",\"status\":"
        + status(cause);
  }

  private static int status(Throwable cause) {
    return cause instanceof ToxiproxyException known ? known.reason().status() : INTERNAL;
  }
}
