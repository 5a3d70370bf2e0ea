package io.tidemark.frontend.progress;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshView;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one socket is told: a snapshot, then deltas against what it was told before, then ends. Of
 * each refresh only the newest view waits to be told, however slow the client is.
 *
 * <pre>
 *  heard ──hear──▶ waiting (one view a refresh) ──next──▶ told (one view a refresh)
 *                                    begin: snapshot ──────▶
 * </pre>
 */
final class ProgressFrames {
  private record Told(RefreshView view, ObjectNode json) {}

  private final Map<Long, RefreshView> waiting = new LinkedHashMap<>();
  private final Map<Long, Told> told = new HashMap<>();
  private boolean begun;
  private long seq;

  /** Takes note of a view. It is dropped where something newer is known. */
  void hear(RefreshView view) {
    var last = told.get(view.id());
    if (last != null && Freshness.isStale(view, last.view())) {
      return;
    }
    waiting.merge(view.id(), view, (old, it) -> Freshness.isStale(it, old) ? old : it);
  }

  /** The first frame, for one refresh. */
  ObjectNode begin(RefreshView view) {
    var json = tell(view);
    if (!view.state().active()) {
      waiting.putIfAbsent(view.id(), view); // its end is still to be told
    }
    return snapshot().set("refresh", json);
  }

  /** The first frame, for all active refreshes. */
  ObjectNode begin(List<RefreshView> active) {
    ArrayNode all = Json.MAPPER.createArrayNode();
    active.forEach(view -> all.add(tell(view)));
    return snapshot().set("refreshes", all);
  }

  /** The next frame; empty where there is nothing new. Nothing comes before the first frame. */
  Optional<ObjectNode> next() {
    while (begun && !waiting.isEmpty()) {
      var first = waiting.values().iterator();
      var view = first.next();
      first.remove();
      var last = told.get(view.id());
      if (last != null && Freshness.isStale(view, last.view())) {
        continue;
      }
      if (!view.state().active()) {
        told.remove(view.id());
        return Optional.of(frame("end").set("refresh", json(view)));
      }
      var changed = changed(last, tell(view));
      if (changed.size() > 1) {
        return Optional.of(frame("delta").set("refresh", changed));
      }
    }
    return Optional.empty();
  }

  /** The refreshes whose end the client still waits for. */
  Set<Long> open() {
    return Set.copyOf(told.keySet());
  }

  private ObjectNode tell(RefreshView view) {
    var json = json(view);
    told.put(view.id(), new Told(view, json));
    return json;
  }

  private static ObjectNode json(RefreshView view) {
    return Json.MAPPER.valueToTree(view);
  }

  /** The id, and the members that differ from what was told last. */
  private static ObjectNode changed(@Nullable Told last, ObjectNode now) {
    var changed = Json.MAPPER.createObjectNode();
    now.properties()
        .forEach(
            member -> {
              var name = member.getKey();
              if (last == null
                  || name.equals("id")
                  || !member.getValue().equals(last.json().get(name))) {
                changed.set(name, member.getValue());
              }
            });
    return changed;
  }

  private ObjectNode snapshot() {
    begun = true;
    return frame("snapshot");
  }

  private ObjectNode frame(String type) {
    return Json.MAPPER.createObjectNode().put("type", type).put("seq", ++seq);
  }
}
