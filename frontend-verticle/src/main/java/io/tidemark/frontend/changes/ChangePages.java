package io.tidemark.frontend.changes;

import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.SqlName;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of the change feed. The page of a refresh is its delta, table {@code
 * tidemark.delta_<id>}: {@code seq bigint} (primary key), {@code op "char"} (I, U, D), {@code row}
 * (a composite of attributes c1, c2, … in the order of the plan's columns).
 */
final class ChangePages {
  /** Index: refreshes_by_table. */
  private static final String PAGES =
      """
      SELECT id, load_seq
        FROM tidemark.refreshes
       WHERE table_name = $1::text
         AND state = 'SUCCEEDED'
         AND (load_seq IS NOT NULL OR feed AND to_regclass('tidemark.delta_' || id) IS NOT NULL)
       ORDER BY id
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
   * What one successful refresh left.
   *
   * @param loadSeq place of a first load, which is one entry; empty: its differences are in a page
   */
  record Page(long refreshId, OptionalLong loadSeq) {}

  /** Names of a page's columns; the first {@code keyColumns} of them are the key. */
  record Shape(List<String> columns, int keyColumns) {}

  /** The pages of a table, oldest first. */
  Future<List<Page>> of(String table) {
    return home.preparedQuery(PAGES)
        .execute(Tuple.of(table))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(ChangePages::page).toList());
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

  /** Number of a page's last change; empty where the page is. */
  Future<OptionalLong> last(Page page) {
    if (page.loadSeq().isPresent()) {
      return Future.succeededFuture(page.loadSeq());
    }
    // Index: the page's primary key, backwards.
    return home.preparedQuery("SELECT max(seq) AS last FROM " + table(page))
        .execute()
        .map(rows -> optional(rows.iterator().next().getLong("last")));
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
                         WHERE seq > $1::bigint
                         ORDER BY seq
                         LIMIT $2::int) AS next) AS sized
         WHERE before < $3::bigint
         ORDER BY seq
        """
        .formatted(table(page));
  }

  private static String table(Page page) {
    return SqlName.quote(HomeSchema.NAME, "delta_" + page.refreshId());
  }

  private static Page page(Row row) {
    return new Page(row.getLong("id"), optional(row.getLong("load_seq")));
  }

  private static OptionalLong optional(@Nullable Long value) {
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
