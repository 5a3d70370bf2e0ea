package io.tidemark.toxiproxy.json;

import io.tidemark.toxiproxy.json.JsonValue.Arr;
import io.tidemark.toxiproxy.json.JsonValue.Bool;
import io.tidemark.toxiproxy.json.JsonValue.Null;
import io.tidemark.toxiproxy.json.JsonValue.Num;
import io.tidemark.toxiproxy.json.JsonValue.Obj;
import io.tidemark.toxiproxy.json.JsonValue.Str;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The members of an object, read as Go reads them into a struct: keys in any case, {@code null} as
 * not given, others than those asked for ignored.
 *
 * @param struct Go's name for it, for messages
 */
public record JsonFields(Obj object, String struct, String path) {
  /**
   * Of a whole text; {@code null} has no members.
   *
   * @param type Go's name for the type, for messages
   */
  public static JsonFields of(JsonValue value, String type, String struct) throws JsonException {
    return switch (value) {
      case Obj object -> new JsonFields(object, struct, "");
      case Null none -> new JsonFields(new Obj(List.of()), struct, "");
      default ->
          throw new JsonException(
              "json: cannot unmarshal " + value.kind() + " into Go value of type " + type);
    };
  }

  /** A list, {@code null} being an empty one. */
  public static List<JsonValue> list(JsonValue value, String type) throws JsonException {
    return switch (value) {
      case Arr list -> list.values();
      case Null none -> List.of();
      default ->
          throw new JsonException(
              "json: cannot unmarshal " + value.kind() + " into Go value of type " + type);
    };
  }

  /** A string. */
  public Optional<String> string(String key) throws JsonException {
    var found = find(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return switch (found.get()) {
      case Str string -> Optional.of(string.text());
      default -> throw wrong(key, found.get().kind(), "string");
    };
  }

  /** A boolean. */
  public Optional<Boolean> bool(String key) throws JsonException {
    var found = find(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return switch (found.get()) {
      case Bool bool -> Optional.of(bool.value());
      default -> throw wrong(key, found.get().kind(), "bool");
    };
  }

  /** A whole number; not one that is written with a fraction or an exponent. */
  public Optional<Long> integer(String key, String type) throws JsonException {
    var found = find(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (!(found.get() instanceof Num number)) {
      throw wrong(key, found.get().kind(), type);
    }
    try {
      return Optional.of(Long.parseLong(number.literal()));
    } catch (NumberFormatException e) {
      throw wrong(key, "number " + number.literal(), type);
    }
  }

  /** A number. */
  public Optional<Float> decimal(String key) throws JsonException {
    var found = find(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    if (!(found.get() instanceof Num number)) {
      throw wrong(key, found.get().kind(), "float32");
    }
    var value = Float.parseFloat(number.literal());
    if (Float.isInfinite(value)) {
      throw wrong(key, "number " + number.literal(), "float32");
    }
    return Optional.of(value);
  }

  /** An object in this one. */
  public JsonFields object(String key, String type, String inner) throws JsonException {
    var found = find(key);
    if (found.isEmpty()) {
      return new JsonFields(new Obj(List.of()), inner, path(key) + ".");
    }
    if (!(found.get() instanceof Obj members)) {
      throw wrong(key, found.get().kind(), type);
    }
    return new JsonFields(members, inner, path(key) + ".");
  }

  private Optional<JsonValue> find(String key) {
    return object.members().stream()
        .filter(member -> fold(member.key()).equals(fold(key)))
        .map(JsonValue.Member::value)
        .filter(value -> !(value instanceof Null))
        .reduce((earlier, later) -> later);
  }

  private static String fold(String key) {
    return key.toLowerCase(Locale.ROOT);
  }

  private JsonException wrong(String key, String value, String type) {
    return new JsonException(
        "json: cannot unmarshal "
            + value
            + " into Go struct field "
            + struct
            + "."
            + path(key)
            + " of type "
            + type);
  }

  private String path(String key) {
    return path + key;
  }
}
