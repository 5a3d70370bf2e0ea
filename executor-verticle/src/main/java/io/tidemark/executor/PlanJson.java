package io.tidemark.executor;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.executor.plan.Reading;
import io.tidemark.executor.plan.RefreshPlan;
import java.io.UncheckedIOException;

/** A plan as {@code refreshes.plan} has it. */
final class PlanJson {
  private PlanJson() {}

  static RefreshPlan read(String json) {
    try {
      return Json.MAPPER.readValue(json, RefreshPlan.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String write(RefreshPlan plan) {
    return json(plan);
  }

  static String write(Reading reading) {
    return json(reading);
  }

  private static String json(Object value) {
    try {
      return Json.MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
