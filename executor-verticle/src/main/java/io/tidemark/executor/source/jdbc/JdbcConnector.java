package io.tidemark.executor.source.jdbc;

import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.JsonText;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads a table or query of another database. Each split is one SELECT in one transaction: with one
 * split, the usual case, all rows are of one moment. Where a split goes on after a loss, the rest
 * is of a later moment; {@code consistency: strict} does not go on, nor has it several splits.
 *
 * <p>Values come as text that Postgres reads without loss, see {@link Reading}.
 */
public final class JdbcConnector implements Connector {
  private final JdbcSource source;
  private final Consistency consistency;
  private final JdbcSession session;
  private final Set<JdbcSplitReader> open = ConcurrentHashMap.newKeySet();
  private volatile boolean isClosed;

  /**
   * Connects to nothing yet.
   *
   * @param source with its secrets resolved
   */
  public JdbcConnector(JdbcSource source, Consistency consistency) {
    this(source, consistency, Drivers.standard());
  }

  JdbcConnector(JdbcSource source, Consistency consistency, Drivers drivers) {
    this.source = source;
    this.consistency = consistency;
    this.session = new JdbcSession(source, drivers);
  }

  /**
   * What must be found again.
   *
   * @param types by column as the database calls it
   */
  private record Spec(Map<String, String> types) {}

  @Override
  public SourceVersion look() throws SQLException {
    if (source.splits() > 1 && consistency == Consistency.STRICT) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  "source.splits: several splits are not of one moment, as consistency: strict asks")
              .withHint("Leave one of the two out."));
    }
    try (var connection = session.open()) {
      try {
        return look(connection);
      } catch (SQLException e) {
        throw session.failure().working(connection, "the source cannot be looked at", e);
      }
    }
  }

  private SourceVersion look(Connection connection) throws SQLException {
    var relation = RelationReader.read(connection, session.dialect(), source);
    var columns = new ArrayList<SourceColumn>();
    var types = new HashMap<String, String>();
    for (var column : relation.columns()) {
      var reading = reading(column);
      columns.add(
          new SourceColumn(column.shown(), reading.type(), column.notNull(), reading.guessed()));
      types.put(column.name(), column.type());
    }
    relation.key().forEach(column -> types.put(column.name(), column.type()));
    var key =
        relation.columns().containsAll(relation.key())
            ? relation.key().stream().map(JdbcColumn::shown).toList()
            : List.<String>of();
    return new SourceVersion(
        columns, key, splits(connection, relation), Optional.empty(), JsonText.of(new Spec(types)));
  }

  private List<Split> splits(Connection connection, Relation relation) throws SQLException {
    var ranges = source.splits() == 1 ? List.of(KeyRange.ALL) : ranges(connection, relation);
    var splits = new ArrayList<Split>();
    for (var range : ranges) {
      splits.add(
          new Split(
              splits.size(),
              range.name(relation.name()),
              JsonText.of(range),
              relation.rows() / ranges.size(),
              relation.bytes() / ranges.size()));
    }
    return splits;
  }

  private List<KeyRange> ranges(Connection connection, Relation relation) throws SQLException {
    var column =
        source
            .splitColumn()
            .map(name -> RelationReader.column(relation.columns(), name, "source.split-column"))
            .or(() -> relation.key().stream().findFirst())
            .orElseThrow(
                () ->
                    badSplits(
                        "there is no primary key to split by",
                        "Name a column as source.split-column, or leave source.splits out."));
    var reading = reading(column);
    var kind =
        reading
            .key()
            .orElseThrow(
                () ->
                    badSplits(
                        column.declared() + " of column " + column.name() + " has no ranges",
                        "Name another column as source.split-column."));
    var bounds =
        new Boundaries(session, connection, relation, column, reading)
            .between(kind, source.splits());
    return KeyRange.between(column.name(), bounds);
  }

  private static TidemarkException badSplits(String message, String hint) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.CONFIG_INVALID, "source.splits: " + message).withHint(hint));
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    if (position.isPresent() && consistency == Consistency.STRICT) {
      throw changed("its rows of that moment are gone with the connection that read them");
    }
    var connection = session.open();
    JdbcSplitReader reader;
    try {
      reader = reader(connection, version, split, columns, position.map(Position::parse));
    } catch (SQLException e) {
      var what = session.failure().working(connection, split.name() + " cannot be read", e);
      JdbcSession.close(connection);
      throw what;
    } catch (RuntimeException e) {
      JdbcSession.close(connection);
      throw e;
    }
    open.add(reader);
    if (isClosed) {
      reader.abort();
    }
    return reader;
  }

  private JdbcSplitReader reader(
      Connection connection,
      SourceVersion version,
      Split split,
      List<WantedColumn> columns,
      Optional<Position> position)
      throws SQLException {
    var relation = RelationReader.read(connection, session.dialect(), source);
    // So that the rows are of the moment in which their SELECT begins.
    connection.rollback();
    var spec = JsonText.read(version.spec(), Spec.class);
    var wanted = columns.stream().map(column -> find(relation, column.name(), spec)).toList();
    return new JdbcSplitReader(
        session,
        connection,
        new SplitQuery(
            relation, wanted, JsonText.read(split.spec(), KeyRange.class), this::reading),
        split,
        source.fetchSize(),
        position,
        open::remove);
  }

  private static JdbcColumn find(Relation relation, String name, Spec spec) {
    var column =
        relation.columns().stream()
            .filter(it -> it.shown().equals(name))
            .findFirst()
            .orElseThrow(() -> changed("column " + name + " is gone"));
    if (!column.type().equals(spec.types().get(column.name()))) {
      throw changed("column " + name + " has another type now, " + column.declared());
    }
    return column;
  }

  private Reading reading(JdbcColumn column) {
    return Reading.of(column, session.dialect(), source.nullZeroDates());
  }

  static TidemarkException changed(String what) {
    return new TidemarkException(
        ErrorCode.SOURCE_CHANGED, "the source is not what it was when the refresh began: " + what);
  }

  @Override
  public void close() {
    isClosed = true;
    open.forEach(JdbcSplitReader::abort);
  }
}
