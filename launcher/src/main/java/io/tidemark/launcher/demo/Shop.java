package io.tidemark.launcher.demo;

import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;

/** The demo's source: a shop's orders, as a shop's own database would hold them. */
final class Shop implements AutoCloseable {
  /** Of a hundred rows, about this many change in one edit. */
  private static final int ROWS_A_CHANGE = 100;

  /** A bijection on the numbers below a million million, so that ids have gaps like real ones. */
  private static final String CREATE =
      """
      CREATE TABLE public.orders (
        id          bigint PRIMARY KEY,
        customer_id int NOT NULL,
        status      text NOT NULL,
        currency    char(3) NOT NULL,
        total       numeric(12,2) NOT NULL,
        items       jsonb NOT NULL,
        note        text,
        placed_at   timestamptz NOT NULL,
        updated_at  timestamptz NOT NULL
      )
      """;

  private static String fill(long rows) {
    return """
      INSERT INTO public.orders
      SELECT 1000000 + 3 * i + i %% 2,
             (hashint8(i) & 1048575) %% 40000,
             (ARRAY['placed','paid','packed','shipped','delivered'])[1 + (hashint8(i * 7) & 1023) %% 5],
             (ARRAY['EUR','USD','CHF','GBP'])[1 + (hashint8(i * 13) & 1023) %% 4],
             ((hashint8(i * 3) & 8388607) %% 90000 + 500) / 100.0,
             jsonb_build_array(jsonb_build_object(
               'sku', 'SKU-' || (hashint8(i * 5) & 1048575) %% 9000, 'quantity', 1 + i %% 3)),
             CASE WHEN i %% 11 = 0 THEN 'Gift, please wrap.' END,
             timestamptz '2025-01-01 00:00:00Z' + i * interval '37 seconds',
             timestamptz '2025-01-01 00:00:00Z' + i * interval '37 seconds' + interval '2 hours'
        FROM generate_series(1, %d) AS i
      """
        .formatted(rows);
  }

  /** About one row in a hundred: seven of ten updated, two inserted, one deleted. */
  private static String update(int edit) {
    return """
      UPDATE public.orders
         SET status = 'returned', updated_at = updated_at + interval '1 day'
       WHERE abs(hashint8(id + %1$d)::bigint) %% %2$d = 0 AND abs(hashint8(id)::bigint) %% 10 < 7
      """
        .formatted(edit, ROWS_A_CHANGE);
  }

  private static String delete(int edit) {
    return """
      DELETE FROM public.orders
       WHERE abs(hashint8(id + %1$d)::bigint) %% %2$d = 0 AND abs(hashint8(id)::bigint) %% 10 = 7
      """
        .formatted(edit, ROWS_A_CHANGE);
  }

  private static String insert(int edit) {
    return """
      INSERT INTO public.orders
      SELECT id + 1 - id %% 2, customer_id, 'placed', currency, total, items, note,
             placed_at + interval '1 minute', updated_at + interval '1 minute'
        FROM public.orders
       WHERE abs(hashint8(id + %1$d)::bigint) %% %2$d = 0 AND abs(hashint8(id)::bigint) %% 10 > 7
      ON CONFLICT DO NOTHING
      """
        .formatted(edit, ROWS_A_CHANGE);
  }

  private final Connection connection;

  Shop(PostgresAddress address) throws SQLException {
    connection = address.connect("tidemark demo");
  }

  void open(long rows) throws SQLException {
    execute(CREATE);
    execute(fill(rows));
    execute("ANALYZE public.orders");
  }

  /**
   * Changes about one row in a hundred.
   *
   * @param edit number of the edit: each picks other rows
   * @return rows changed
   */
  long edit(int edit) throws SQLException {
    return execute(update(edit)) + execute(delete(edit)) + execute(insert(edit));
  }

  private long execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      return statement.executeLargeUpdate(sql);
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
