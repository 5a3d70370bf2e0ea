package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Chunk;

/** Where chunks go next: another toxic, or the socket at the end. */
interface Receiver {
  /** Whether another chunk should be given to it now. */
  boolean hasRoom();

  /** Takes a chunk. Without room it takes it too, which must stay the exception. */
  void accept(Chunk chunk);

  /** No chunk will come any more. */
  void end();
}
