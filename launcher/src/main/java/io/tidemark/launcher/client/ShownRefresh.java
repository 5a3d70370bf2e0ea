package io.tidemark.launcher.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;

/**
 * A refresh as the server showed it.
 *
 * @param json what {@code --json} prints: also members that this version does not know
 */
record ShownRefresh(JsonNode json, RefreshView view) {
  static ShownRefresh of(JsonNode json) {
    try {
      var view = Json.MAPPER.treeToValue(json, RefreshView.class);
      if (view != null && json.path("table").isTextual() && json.path("state").isTextual()) {
        return new ShownRefresh(json, view);
      }
    } catch (JsonProcessingException | IllegalArgumentException e) {
      // Told below.
    }
    throw new TidemarkException(
        ErrorCode.PROTOCOL, "the server shows a refresh in a way that this command cannot read");
  }

  /** Whether nothing moves any more, unless a person asks for it. */
  boolean rests() {
    return !view.state().active() || view.state() == RefreshState.AWAITING_APPROVAL;
  }
}
