package io.tidemark.executor.source.jdbc;

import io.tidemark.executor.source.TemporalText;
import java.math.BigInteger;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A value of a row as a text that Postgres reads without loss; null where it is null. What no
 * Postgres type holds, such as a date of zeros or a NUL character, is written as it is: the home
 * refuses it and says which row and column.
 */
interface Rendering {
  /**
   * Reads one value.
   *
   * @param column from 1
   */
  @Nullable String render(ResultSet rows, int column) throws SQLException;

  /** What the driver, or the database by a cast, writes as Postgres does. */
  static Rendering text() {
    return ResultSet::getString;
  }

  static Rendering number() {
    return (rows, column) -> {
      var number = rows.getBigDecimal(column);
      return number == null ? null : number.toPlainString();
    };
  }

  static Rendering bool() {
    return (rows, column) -> {
      var value = rows.getBoolean(column);
      return rows.wasNull() ? null : value ? "t" : "f";
    };
  }

  /** The shortest digits that are this double and no other. */
  static Rendering float8() {
    return (rows, column) -> {
      var value = rows.getDouble(column);
      return rows.wasNull() ? null : Double.toString(value);
    };
  }

  /** Likewise for a float of four bytes, which may come widened. */
  static Rendering float4() {
    return (rows, column) -> {
      var value = rows.getDouble(column);
      return rows.wasNull() ? null : Float.toString((float) value);
    };
  }

  static Rendering bytes() {
    return (rows, column) -> {
      var value = rows.getBytes(column);
      return value == null ? null : "\\x" + HexFormat.of().formatHex(value);
    };
  }

  /** Through a stream: not every driver gives a BLOB's bytes otherwise. */
  static Rendering blob() {
    return (rows, column) -> {
      var value = rows.getBlob(column);
      if (value == null) {
        return null;
      }
      try {
        return "\\x" + HexFormat.of().formatHex(value.getBytes(1, Math.toIntExact(value.length())));
      } finally {
        value.free();
      }
    };
  }

  /**
   * Bits that are read as an unsigned number.
   *
   * @param width how many
   */
  static Rendering bits(int width) {
    return (rows, column) -> {
      var number = rows.getString(column);
      if (number == null) {
        return null;
      }
      var digits = new BigInteger(number).toString(2);
      return "0".repeat(Math.max(0, width - digits.length())) + digits;
    };
  }

  static Rendering date() {
    return (rows, column) -> {
      var date = rows.getObject(column, LocalDate.class);
      return date == null ? null : TemporalText.of(date);
    };
  }

  static Rendering timestamp() {
    return (rows, column) -> {
      var timestamp = rows.getObject(column, LocalDateTime.class);
      return timestamp == null ? null : TemporalText.of(timestamp);
    };
  }

  static Rendering timestampZoned() {
    return (rows, column) -> {
      var instant = rows.getObject(column, OffsetDateTime.class);
      return instant == null ? null : TemporalText.of(instant);
    };
  }

  static Rendering time() {
    return (rows, column) -> {
      var time = rows.getObject(column, LocalTime.class);
      return time == null ? null : time.toString();
    };
  }

  static Rendering timeZoned() {
    return (rows, column) -> {
      var time = rows.getObject(column, OffsetTime.class);
      return time == null ? null : time.toString();
    };
  }

  /** As {@link #text}, and then something after it. */
  default Rendering followedBy(String suffix) {
    return (rows, column) -> {
      var text = render(rows, column);
      return text == null ? null : text + suffix;
    };
  }

  /** Null where the text matches. */
  default Rendering nullWhere(Pattern pattern) {
    return (rows, column) -> {
      var text = render(rows, column);
      return text == null || pattern.matcher(text).find() ? null : text;
    };
  }
}
