package io.tidemark.executor.plan;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes sessions of different servers alike, so that equal values have equal text and casts give
 * equal results, whatever a database, role or server has set. Call it on a fresh connection, before
 * its first transaction: settings made in a transaction end with it where it rolls back.
 */
public final class Sessions {
  /**
   * How long to wait for a lock, in milliseconds: something else is writing DDL. Also the bound on
   * waits for readers of a target that gets its name.
   */
  static final int LOCK_TIMEOUT_MILLIS = 30_000;

  /** Sets what this server knows and leaves out what only other versions know. */
  private static final String SET =
      """
      SELECT set_config(s.name, w.value, false)
      FROM unnest(?::text[], ?::text[]) AS w(name, value) JOIN pg_settings s ON s.name = w.name
      WHERE s.setting IS DISTINCT FROM w.value
      """;

  private static final Map<String, String> COMMON = common();

  private Sessions() {}

  /**
   * For reading a source: its transactions are read-only and see one snapshot. Row-level security
   * is an error rather than rows that silently lack, which would look like deletes.
   */
  public static void configureSource(Connection connection) throws SQLException {
    var settings = new LinkedHashMap<>(COMMON);
    settings.put("default_transaction_isolation", "repeatable read");
    settings.put("default_transaction_read_only", "on");
    set(connection, settings);
  }

  /** For reading and writing the home. */
  public static void configureHome(Connection connection) throws SQLException {
    var settings = new LinkedHashMap<>(COMMON);
    settings.put("default_transaction_isolation", "read committed");
    settings.put("default_transaction_read_only", "off");
    set(connection, settings);
  }

  private static void set(Connection connection, Map<String, String> settings) throws SQLException {
    try (var statement = connection.prepareStatement(SET)) {
      statement.setArray(1, connection.createArrayOf("text", settings.keySet().toArray()));
      statement.setArray(2, connection.createArrayOf("text", settings.values().toArray()));
      statement.execute();
    }
  }

  private static Map<String, String> common() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("search_path", "pg_catalog");
    settings.put("client_encoding", "UTF8");
    settings.put("DateStyle", "ISO, MDY");
    settings.put("TimeZone", "UTC");
    settings.put("IntervalStyle", "postgres");
    settings.put("extra_float_digits", "3");
    settings.put("bytea_output", "hex");
    settings.put("xmlbinary", "base64");
    settings.put("xmloption", "content");
    settings.put("lc_monetary", "C");
    settings.put("array_nulls", "on");
    settings.put("quote_all_identifiers", "off");
    settings.put("transform_null_equals", "off");
    settings.put("row_security", "off");
    settings.put("statement_timeout", "0");
    settings.put("idle_in_transaction_session_timeout", "0");
    settings.put("idle_session_timeout", "0");
    settings.put("transaction_timeout", "0");
    settings.put("lock_timeout", String.valueOf(LOCK_TIMEOUT_MILLIS));
    settings.put("jit", "off");
    settings.put("max_parallel_workers_per_gather", "0");
    settings.put("synchronize_seqscans", "off");
    return settings;
  }
}
