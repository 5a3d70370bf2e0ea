package io.tidemark.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import java.io.UncheckedIOException;

/** Records as JSON text, for {@code jsonb} columns. */
final class JsonText {
  private JsonText() {}

  static String of(Object record) {
    try {
      return Json.MAPPER.writeValueAsString(record);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
