package io.tidemark.executor.merge;

import io.tidemark.executor.plan.KeyType;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HexFormat;
import java.util.UUID;

/** A key value's binary form as the text that Postgres prints under DateStyle ISO, TimeZone UTC. */
final class KeyText {
  private static final LocalDate POSTGRES_EPOCH = LocalDate.of(2000, 1, 1);
  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private KeyText() {}

  static String of(KeyType type, byte[] bytes, int offset, int length) {
    return switch (type) {
      case INT2 -> Short.toString(BinaryRow.int16(bytes, offset));
      case INT4 -> Integer.toString(BinaryRow.int32(bytes, offset));
      case INT8 -> Long.toString(BinaryRow.int64(bytes, offset));
      case UUID ->
          new UUID(BinaryRow.int64(bytes, offset), BinaryRow.int64(bytes, offset + Long.BYTES))
              .toString();
      case DATE -> date(BinaryRow.int32(bytes, offset));
      case TIMESTAMP -> timestamp(BinaryRow.int64(bytes, offset), "");
      case TIMESTAMPTZ -> timestamp(BinaryRow.int64(bytes, offset), "+00");
      case BYTEA -> "\\x" + HexFormat.of().formatHex(bytes, offset, offset + length);
      case TEXT -> new String(bytes, offset, length, StandardCharsets.UTF_8);
      case HOME_ORDERED -> throw new IllegalStateException("only the home writes it");
    };
  }

  private static String date(int days) {
    return switch (days) {
      case Integer.MAX_VALUE -> "infinity";
      case Integer.MIN_VALUE -> "-infinity";
      default -> {
        var date = POSTGRES_EPOCH.plusDays(days);
        yield day(date) + era(date);
      }
    };
  }

  private static String timestamp(long micros, String zone) {
    if (micros == Long.MAX_VALUE) {
      return "infinity";
    }
    if (micros == Long.MIN_VALUE) {
      return "-infinity";
    }
    var at =
        LocalDateTime.of(
            POSTGRES_EPOCH.plusDays(Math.floorDiv(micros, MICROS_PER_DAY)),
            LocalTime.ofNanoOfDay(Math.floorMod(micros, MICROS_PER_DAY) * 1_000));
    var fraction = at.getNano() == 0 ? "" : String.format(".%06d", at.getNano() / 1_000);
    return "%s %02d:%02d:%02d%s%s%s"
        .formatted(
            day(at.toLocalDate()),
            at.getHour(),
            at.getMinute(),
            at.getSecond(),
            fraction,
            zone,
            era(at.toLocalDate()));
  }

  private static String day(LocalDate date) {
    var year = date.getYear() > 0 ? date.getYear() : 1 - date.getYear();
    return "%04d-%02d-%02d".formatted(year, date.getMonthValue(), date.getDayOfMonth());
  }

  private static String era(LocalDate date) {
    return date.getYear() > 0 ? "" : " BC";
  }
}
