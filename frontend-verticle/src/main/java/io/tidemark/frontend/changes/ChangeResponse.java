package io.tidemark.frontend.changes;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A response that streams changes, in one of two forms. The status goes out with the first. */
final class ChangeResponse implements ChangeFeed.Sink {
  /** A client that takes nothing for so long has gone. */
  private static final long SEND_PATIENCE_SECONDS = 60;

  private static final int RECONNECT_MILLIS = 2_000;

  /** How changes look on the wire. */
  enum Form {
    /** One JSON object a line. */
    NDJSON("application/x-ndjson"),
    /** One event a change; its id is the change's number. */
    EVENTS("text/event-stream");

    private final String mediaType;

    Form(String mediaType) {
      this.mediaType = mediaType;
    }
  }

  private final HttpServerResponse response;
  private final Form form;

  ChangeResponse(HttpServerResponse response, Form form) {
    this.response = response;
    this.form = form;
  }

  @Override
  public Future<Void> write(List<ChangeFeed.Change> changes) {
    var text = head();
    changes.forEach(change -> append(text, change));
    return response.write(text).timeout(SEND_PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  void end() {
    response.end(head());
  }

  private void append(Buffer text, ChangeFeed.Change change) {
    switch (form) {
      case NDJSON -> text.appendString(change.line()).appendString("\n");
      case EVENTS ->
          text.appendString("id: " + change.seq() + "\nevent: change\ndata: ")
              .appendString(change.line())
              .appendString("\n\n");
    }
  }

  /** What comes before the first change; empty afterwards. */
  private Buffer head() {
    if (response.headWritten()) {
      return Buffer.buffer();
    }
    response
        .setChunked(true)
        .putHeader(HttpHeaders.CONTENT_TYPE, form.mediaType)
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT);
    return form == Form.EVENTS
        ? Buffer.buffer("retry: " + RECONNECT_MILLIS + "\n\n")
        : Buffer.buffer();
  }
}
