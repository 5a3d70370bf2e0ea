package io.tidemark.frontend.changes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * One difference as a line of JSON. Values are copied token by token: a number keeps every digit,
 * and line breaks within a {@code json} value do not break the line.
 *
 * @param op as in the page: I, U or D
 * @param values JSON object of the row's attributes c1, c2, …, as Postgres writes it
 */
record ChangeRow(long seq, String op, String values) {
  /** What one value can be at most is Postgres' business. */
  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNestingDepth(Integer.MAX_VALUE)
                  .build())
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(Integer.MAX_VALUE).build())
          .build();

  /**
   * The line, without its end.
   *
   * @param columns names of the attributes
   * @param keyColumns how many of them, from the first, are the key
   */
  String line(long refreshId, List<String> columns, int keyColumns) {
    var out = new StringWriter();
    try (var json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("seq", seq);
      json.writeNumberField("refresh", refreshId);
      json.writeStringField("op", name());
      copy(json, "key", columns.subList(0, keyColumns));
      if (!op.equals("D")) {
        copy(json, "row", columns);
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString();
  }

  private String name() {
    return switch (op) {
      case "I" -> "INSERT";
      case "U" -> "UPDATE";
      case "D" -> "DELETE";
      default -> throw new IllegalStateException("unknown difference " + op);
    };
  }

  private void copy(JsonGenerator json, String field, List<String> names) throws IOException {
    json.writeObjectFieldStart(field);
    try (var parser = JSON.createParser(values)) {
      parser.nextToken();
      for (var name : names) {
        parser.nextToken(); // the attribute's name
        parser.nextToken();
        json.writeFieldName(name);
        copyValue(parser, json);
      }
    }
    json.writeEndObject();
  }

  private static void copyValue(JsonParser from, JsonGenerator to) throws IOException {
    for (var depth = 0; ; from.nextToken()) {
      var token = from.currentToken();
      if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
        to.writeNumber(from.getText());
      } else {
        to.copyCurrentEvent(from);
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      if (depth == 0 && token != JsonToken.FIELD_NAME) {
        return;
      }
    }
  }
}
