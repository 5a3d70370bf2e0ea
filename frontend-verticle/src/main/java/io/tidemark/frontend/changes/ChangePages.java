package io.tidemark.frontend.changes;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of the change feed. The page of a refresh is its delta, table {@code
 * tidemark.delta_<id>}: {@code seq bigint} (primary key), {@code op "char"} (I, U, D), {@code row}
 * (a composite of attributes c1, c2, … in the order of the plan's columns).
 */
final class ChangePages {
  /** $1: table, $2: number after which its page begins or goes on. Index: refreshes_feed. */
  private static final String NEXT =
      """
      SELECT t.feed_after, t.incarnation, page.*
        FROM tidemark.tables t
        LEFT JOIN LATERAL (
             SELECT r.id, r.load_seq, r.feed_last, r.state = 'SUCCEEDED' AS whole
               FROM tidemark.refreshes r
              WHERE r.table_name = t.name AND r.incarnation = t.incarnation
                AND r.feed_last > $2::bigint
              ORDER BY r.feed_last
              LIMIT 1) page ON true
       WHERE t.name = $1::text
      """;

  /** Index: refreshes_feed, backwards. */
  private static final String NEWEST =
      """
      SELECT greatest(t.feed_after, t.incarnation,
                      (SELECT max(r.feed_last)
                         FROM tidemark.refreshes r
                        WHERE r.table_name = t.name AND r.feed_last IS NOT NULL)) AS newest
        FROM tidemark.tables t
       WHERE t.name = $1::text
      """;

  /** Index: refreshes' primary key. */
  private static final String SHAPE =
      """
      SELECT ARRAY(SELECT c.value ->> 'name'
                     FROM jsonb_array_elements(plan -> 'columns') WITH ORDINALITY c(value, at)
                    ORDER BY c.at) AS columns,
             jsonb_array_length(plan -> 'keyTypes') AS key_columns
        FROM tidemark.refreshes
       WHERE id = $1::bigint
      """;

  private final SqlClient home;

  ChangePages(SqlClient home) {
    this.home = home;
  }

  /**
   * What one refresh left.
   *
   * @param last number of its last change
   * @param loadSeq place of a first load, which is one entry; empty: its differences are in a page
   * @param whole whether the refresh succeeded; else its deletes were never done
   */
  record Page(long refreshId, long last, OptionalLong loadSeq, boolean whole) {}

  /**
   * Where a reader stands.
   *
   * @param gone changes after the number asked for are not kept any more
   * @param page the next one; empty: there is nothing more
   */
  record Next(boolean gone, Optional<Page> page) {}

  /** Names of a page's columns; the first {@code keyColumns} of them are the key. */
  record Shape(List<String> columns, int keyColumns) {}

  /**
   * The page with the first change after a number.
   *
   * @param after negative: the oldest that is kept
   */
  Future<Next> next(String table, long after) {
    return home.preparedQuery(NEXT)
        .execute(Tuple.of(table, after))
        .map(
            rows -> {
              if (rows.size() == 0) {
                throw new TidemarkException(ErrorCode.NOT_FOUND, "there is no table " + table);
              }
              var row = rows.iterator().next();
              // A number below the incarnation is of a table of the same name that was deleted.
              var before = after > 0 && after < row.getLong("incarnation");
              var gone = before || (after >= 0 && after < row.getLong("feed_after"));
              return new Next(gone, page(row));
            });
  }

  /** Where to go on from once all that was changed so far is known. */
  Future<Long> newest(String table) {
    return home.preparedQuery(NEWEST)
        .execute(Tuple.of(table))
        .map(rows -> rows.iterator().next().getLong("newest"));
  }

  Future<Shape> shape(Page page) {
    return home.preparedQuery(SHAPE)
        .execute(Tuple.of(page.refreshId()))
        .map(
            rows -> {
              var row = rows.iterator().next();
              return new Shape(
                  Arrays.asList(row.getArrayOfStrings("columns")), row.getInteger("key_columns"));
            });
  }

  /**
   * The next changes of a page, in order.
   *
   * @param after number of the last one seen
   * @param rows how many at most
   * @param bytes of stored rows at which a batch ends
   */
  Future<List<ChangeRow>> batch(Page page, long after, int rows, long bytes) {
    return home.preparedQuery(batch(page))
        .execute(Tuple.of(after, rows, bytes))
        .map(
            found ->
                StreamSupport.stream(found.spliterator(), false)
                    .map(
                        row ->
                            new ChangeRow(
                                row.getLong("seq"), row.getString("op"), row.getString("values")))
                    .toList());
  }

  /**
   * Index: the page's primary key. As many rows as fit into the bytes given, and one at least; a
   * row's size is known without reading what of it is stored out of line.
   */
  private static String batch(Page page) {
    return """
        SELECT seq, op::text AS op, to_json(row)::text AS values
          FROM (SELECT seq, op, row,
                       sum(pg_column_size(row)) OVER (ORDER BY seq) - pg_column_size(row) AS before
                  FROM (SELECT seq, op, row
                          FROM %s
                         WHERE seq > $1::bigint%s
                         ORDER BY seq
                         LIMIT $2::int) AS next) AS sized
         WHERE before < $3::bigint
         ORDER BY seq
        """
        .formatted(table(page), page.whole() ? "" : " AND op <> 'D'");
  }

  private static String table(Page page) {
    return SqlName.quote(HomeSchema.NAME, "delta_" + page.refreshId());
  }

  private static Optional<Page> page(Row row) {
    var id = row.getLong("id");
    return id == null
        ? Optional.empty()
        : Optional.of(
            new Page(
                id,
                row.getLong("feed_last"),
                optional(row.getLong("load_seq")),
                row.getBoolean("whole")));
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
