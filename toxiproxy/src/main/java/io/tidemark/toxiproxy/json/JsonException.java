package io.tidemark.toxiproxy.json;

/** JSON that cannot be read, or is not what was expected. The message is that of Go's decoder. */
public final class JsonException extends Exception {
  JsonException(String message) {
    super(message);
  }
}
