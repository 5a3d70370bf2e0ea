package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Direction;

/** Hears what passes through the connections of a proxy. */
public interface LinkObserver {
  /** A client has been connected with the server. */
  void connected();

  /** Bytes were handed to the receiver's socket. */
  void passed(Direction direction, int bytes);

  /** The sender has ended; so many bytes came from it. */
  void receivedAll(Direction direction, long bytes);

  /** The receiver was given all there was; so many bytes went to it. */
  void sentAll(Direction direction, long bytes);
}
