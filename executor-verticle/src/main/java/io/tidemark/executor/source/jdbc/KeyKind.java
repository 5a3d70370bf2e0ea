package io.tidemark.executor.source.jdbc;

import io.tidemark.executor.source.TemporalText;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.UUID;

/**
 * How a value that was read goes back into a comparison with its own column, so that the database
 * finds the same row. Types that have none cannot bound a split, nor say where one goes on: floats,
 * and ENUM, which MariaDB sorts by number and compares by name.
 */
enum KeyKind {
  /** As a number of any size: a text beside an integer MySQL would compare as floats. */
  NUMBER,
  TEXT,
  /** An instant of MySQL's family, in a session whose zone is UTC. */
  UTC_TEXT,
  BYTES,
  UUID_VALUE,
  DATE,
  TIMESTAMP,
  TIMESTAMP_ZONED;

  /** Postgres's offset after an instant that a session in UTC wrote. */
  static final String UTC = "+00";

  /**
   * Sets a parameter.
   *
   * @param text the value as it was rendered
   */
  void bind(PreparedStatement statement, int parameter, String text) throws SQLException {
    switch (this) {
      case NUMBER -> statement.setBigDecimal(parameter, new BigDecimal(text));
      case TEXT -> statement.setString(parameter, text);
      case UTC_TEXT ->
          statement.setString(parameter, text.substring(0, text.length() - UTC.length()));
      case BYTES -> statement.setBytes(parameter, HexFormat.of().parseHex(text, 2, text.length()));
      case UUID_VALUE -> statement.setObject(parameter, UUID.fromString(text));
      case DATE -> statement.setObject(parameter, TemporalText.parseDate(text));
      case TIMESTAMP -> statement.setObject(parameter, TemporalText.parseTimestamp(text));
      case TIMESTAMP_ZONED -> statement.setObject(parameter, TemporalText.parseZoned(text));
    }
  }
}
