package io.tidemark.executor.snapshot;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.common.home.SqlName;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.executor.plan.Connections;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The source snapshot that all lanes of all executors read. Every connection that imports it
 * exports it again and writes that down, so that it outlives its first holder; one connection, the
 * keeper, does nothing else. When nobody holds it any more a new one is taken, its number is one
 * higher, and the refresh records that; under {@code consistency: strict} all VNodes then start
 * again, but not for ever.
 *
 * <p>Thread-safe: lanes open their connections through it.
 */
public final class SourceSnapshot implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SourceSnapshot.class);

  /** A source that loses one after the other would have the refresh begin again and again. */
  private static final int MAX_RESTARTS = 10;

  private final RefreshWork work;
  private final long refreshId;
  private final String executor;
  private final PostgresAddress source;
  private final PostgresAddress home;
  private final Consistency consistency;
  private final Optional<String> relation;
  private final Restart restart;
  private final ReentrantLock opening = new ReentrantLock();

  private @Nullable Connection keeper;
  private volatile int number;

  public SourceSnapshot(
      long refreshId,
      String executor,
      PostgresAddress source,
      PostgresAddress home,
      TableDefinition definition,
      Consistency consistency,
      Restart restart) {
    this.refreshId = refreshId;
    this.executor = executor;
    this.source = source;
    this.home = home;
    this.consistency = consistency;
    this.relation = relation(definition);
    this.restart = restart;
    this.work = new RefreshWork(refreshId);
  }

  /**
   * Starts all again that was read in the lost snapshot, and discards what was found there, in the
   * caller's transaction. Whatever it throws leaves all as it was, and no new snapshot is taken.
   */
  @FunctionalInterface
  public interface Restart {
    /**
     * @param fresh a connection in the new snapshot
     */
    void from(Connection home, Reader fresh) throws SQLException;
  }

  /**
   * A connection inside a snapshot.
   *
   * @param number of the snapshot
   * @param export by which others import it while this connection's transaction lasts
   * @param process of the server that serves it
   */
  public record Reader(Connection connection, int number, Export export, int process) {}

  /** Opens a connection in a new snapshot, for whoever plans. */
  public static Reader first(PostgresAddress source, TableDefinition definition, String name)
      throws SQLException {
    return new SnapshotConnection(source, name, relation(definition)).open(Optional.empty(), 1);
  }

  /** Opens a connection in a snapshot; empty where nobody holds that any more. */
  public static Optional<Reader> in(
      PostgresAddress source, TableDefinition definition, String name, Export export)
      throws SQLException {
    return new SnapshotConnection(source, name, relation(definition)).tryOpen(export, 1);
  }

  /** Empty where it is a query, or has no name of a table there: planning says so. */
  private static Optional<String> relation(TableDefinition definition) {
    return switch (definition.source()) {
      case PostgresSource postgres -> {
        try {
          yield postgres.table().map(name -> QualifiedName.parse(name).quoted());
        } catch (TidemarkException notAName) {
          yield Optional.empty();
        }
      }
      case StagedSource staged -> throw new IllegalStateException("staged");
    };
  }

  /** Where it is. */
  public PostgresAddress source() {
    return source;
  }

  /** Takes over the planner's connection as the keeper. */
  public void keep(Reader reader) {
    keeper = reader.connection();
    number = reader.number();
  }

  /** Number of the snapshot that was opened last; 0 before the first. */
  public int number() {
    return number;
  }

  /**
   * Opens a connection inside the refresh's snapshot, or in a new one where that is lost.
   *
   * @param lane names the connection at the source
   * @throws SQLException where source or home cannot be reached; trying again is safe
   * @throws TidemarkException SNAPSHOT_LOST where it was lost too often for all to start again, and
   *     what the restart throws
   */
  public Reader open(String lane) throws SQLException {
    opening.lock();
    try (var control = Connections.home(home, "tidemark snapshot " + refreshId)) {
      if (keeper == null || !keeper.isValid(1)) {
        closeKeeper();
        keeper = join(control, "keeper").connection();
      }
      return join(control, lane);
    } finally {
      opening.unlock();
    }
  }

  @Override
  public void close() {
    opening.lock();
    try {
      closeKeeper();
    } finally {
      opening.unlock();
    }
  }

  private Reader join(Connection control, String name) throws SQLException {
    var connections =
        new SnapshotConnection(source, "tidemark " + refreshId + " " + name, relation);
    while (true) {
      var current = work.snapshot(control);
      for (var export : work.exports(control, current)) {
        var reader = connections.tryOpen(export, current);
        if (reader.isPresent()) {
          number = current;
          work.exported(control, current, holder(name), reader.get().export());
          return reader.get();
        }
      }
      var reader = connections.open(Optional.empty(), current + 1);
      var moved = false;
      try {
        moved = moveOn(control, current, holder(name), reader);
      } finally {
        // Where the commit is in doubt others may import it for a moment, and then find it gone.
        if (!moved) {
          reader.connection().close();
        }
      }
      if (moved) {
        number = current + 1;
        return reader;
      }
      if (work.snapshot(control) == current) {
        throw new SQLException("refresh " + refreshId + " is not active any more", "57014");
      }
    }
  }

  private boolean moveOn(Connection control, int lost, String holder, Reader fresh)
      throws SQLException {
    control.setAutoCommit(false);
    try {
      if (!work.nextSnapshot(control, lost)) {
        control.rollback();
        return false;
      }
      work.exported(control, lost + 1, holder, fresh.export());
      var strict = consistency == Consistency.STRICT;
      if (strict) {
        requireRestartsLeft(control);
        restart.from(control, fresh);
      }
      work.recovered(control, RecoveryCause.SNAPSHOT_LOST, executor, strict);
      control.commit();
      // Never opened here before: whoever held it has ended, and this executor goes on for it.
      LOG.atLevel(number == 0 ? Level.INFO : Level.WARN)
          .addKeyValue("refresh", refreshId)
          .addKeyValue("snapshot", lost + 1)
          .addKeyValue("restarted", strict)
          .log("source snapshot lost, a new one is taken");
      return true;
    } catch (SQLException | RuntimeException | Error e) {
      // Before auto-commit is on again, which would commit half of it.
      control.rollback();
      throw e;
    } finally {
      control.setAutoCommit(true);
    }
  }

  private void requireRestartsLeft(Connection control) throws SQLException {
    if (work.snapshotsLost(control) >= MAX_RESTARTS) {
      throw new TidemarkException(
          ErrorCode.SNAPSHOT_LOST,
          "the source has lost the snapshot that was read "
              + MAX_RESTARTS
              + " times and now again, and each time all had to be read from the start");
    }
  }

  private String holder(String name) {
    return executor + "/" + name;
  }

  private void closeKeeper() {
    var connection = keeper;
    keeper = null;
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException e) {
        LOG.atDebug().addKeyValue("refresh", refreshId).log("keeper was gone already");
      }
    }
  }

  /** The literal that SET TRANSACTION SNAPSHOT wants. */
  static String literal(String snapshotId) {
    return SqlName.literal(snapshotId);
  }
}
