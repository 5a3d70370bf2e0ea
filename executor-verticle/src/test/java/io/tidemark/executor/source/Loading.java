package io.tidemark.executor.source;

import io.tidemark.executor.source.Connector.WantedColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Loads what a connector reads into table {@code loaded} of a Postgres by COPY, as an executor
 * does, but without one. Its columns have the types that the connector names.
 */
public final class Loading {
  private final Connection home;
  public final Connector connector;
  public final SourceVersion version;
  private final List<WantedColumn> wanted;

  public Loading(Connection home, Connector connector) throws SQLException {
    this(home, connector, connector.look());
  }

  private Loading(Connection home, Connector connector, SourceVersion version) throws SQLException {
    this.home = home;
    this.connector = connector;
    this.version = version;
    this.wanted =
        version.columns().stream()
            .map(column -> new WantedColumn(column.name(), column.type()))
            .toList();
    run(
        "SET search_path = public",
        "DROP TABLE IF EXISTS loaded",
        "CREATE TABLE loaded ("
            + wanted.stream()
                .map(column -> '"' + column.name() + "\" " + column.type())
                .collect(Collectors.joining(", "))
            + ")");
  }

  /** The same version, read by another connector. */
  public Loading with(Connector other) throws SQLException {
    return new Loading(home, other, version);
  }

  public SplitReader open(int split, Optional<String> position) throws SQLException {
    return open(connector, split, position);
  }

  /** By another connector, as another executor does that goes on. */
  public SplitReader open(Connector other, int split, Optional<String> position)
      throws SQLException {
    return other.open(version, version.splits().get(split), wanted, position);
  }

  /** Appends all of all splits. */
  public Loading all() throws SQLException {
    for (var split = 0; split < version.splits().size(); split++) {
      from(split, Optional.empty());
    }
    return this;
  }

  /** Appends all of a split from a position on. */
  public void from(int split, Optional<String> position) throws SQLException {
    try (var reader = open(split, position)) {
      for (var batch = reader.next(); batch != null; batch = reader.next()) {
        append(reader, batch);
      }
    }
  }

  public void append(SplitReader reader, RowBatch batch) throws SQLException {
    var copy =
        home.unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY loaded FROM STDIN"
                    + (reader.format() == SplitReader.Format.BINARY ? " (FORMAT binary)" : ""));
    try {
      var bytes = new byte[batch.bytes().remaining()];
      batch.bytes().duplicate().get(bytes);
      copy.writeToCopy(bytes, 0, bytes.length);
      var rows = copy.endCopy();
      if (rows != batch.rows()) {
        throw new AssertionError("a batch of " + batch.rows() + " rows has " + rows);
      }
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }

  /** First column of a query. */
  public List<String> column(String query) throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery(query)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  /** The one row, column by column, as the home writes it. */
  public List<String> row() throws SQLException {
    try (var statement = home.createStatement();
        var rows = statement.executeQuery("SELECT * FROM loaded")) {
      var values = new ArrayList<String>();
      rows.next();
      for (var column = 1; column <= wanted.size(); column++) {
        values.add(rows.getString(column));
      }
      return values;
    }
  }

  public List<String> types() {
    return version.columns().stream().map(SourceColumn::type).toList();
  }

  public Set<String> names() {
    return new HashSet<>(version.columns().stream().map(SourceColumn::name).toList());
  }

  private void run(String... statements) throws SQLException {
    try (var statement = home.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }
}
