package io.tidemark.executor.lane;

import io.tidemark.executor.merge.RowBlocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one thread waits for at the moment. Marking costs two plain stores; {@link SilenceWatch}
 * looks from another thread.
 */
final class ServerWait {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWait.class);

  /** Looks in a row in which the server did not show that it works for us. */
  private static final int STRIKES = 2;

  private static final VarHandle TURN;
  private static final VarHandle PEER;

  static {
    try {
      var lookup = MethodHandles.lookup();
      TURN = lookup.findVarHandle(ServerWait.class, "turn", long.class);
      PEER = lookup.findVarHandle(ServerWait.class, "peer", Peer.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private long turn;
  private @Nullable Peer peer;
  private boolean reading;

  /** Of the watching thread alone. */
  private long seen;

  private int strikes;

  /** Something that talks to a server. */
  @FunctionalInterface
  interface Talk<T> {
    T run() throws SQLException;
  }

  <T> T during(Peer with, Talk<T> talk) throws SQLException {
    begin(with, false);
    try {
      return talk.run();
    } finally {
      end();
    }
  }

  /** Marks each read. */
  RowBlocks watch(Peer from, RowBlocks blocks) {
    return () -> {
      begin(from, true);
      try {
        return blocks.next();
      } finally {
        end();
      }
    };
  }

  private void begin(Peer with, boolean read) {
    reading = read;
    TURN.setRelease(this, turn + 1);
    PEER.setRelease(this, with);
  }

  private void end() {
    PEER.setRelease(this, null);
  }

  /** Cuts the connection where the thread has waited since the last look, and in vain. */
  void look(Probes probes) {
    var now = (long) TURN.getAcquire(this);
    var waited = (@Nullable Peer) PEER.getAcquire(this);
    if (waited == null || now != seen) {
      seen = now;
      strikes = 0;
      return;
    }
    if (probes.works(waited, reading)) {
      strikes = 0;
    } else if (++strikes >= STRIKES && now == (long) TURN.getAcquire(this)) {
      LOG.atWarn()
          .addKeyValue("server", waited.address())
          .addKeyValue("process", waited.process())
          .log("silent, and not at work: connection cut");
      waited.abort();
      strikes = 0;
    }
  }
}
