package io.tidemark.executor.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;

/** Records as versions, splits and positions store them. */
public final class JsonText {
  private JsonText() {}

  public static String of(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Reads what {@link #of} wrote.
   *
   * @throws IllegalArgumentException where it is no such record
   */
  public static <T> T read(String json, Class<T> type) {
    try {
      return Json.MAPPER.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }
}
