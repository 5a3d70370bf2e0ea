package io.tidemark.executor.source.jdbc;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What JDBC does not say about a database: how its driver streams, and what a session needs. */
enum Dialect {
  /** Its driver streams with any fetch size, and holds that many rows. */
  MARIADB("jdbc:mariadb:"),
  /** Its driver holds all rows of a result unless it is told {@link Integer#MIN_VALUE}. */
  MYSQL("jdbc:mysql:"),
  /** Its driver holds all rows unless autocommit is off. */
  POSTGRES("jdbc:postgresql:"),
  H2("jdbc:h2:"),
  STANDARD("jdbc:");

  /** A reader may wait for the home: as long as this the server lets it. */
  private static final int WRITE_TIMEOUT_SECONDS = 3_600;

  private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
  private static final int CONNECT_TIMEOUT_SECONDS = 10;

  private final String prefix;

  Dialect(String prefix) {
    this.prefix = prefix;
  }

  static Dialect of(String url) {
    for (var dialect : values()) {
      if (url.startsWith(dialect.prefix)) {
        return dialect;
      }
    }
    return STANDARD;
  }

  /** Whether it is one of the family that MySQL founded. */
  boolean isMySql() {
    return this == MARIADB || this == MYSQL;
  }

  /** Options of the driver that count where the URL does not set them. */
  Map<String, String> options() {
    return switch (this) {
      case MARIADB ->
          Map.of(
              "connectTimeout", Integer.toString(CONNECT_TIMEOUT_MILLIS), "tinyInt1isBit", "false");
      case MYSQL ->
          Map.of(
              "connectTimeout", Integer.toString(CONNECT_TIMEOUT_MILLIS),
              "connectionTimeZone", "UTC",
              "tinyInt1isBit", "false");
      case POSTGRES -> Map.of("connectTimeout", Integer.toString(CONNECT_TIMEOUT_SECONDS));
      case H2, STANDARD -> Map.of();
    };
  }

  /** Statements that begin a session: instants are read in UTC, whatever zone the server keeps. */
  List<String> session() {
    return switch (this) {
      case MARIADB, MYSQL ->
          List.of(
              "SET SESSION time_zone = '+00:00'",
              "SET SESSION net_write_timeout = " + WRITE_TIMEOUT_SECONDS);
      case POSTGRES -> List.of("SET TIME ZONE 'UTC'");
      case H2, STANDARD -> List.of();
    };
  }

  /**
   * What to ask the driver for.
   *
   * @param rows how many it may hold
   */
  int fetchSize(int rows) {
    return this == MYSQL ? Integer.MIN_VALUE : rows;
  }

  /**
   * A query for about how many rows and bytes a table holds, with parameters schema (of MySQL's
   * family: database) and table. None of them reads the table.
   */
  Optional<String> sizeQuery() {
    return switch (this) {
      case MARIADB, MYSQL ->
          Optional.of(
              """
              SELECT table_rows, data_length FROM information_schema.tables
              WHERE table_schema = ? AND table_name = ?
              """);
      case POSTGRES ->
          Optional.of(
              """
              SELECT greatest(c.reltuples, 0)::bigint, pg_relation_size(c.oid)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE n.nspname = ? AND c.relname = ?
              """);
      case H2 ->
          Optional.of(
              """
              SELECT row_count_estimate, 0 FROM information_schema.tables
              WHERE table_schema = ? AND table_name = ?
              """);
      case STANDARD -> Optional.empty();
    };
  }
}
