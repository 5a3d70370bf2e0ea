package io.tidemark.executor.lane;

import io.tidemark.executor.merge.RowBlocks;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one thread waits for at the moment. Marking costs two plain stores; {@link SilenceWatch}
 * looks from another thread. A Postgres is asked whether it works; what cannot be asked may be
 * silent up to a {@link #LIMIT}.
 */
final class ServerWait {
  private static final Logger LOG = LoggerFactory.getLogger(ServerWait.class);

  /** So long may a source that cannot be asked say nothing: no row, no end, no error. */
  static final Duration LIMIT = Duration.ofMinutes(15);

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

  private final Duration limit;
  private volatile @Nullable Limited limited;

  ServerWait() {
    this(LIMIT);
  }

  /**
   * With another bound.
   *
   * @param limit for {@link #limited}
   */
  ServerWait(Duration limit) {
    this.limit = limit;
  }

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

  /**
   * Talks to something that cannot be asked whether it works.
   *
   * @param abort ends the talk, from another thread, where interrupting this one does not
   * @throws SQLException of a lost connection, where it took longer than the limit
   */
  <T> T limited(Runnable abort, Talk<T> talk) throws SQLException {
    var wait = new Limited(System.nanoTime(), Thread.currentThread(), abort);
    limited = wait;
    try {
      var said = talk.run();
      if (wait.end()) {
        // What came of a read that was aborted may be less than all.
        throw silent(null);
      }
      return said;
    } catch (SQLException | RuntimeException e) {
      if (wait.end()) {
        throw silent(e);
      }
      throw e;
    } finally {
      limited = null;
      wait.end();
    }
  }

  private SQLException silent(@Nullable Exception cause) {
    return new SQLException("silent for more than " + limit.toSeconds() + " s", "08006", cause);
  }

  /** One talk under a limit. */
  private static final class Limited {
    private final long since;
    private final Thread thread;
    private final Runnable abort;
    private boolean ended;
    private boolean cut;

    Limited(long since, Thread thread, Runnable abort) {
      this.since = since;
      this.thread = thread;
      this.abort = abort;
    }

    /** Whether it was cut. The interrupt is not left for what the thread does next. */
    synchronized boolean end() {
      if (cut && !ended) {
        Thread.interrupted();
      }
      ended = true;
      return cut;
    }

    synchronized boolean cut() {
      if (ended || cut) {
        return false;
      }
      cut = true;
      try {
        abort.run();
      } catch (RuntimeException e) {
        LOG.atWarn().setCause(e).log("a silent read could not be aborted");
      }
      thread.interrupt();
      return true;
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
    var bounded = limited;
    if (bounded != null && System.nanoTime() - bounded.since > limit.toNanos() && bounded.cut()) {
      LOG.atWarn().addKeyValue("seconds", limit.toSeconds()).log("source silent: read cut");
    }
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
