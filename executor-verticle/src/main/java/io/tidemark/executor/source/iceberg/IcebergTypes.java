package io.tidemark.executor.source.iceberg;

import com.fasterxml.jackson.core.JsonGenerator;
import io.tidemark.common.bus.Json;
import io.tidemark.executor.source.TemporalText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Iceberg's types in Postgres, the table of docs/connectors/iceberg.md, and their values as text
 * that Postgres reads without loss.
 */
final class IcebergTypes {
  private IcebergTypes() {}

  /** The Postgres type that holds each value; empty where there is none. */
  static Optional<String> postgres(Type type) {
    return Optional.ofNullable(
        switch (type.typeId()) {
          case BOOLEAN -> "boolean";
          case INTEGER -> "integer";
          case LONG -> "bigint";
          case FLOAT -> "real";
          case DOUBLE -> "double precision";
          case DECIMAL -> {
            var decimal = (Types.DecimalType) type;
            yield "numeric(" + decimal.precision() + "," + decimal.scale() + ")";
          }
          case DATE -> "date";
          case TIME -> "time";
          case TIMESTAMP ->
              ((Types.TimestampType) type).shouldAdjustToUTC() ? "timestamptz" : "timestamp";
          case TIMESTAMP_NANO ->
              ((Types.TimestampNanoType) type).shouldAdjustToUTC() ? "timestamptz" : "timestamp";
          case STRING -> "text";
          case UUID -> "uuid";
          case FIXED, BINARY -> "bytea";
          case STRUCT, LIST, MAP -> isReadable(type) ? "jsonb" : null;
          case VARIANT, GEOMETRY, GEOGRAPHY, UNKNOWN -> null;
        });
  }

  /** Of nested types: whether all that is in it can be written. */
  private static boolean isReadable(Type type) {
    return type.asNestedType().fields().stream()
        .allMatch(field -> postgres(field.type()).isPresent());
  }

  /** As Postgres reads it; null for null. */
  static @Nullable String text(Type type, @Nullable Object value) {
    if (value == null) {
      return null;
    }
    if (!type.isNestedType()) {
      return plain(value);
    }
    var written = new StringWriter();
    try (var json = Json.MAPPER.getFactory().createGenerator(written)) {
      write(json, type, value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return written.toString();
  }

  private static String plain(Object value) {
    return switch (value) {
      case LocalDate date -> TemporalText.of(date);
      case LocalDateTime timestamp -> TemporalText.of(timestamp);
      case OffsetDateTime instant -> TemporalText.of(instant);
      case BigDecimal number -> number.toPlainString();
      case byte[] bytes -> "\\x" + HexFormat.of().formatHex(bytes);
      case ByteBuffer buffer -> {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        yield plain(bytes);
      }
      default -> value.toString();
    };
  }

  private static void write(JsonGenerator json, Type type, @Nullable Object value)
      throws IOException {
    if (value == null) {
      json.writeNull();
      return;
    }
    switch (type.typeId()) {
      case STRUCT -> {
        json.writeStartObject();
        var record = (Record) value;
        var fields = type.asStructType().fields();
        for (var i = 0; i < fields.size(); i++) {
          json.writeFieldName(fields.get(i).name());
          write(json, fields.get(i).type(), record.get(i));
        }
        json.writeEndObject();
      }
      case LIST -> {
        json.writeStartArray();
        for (var element : (List<?>) value) {
          write(json, type.asListType().elementType(), element);
        }
        json.writeEndArray();
      }
      case MAP -> map(json, type.asMapType(), (Map<?, ?>) value);
      case BOOLEAN -> json.writeBoolean((Boolean) value);
      case INTEGER, LONG -> json.writeNumber(((Number) value).longValue());
      case DECIMAL -> json.writeNumber(plain(value));
      case FLOAT, DOUBLE -> {
        // JSON has no NaN and no infinity: these become texts.
        if (Double.isFinite(((Number) value).doubleValue())) {
          json.writeNumber(value.toString());
        } else {
          json.writeString(value.toString());
        }
      }
      default -> json.writeString(plain(value));
    }
  }

  /** An object where the keys are texts, else a list of keys and values. */
  private static void map(JsonGenerator json, Types.MapType type, Map<?, ?> value)
      throws IOException {
    var isObject = type.keyType().typeId() == Type.TypeID.STRING;
    if (isObject) {
      json.writeStartObject();
    } else {
      json.writeStartArray();
    }
    for (var entry : value.entrySet()) {
      if (isObject) {
        json.writeFieldName(entry.getKey().toString());
        write(json, type.valueType(), entry.getValue());
      } else {
        json.writeStartObject();
        json.writeFieldName("key");
        write(json, type.keyType(), entry.getKey());
        json.writeFieldName("value");
        write(json, type.valueType(), entry.getValue());
        json.writeEndObject();
      }
    }
    if (isObject) {
      json.writeEndObject();
    } else {
      json.writeEndArray();
    }
  }
}
