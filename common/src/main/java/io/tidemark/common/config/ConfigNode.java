package io.tidemark.common.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.List;

/**
 * What YAML and JSON have in common, with the line it stands in: Jackson's tree loses that, and a
 * message without a line is of little use in a long file.
 */
sealed interface ConfigNode {
  /** From 1; 0: unknown. */
  int line();

  /** Entries in the order written; a key may still be there twice. */
  record Mapping(int line, List<Entry> entries) implements ConfigNode {}

  record Entry(int line, String key, ConfigNode value) {}

  record Sequence(int line, List<ConfigNode> items) implements ConfigNode {}

  record Text(int line, String value) implements ConfigNode {}

  record Numeric(int line, BigDecimal value) implements ConfigNode {}

  record Bool(int line, boolean value) implements ConfigNode {}

  record Empty(int line) implements ConfigNode {}

  /** How a message calls it; never the value, which may be a secret. */
  default String kind() {
    return switch (this) {
      case Mapping m -> "a mapping";
      case Sequence s -> "a list";
      case Text t -> "a text";
      case Numeric n -> "a number";
      case Bool b -> "true or false";
      case Empty e -> "empty";
    };
  }

  default JsonNode json() {
    var nodes = JsonNodeFactory.instance;
    return switch (this) {
      case Mapping mapping -> {
        var object = nodes.objectNode();
        mapping.entries().forEach(entry -> object.set(entry.key(), entry.value().json()));
        yield object;
      }
      case Sequence sequence -> {
        var array = nodes.arrayNode();
        sequence.items().forEach(item -> array.add(item.json()));
        yield array;
      }
      case Text text -> nodes.textNode(text.value());
      case Numeric number -> nodes.numberNode(number.value());
      case Bool bool -> nodes.booleanNode(bool.value());
      case Empty empty -> nodes.nullNode();
    };
  }
}
