package io.tidemark.toxiproxy.harness;

import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Toxic;
import java.util.OptionalLong;

/** A proxy that stands between a node and something else. Its commands block until they hold. */
interface Line {
  /** Where it listens. */
  int port();

  /** Closes all connections and refuses new ones. */
  void cut();

  /** Takes connections again, without toxics. */
  void heal();

  /** Puts a toxic on a stream, in place of one of the same kind. */
  void put(Direction stream, Toxic toxic);

  /** Bytes that have passed to clients; empty where the server does not tell. */
  OptionalLong downstreamBytes();

  void close();
}
