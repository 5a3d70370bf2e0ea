package io.tidemark.launcher.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshView;
import java.io.UncheckedIOException;

/** Refreshes for tests: the one of the design, with some members changed. */
public final class Views {
  private static final String DESIGN =
      """
      {"id": 17, "table": "orders", "state": "REFRESHING", "stage": "MERGING",
       "trigger": "MANUAL", "dryRun": false, "paused": false, "firstLoad": false,
       "term": 3, "epoch": 42, "visibility": "ATOMIC", "snapshots": 1, "percent": 51.2,
       "etaSeconds": 6, "splits": {"total": 0, "completed": 0, "skipped": 0},
       "vnodes": {"total": 256, "completed": 131, "skipped": 0},
       "rows": {"read": 2554112, "inserted": 120, "updated": 25541, "deleted": 3,
                "unchanged": 2528451},
       "bytesRead": 310238211, "rowsPerSecond": 431000, "recoveries": [], "guard": null,
       "error": null, "requestedAt": "2026-11-24T10:00:00Z",
       "startedAt": "2026-11-24T10:00:01Z", "finishedAt": null}
      """;

  public static final String SUCCEEDED =
      """
      {"state": "SUCCEEDED", "stage": "CLEANUP", "percent": 100, "etaSeconds": null,
       "vnodes": {"total": 256, "completed": 256, "skipped": 131},
       "rows": {"read": 5000000, "inserted": 120, "updated": 50000, "deleted": 3},
       "finishedAt": "2026-11-24T10:00:07.200Z",
       "recoveries": [{"at": "2026-11-24T10:00:04Z", "cause": "EXECUTOR_LOST", "executor": "e2",
                       "stage": "MERGING", "vnodesCompleted": 131, "vnodesReleased": 4}]}
      """;

  public static final String AWAITING =
      """
      {"state": "AWAITING_APPROVAL", "stage": "CLEANUP", "percent": 99.9,
       "vnodes": {"total": 256, "completed": 256, "skipped": 0},
       "rows": {"read": 700, "inserted": 0, "updated": 1, "deleted": 300},
       "guard": {"reason": "DELETE_RATIO", "message": "300 of 1000 rows would be deleted: more than 20 %",
                 "targetRows": 1000, "rows": {"read": 700, "inserted": 0, "updated": 1, "deleted": 300},
                 "sample": [{"id": 1}, {"id": 2}]}}
      """;

  public static final String FAILED =
      """
      {"state": "FAILED", "finishedAt": "2026-11-24T10:00:31Z",
       "error": {"code": "SOURCE_UNREACHABLE", "category": "SOURCE", "retryable": true,
                 "message": "shop.example:5432 does not answer", "stage": "MERGING", "vnode": 4,
                 "position": ["1234"], "hint": "What is merged is safe: run the refresh again."}}
      """;

  private Views() {}

  /** The running refresh of the design. */
  public static RefreshView running() {
    return view("{}");
  }

  /** The same, with members replaced. */
  public static RefreshView view(String changes) {
    try {
      return Json.MAPPER.treeToValue(json(changes), RefreshView.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@link #view}, as JSON. */
  public static ObjectNode json(String changes) {
    try {
      var view = (ObjectNode) Json.MAPPER.readTree(DESIGN);
      JsonNode replaced = Json.MAPPER.readTree(changes);
      replaced.properties().forEach(member -> view.set(member.getKey(), member.getValue()));
      return view;
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
