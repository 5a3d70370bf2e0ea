package io.tidemark.executor.source;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.Locale;

/**
 * Dates and times as Postgres reads and Java reads back: ISO 8601, with BC where a year is before 1
 * and no sign where it has more than four digits. Never through a JVM's own time zone.
 */
public final class TemporalText {
  private static final String BC = " BC";
  private static final int MAX_PLAIN_YEAR = 9999;

  private TemporalText() {}

  public static String of(LocalDate date) {
    return of(date.getYear(), date.toString());
  }

  public static String of(LocalDateTime timestamp) {
    return of(timestamp.getYear(), timestamp.toString());
  }

  public static String of(OffsetDateTime instant) {
    return of(instant.getYear(), instant.toString());
  }

  public static LocalDate parseDate(String text) {
    return LocalDate.parse(iso(text));
  }

  public static LocalDateTime parseTimestamp(String text) {
    return LocalDateTime.parse(iso(text));
  }

  public static OffsetDateTime parseZoned(String text) {
    return OffsetDateTime.parse(iso(text));
  }

  private static String of(int year, String iso) {
    var rest = iso.substring(iso.indexOf('-', 1));
    return year > 0
        ? digits(year) + rest
        // Java counts a year 0, which is 1 BC.
        : digits(1 - year) + rest + BC;
  }

  private static String iso(String text) {
    var isBc = text.endsWith(BC);
    var plain = isBc ? text.substring(0, text.length() - BC.length()) : text;
    var end = plain.indexOf('-');
    var written = Integer.parseInt(plain.substring(0, end));
    var year = isBc ? 1 - written : written;
    var sign = year < 0 ? "-" : year > MAX_PLAIN_YEAR ? "+" : "";
    return sign + digits(Math.abs(year)) + plain.substring(end).replace(' ', 'T');
  }

  private static String digits(int year) {
    return String.format(Locale.ROOT, "%04d", year);
  }
}
