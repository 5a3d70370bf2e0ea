package io.tidemark.frontend.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Sends what a future brings, or fails the request with why it does not. */
final class Answer {
  /** Longer than any request over the bus: only a home that keeps silent exceeds it. */
  private static final long PATIENCE_SECONDS = 40;

  private Answer() {}

  /** A body and the status it goes with. */
  record Reply(int status, Object body) {}

  /** 200 and the value as JSON. */
  static void json(RoutingContext request, Future<?> value) {
    reply(request, value.map(body -> new Reply(200, body)));
  }

  /** A status and a value as JSON. */
  static void reply(RoutingContext request, Future<Reply> reply) {
    bounded(reply)
        .onFailure(request::fail)
        .onSuccess(
            it ->
                request
                    .response()
                    .setStatusCode(it.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(encode(it.body())));
  }

  /** The same future, but failed where it takes too long. */
  static <T> Future<T> bounded(Future<T> future) {
    return future.timeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  /** What was found. */
  static <T> T found(Optional<T> found, String what) {
    return found.orElseThrow(
        () -> new TidemarkException(ErrorCode.NOT_FOUND, "there is no " + what));
  }

  private static Buffer encode(Object body) {
    try {
      return Buffer.buffer(Json.MAPPER.writeValueAsBytes(body));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
