package io.tidemark.toxiproxy.json;

import java.util.List;

/** What was read. */
public sealed interface JsonValue {
  /** How Go calls it in its messages. */
  String kind();

  /** Members in their order; keys may come twice, and then the last one counts. */
  record Obj(List<Member> members) implements JsonValue {
    @Override
    public String kind() {
      return "object";
    }
  }

  /** One of an object. */
  record Member(String key, JsonValue value) {}

  /** A list. */
  record Arr(List<JsonValue> values) implements JsonValue {
    @Override
    public String kind() {
      return "array";
    }
  }

  /** A string, unescaped. */
  record Str(String text) implements JsonValue {
    @Override
    public String kind() {
      return "string";
    }
  }

  /** A number, as it was written. */
  record Num(String literal) implements JsonValue {
    @Override
    public String kind() {
      return "number";
    }
  }

  /** {@code true} or {@code false}. */
  record Bool(boolean value) implements JsonValue {
    @Override
    public String kind() {
      return "bool";
    }
  }

  /** {@code null}, which means: not given. */
  record Null() implements JsonValue {
    @Override
    public String kind() {
      return "null";
    }
  }
}
