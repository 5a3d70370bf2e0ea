package io.tidemark.executor;

import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * For tests: a connector that opens each split by a new one, as an executor does that takes over
 * from another, and says so before each batch.
 */
final class ObservedConnector implements Connector {
  private final Supplier<Connector> connectors;
  private final Observer observer;
  private final Set<Connector> open = ConcurrentHashMap.newKeySet();

  /** Hears of each batch before it is read, and may break it. */
  interface Observer {
    void batch() throws SQLException;
  }

  ObservedConnector(Supplier<Connector> connectors, Observer observer) {
    this.connectors = connectors;
    this.observer = observer;
  }

  private Connector another() {
    var connector = connectors.get();
    open.add(connector);
    return connector;
  }

  @Override
  public SourceVersion look() throws SQLException {
    return another().look();
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    return new Reader(another().open(version, split, columns, position));
  }

  @Override
  public void close() {
    open.forEach(Connector::close);
  }

  private final class Reader implements SplitReader {
    private final SplitReader reader;

    Reader(SplitReader reader) {
      this.reader = reader;
    }

    @Override
    public Format format() {
      return reader.format();
    }

    @Override
    public @Nullable RowBatch next() throws SQLException {
      observer.batch();
      return reader.next();
    }

    @Override
    public void abort() {
      reader.abort();
    }

    @Override
    public void close() {
      reader.close();
    }
  }
}
