package io.tidemark.toxiproxy.http;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;

/**
 * The path of a request.
 *
 * @param decoded once; so a name with a slash in it is two segments
 */
record RequestPath(String decoded) {
  private static final int HEX = 16;
  private static final int ESCAPE_CHARACTERS = 3;

  /** Reads it; empty where its escapes are wrong. */
  static Optional<RequestPath> read(String raw) {
    var bytes = new ByteArrayOutputStream();
    var source = raw.getBytes(StandardCharsets.UTF_8);
    for (var i = 0; i < source.length; i++) {
      if (source[i] != '%') {
        bytes.write(source[i]);
        continue;
      }
      if (i + ESCAPE_CHARACTERS > source.length) {
        return Optional.empty();
      }
      var high = Character.digit(source[i + 1], HEX);
      var low = Character.digit(source[i + 2], HEX);
      if (high < 0 || low < 0) {
        return Optional.empty();
      }
      bytes.write(high * HEX + low);
      i += ESCAPE_CHARACTERS - 1;
    }
    return Optional.of(new RequestPath(bytes.toString(StandardCharsets.UTF_8)));
  }

  /** Between the slashes. */
  List<String> segments() {
    return List.of(decoded.substring(1).split("/", -1));
  }

  /** Whether it has no empty segments and no dots. */
  boolean isClean() {
    return decoded.equals(cleaned());
  }

  /** Where the clean one is, for a header. */
  String location() {
    try {
      return new URI(null, null, cleaned(), null).toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Without them. */
  String cleaned() {
    var kept = new ArrayDeque<String>();
    for (var segment : decoded.split("/", -1)) {
      if (segment.equals("..")) {
        kept.pollLast();
      } else if (!segment.isEmpty() && !segment.equals(".")) {
        kept.addLast(segment);
      }
    }
    var path = "/" + String.join("/", kept);
    return decoded.endsWith("/") && !path.equals("/") ? path + "/" : path;
  }
}
