package io.tidemark.common.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.ConfigNode.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Optional;

/** JSON text as {@link ConfigNode}s. They have no lines: JSON comes over HTTP or from a column. */
final class JsonNodes {
  private JsonNodes() {}

  /** The document's root; empty where it is not JSON, which is then a problem. */
  static Optional<ConfigNode> read(String text, Problems problems) {
    try (var parser = Json.MAPPER.createParser(text)) {
      if (parser.nextToken() == null) {
        problems.add(0, "there is no JSON", "send a table definition as a JSON object");
        return Optional.empty();
      }
      var root = node(parser);
      if (parser.nextToken() == null) {
        return Optional.of(root);
      }
      problems.add(0, "there is more after the JSON's end", "send one JSON object");
    } catch (JsonProcessingException e) {
      // Not the parser's message: it quotes the text, which may be a secret.
      var at = e.getLocation();
      problems.add(
          0,
          "is not valid JSON"
              + (at == null ? "" : " at line " + at.getLineNr() + " column " + at.getColumnNr()),
          "send a table definition as a JSON object");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.empty();
  }

  /** The value whose first token is the parser's current one. */
  private static ConfigNode node(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> array(parser);
      case VALUE_STRING -> new ConfigNode.Text(0, parser.getText());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new ConfigNode.Numeric(0, parser.getDecimalValue());
      case VALUE_TRUE, VALUE_FALSE -> new ConfigNode.Bool(0, parser.getBooleanValue());
      default -> new ConfigNode.Empty(0);
    };
  }

  private static ConfigNode object(JsonParser parser) throws IOException {
    var entries = new ArrayList<Entry>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      var key = parser.currentName();
      parser.nextToken();
      entries.add(new Entry(0, key, node(parser)));
    }
    return new ConfigNode.Mapping(0, entries);
  }

  private static ConfigNode array(JsonParser parser) throws IOException {
    var items = new ArrayList<ConfigNode>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(parser));
    }
    return new ConfigNode.Sequence(0, items);
  }
}
