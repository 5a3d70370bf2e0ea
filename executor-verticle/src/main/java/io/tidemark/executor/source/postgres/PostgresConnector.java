package io.tidemark.executor.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.RefreshWork.Export;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.plan.RowCondition;
import io.tidemark.executor.plan.SourceTable;
import io.tidemark.executor.snapshot.SourceSnapshot.Reader;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads a table, view or query of another Postgres in the order in which its rows lie. A place in a
 * heap means something only in one snapshot, whose exported id stands in the version. What has no
 * heap is read from its beginning again where a read was cut off, in the same snapshot.
 */
public final class PostgresConnector implements Connector {
  private final TableDefinition table;
  private final PostgresSource definition;
  private final Snapshots snapshots;

  /** Connects to nothing yet. Closes the snapshots when it is closed. */
  public PostgresConnector(TableDefinition table, PostgresSource definition, Snapshots snapshots) {
    this.table = table;
    this.definition = definition;
    this.snapshots = snapshots;
  }

  @Override
  public SourceVersion look() throws SQLException {
    return look(table, definition, snapshots.first());
  }

  private static SourceVersion look(TableDefinition table, PostgresSource definition, Reader reader)
      throws SQLException {
    if (definition.query().isPresent()) {
      return lookAtQuery(definition, definition.query().get(), reader);
    }
    var source = SourceTable.of(table, definition, reader.connection());
    return new SourceVersion(
        source.columns().stream().map(PostgresConnector::column).toList(),
        source.relation().primaryKey(),
        BlockSplits.of(reader.connection(), source.relation()),
        Optional.empty(),
        spec(reader.export()));
  }

  /** A query has neither key nor places: one split. */
  private static SourceVersion lookAtQuery(PostgresSource definition, String query, Reader reader)
      throws SQLException {
    var relation = QueryColumns.relation(query);
    var whole = new Blocks(relation, false, 0, Optional.empty());
    return new SourceVersion(
        QueryColumns.of(reader.connection(), relation, definition),
        List.of(),
        List.of(new Split(0, "the query", whole.spec(), 0, 0)),
        Optional.empty(),
        spec(reader.export()));
  }

  /**
   * Whether the splits of a version hold all rows of another snapshot too: the same columns, of the
   * same heaps. How many blocks these have makes no difference, since the last range of each is
   * open.
   */
  public static boolean fits(
      SourceVersion version, TableDefinition table, PostgresSource definition, Reader other)
      throws SQLException {
    var now = look(table, definition, other);
    return now.columns().equals(version.columns()) && heaps(now).equals(heaps(version));
  }

  private static Set<String> heaps(SourceVersion version) {
    return version.splits().stream()
        .map(split -> Blocks.read(split.spec()))
        .map(blocks -> blocks.relation() + blocks.heap())
        .collect(Collectors.toSet());
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    var blocks = Blocks.read(split.spec());
    if (!blocks.heap() && position.isPresent()) {
      throw new TidemarkException(
          ErrorCode.STAGING_LOST,
          split.name() + " has no place at which a read that was cut off could go on");
    }
    var reader = snapshots.join(export(version));
    var opened = false;
    try {
      var format = format(reader.connection(), version, columns);
      if (blocks.heap()) {
        readInOrder(reader.connection());
      }
      var rows =
          PostgresReader.open(
              reader.connection(),
              split,
              blocks.heap(),
              position,
              format,
              copy(blocks, format, columns, position),
              columns.size());
      opened = true;
      return rows;
    } finally {
      if (!opened) {
        reader.connection().close();
      }
    }
  }

  @Override
  public void close() {
    snapshots.close();
  }

  /**
   * A position is a place in the heap, so rows must come as they lie there, and not by an index
   * that {@code source.where} fits. A scan by bitmap keeps the order. That no scan has workers or
   * begins where another is, {@link io.tidemark.executor.plan.Sessions} sees to; {@link
   * PostgresReader} holds that rows come so.
   */
  private static void readInOrder(Connection source) throws SQLException {
    try (var statement = source.createStatement()) {
      statement.execute(
          """
          SET LOCAL enable_seqscan = on;
          SET LOCAL enable_tidscan = on;
          SET LOCAL enable_indexscan = off;
          SET LOCAL enable_indexonlyscan = off
          """);
    }
  }

  private static String spec(Export export) {
    try {
      return Json.MAPPER.writeValueAsString(export);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The snapshot that a version is. */
  public static Export export(SourceVersion version) {
    try {
      return Json.MAPPER.readValue(version.spec(), Export.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SourceColumn column(Column column) {
    return new SourceColumn(column.name(), column.type().sql(), column.declaredNotNull(), false);
  }

  /** Binary where both sides have the very same built-in types, as they lie in the heap. */
  private static SplitReader.Format format(
      Connection source, SourceVersion version, List<WantedColumn> columns) throws SQLException {
    var types =
        version.columns().stream()
            .collect(Collectors.toMap(SourceColumn::name, SourceColumn::type));
    var catalog = new Catalog(source);
    var wanted = catalog.types(columns.stream().map(WantedColumn::type).toList());
    var own = catalog.types(columns.stream().map(it -> types.getOrDefault(it.name(), "")).toList());
    for (var i = 0; i < columns.size(); i++) {
      var from = own.get(i);
      var to = wanted.get(i);
      if (from == null || to == null || from.base().oid() != to.base().oid() || !to.binary()) {
        return SplitReader.Format.TEXT;
      }
    }
    return SplitReader.Format.BINARY;
  }

  /** A scan of the heap, or of its blocks; of another relation whatever yields its rows. */
  private String copy(
      Blocks blocks,
      SplitReader.Format format,
      List<WantedColumn> columns,
      Optional<String> position) {
    var conditions = new ArrayList<String>();
    blocks.condition(position).ifPresent(conditions::add);
    definition.where().map(RowCondition::conjunct).ifPresent(conditions::add);
    return "COPY (SELECT %s%s FROM %s%s%s) TO STDOUT (FORMAT %s)"
        .formatted(
            blocks.heap() ? "ctid, " : "",
            columns.stream()
                .map(column -> SqlName.quote(column.name()))
                .collect(Collectors.joining(", ")),
            blocks.heap() ? "ONLY " : "",
            blocks.relation(),
            conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions),
            format == SplitReader.Format.BINARY ? "binary" : "text");
  }
}
