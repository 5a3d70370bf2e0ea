package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.ToxiproxyException;
import io.tidemark.toxiproxy.http.Routes.Request;
import io.tidemark.toxiproxy.http.Routes.Route;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests: finds the route, reads the body, answers. Neither the type of a body nor what a
 * client accepts is looked at.
 */
final class RequestHandler implements Handler<HttpServerRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

  private static final int MAX_BODY_BYTES = 16 * 1024 * 1024;
  private static final int REQUEST_ID_CHARACTERS = 20;
  private static final String REQUEST_ID_ALPHABET = "0123456789abcdefghijklmnopqrstuv";

  private static final int MOVED = 301;
  private static final int BAD_REQUEST = 400;
  private static final int FORBIDDEN = 403;
  private static final int NOT_FOUND = 404;
  private static final int WRONG_METHOD = 405;

  private final Routes routes;

  RequestHandler(Routes routes) {
    this.routes = routes;
  }

  @Override
  public void handle(HttpServerRequest request) {
    var path = RequestPath.read(String.valueOf(request.path()));
    if (path.isEmpty()) {
      send(request, Answer.typed(BAD_REQUEST, "text/plain; charset=utf-8", "400 Bad Request"));
    } else if (!path.get().isClean()) {
      var query = Optional.ofNullable(request.query()).map(text -> "?" + text).orElse("");
      send(request, new Answer(MOVED, Map.of("Location", path.get().location() + query), ""));
    } else {
      route(request, path.get());
    }
  }

  private void route(HttpServerRequest request, RequestPath path) {
    var method = request.method().name();
    var known = false;
    for (var route : routes.all()) {
      var names = route.names(path.segments());
      known |= names.isPresent();
      if (names.isPresent() && route.takes(method)) {
        request.response().putHeader("X-Toxiproxy-Request-Id", requestId());
        if (isBrowser(request)) {
          send(request, Answer.text(FORBIDDEN, "User agent not allowed"));
        } else {
          run(request, route, body -> new Request(names.get(), body));
        }
        return;
      }
    }
    send(
        request,
        known
            ? new Answer(WRONG_METHOD, Map.of(), "")
            : Answer.text(NOT_FOUND, "404 page not found"));
  }

  private static void run(
      HttpServerRequest request, Route route, Function<Buffer, Request> reading) {
    body(request)
        .compose(body -> route.action().apply(reading.apply(body)))
        .recover(cause -> Future.succeededFuture(Answer.error(cause)))
        .onSuccess(answer -> send(request, answer));
  }

  /** A guard against pages that make a browser send requests here. */
  private static boolean isBrowser(HttpServerRequest request) {
    var agent = request.getHeader("User-Agent");
    return agent != null && agent.startsWith("Mozilla/");
  }

  private static Future<Buffer> body(HttpServerRequest request) {
    Promise<Buffer> read = Promise.promise();
    var body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() <= MAX_BODY_BYTES) {
            body.appendBuffer(part);
          } else {
            read.tryFail(ToxiproxyException.badBody("http: request body too large"));
          }
        });
    request.endHandler(ended -> read.tryComplete(body));
    request.exceptionHandler(read::tryFail);
    return read.future();
  }

  private static void send(HttpServerRequest request, Answer answer) {
    var response = request.response();
    if (response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(answer.status());
    answer.headers().forEach(response::putHeader);
    response.putHeader(
        "Date",
        DateTimeFormatter.RFC_1123_DATE_TIME.format(
            ZonedDateTime.now(Clock.system(ZoneOffset.UTC))));
    LOG.atDebug()
        .addKeyValue("client", request.remoteAddress())
        .addKeyValue("method", request.method())
        .addKeyValue("uri", request.uri())
        .addKeyValue("status", answer.status())
        .log("answered");
    response
        .end(answer.body())
        .onFailure(gone -> LOG.debug("a client did not wait for its answer", gone));
  }

  private static String requestId() {
    return ThreadLocalRandom.current()
        .ints(REQUEST_ID_CHARACTERS, 0, REQUEST_ID_ALPHABET.length())
        .collect(
            StringBuilder::new,
            (id, at) -> id.append(REQUEST_ID_ALPHABET.charAt(at)),
            StringBuilder::append)
        .toString();
  }
}
