package io.tidemark.executor.source.postgres;

import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot that nobody writes down: this process holds it by a connection of its own, the keeper,
 * from the first time that it is joined.
 */
public final class HeldSnapshot implements Snapshots {
  private final TableDefinition table;
  private final PostgresAddress source;
  private final ReentrantLock opening = new ReentrantLock();
  private @Nullable Reader keeper;

  public HeldSnapshot(TableDefinition table, PostgresAddress source) {
    this.table = table;
    this.source = source;
  }

  @Override
  public Reader first() throws SQLException {
    opening.lock();
    try {
      var reader = SourceSnapshot.first(source, table, name("keeper"));
      keeper = reader;
      return reader;
    } finally {
      opening.unlock();
    }
  }

  @Override
  public Reader join(Export export) throws SQLException {
    opening.lock();
    try {
      var held = keeper;
      if (held == null || !held.connection().isValid(1)) {
        held = imported("keeper", export);
        keeper = held;
      }
      return imported("split", held.export());
    } finally {
      opening.unlock();
    }
  }

  private Reader imported(String role, Export export) throws SQLException {
    return SourceSnapshot.in(source, table, name(role), export)
        .orElseThrow(
            () ->
                new TidemarkException(
                    ErrorCode.SOURCE_CHANGED,
                    "the snapshot of the source that was read is lost: nobody holds it any more"));
  }

  private String name(String role) {
    return "tidemark " + table.name() + " " + role;
  }

  @Override
  public void close() {
    opening.lock();
    try {
      var held = keeper;
      keeper = null;
      if (held != null) {
        held.connection().abort(Runnable::run);
      }
    } catch (SQLException e) {
      // It was gone already.
    } finally {
      opening.unlock();
    }
  }
}
