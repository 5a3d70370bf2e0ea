package io.tidemark.launcher.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts the frames of one progress socket together: a snapshot, then deltas, whose members replace
 * those of the last view, then an end, which is whole again.
 */
final class RefreshFrames {
  private @Nullable ObjectNode last;
  private long seq;

  /**
   * Takes the next frame.
   *
   * @return the refresh as it stands now; empty where the frame does not follow on the one before,
   *     so that only a new socket helps
   */
  Optional<ShownRefresh> take(String text) {
    try {
      if (!(Json.MAPPER.readTree(text) instanceof ObjectNode frame)
          || !(frame.get("refresh") instanceof ObjectNode refresh)) {
        return Optional.empty();
      }
      long next = frame.path("seq").asLong();
      boolean follows = next == seq + 1;
      seq = next;
      return switch (frame.path("type").asText()) {
        case "snapshot", "end" -> Optional.of(show(refresh));
        case "delta" -> {
          var before = last;
          yield before == null || !follows
              ? Optional.empty()
              : Optional.of(show(before.deepCopy().<ObjectNode>setAll(refresh)));
        }
        default -> Optional.empty();
      };
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private ShownRefresh show(ObjectNode refresh) {
    last = refresh;
    return ShownRefresh.of(refresh);
  }
}
