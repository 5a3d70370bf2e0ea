package io.tidemark.toxiproxy.engine;

/** An address that cannot be read, resolved, or listened on. */
public final class AddressException extends Exception {
  /** Says what is wrong, in Go's words. */
  AddressException(String message) {
    super(message);
  }
}
