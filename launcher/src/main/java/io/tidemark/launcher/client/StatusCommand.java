package io.tidemark.launcher.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.ErrorText;
import io.tidemark.launcher.terminal.GuardText;
import io.tidemark.launcher.terminal.RefreshTable;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code tidemark status}: the newest refresh of each table, or of one. */
@Command(
    name = "status",
    description = {
      "Shows the newest refresh of each table, or of one.",
      "With --json: an array of them, or of one table that refresh (null where it has none)."
    })
final class StatusCommand extends ClientCommand {
  private static final int NEWEST_MAX = 1_000;

  @Mixin JsonOption output = new JsonOption();

  @Parameters(arity = "0..1", paramLabel = "TABLE", description = "Name of the table.")
  @Nullable String table;

  @Override
  public boolean json() {
    return output.json;
  }

  @Override
  int run(Api api) {
    if (table == null) {
      all(api);
    } else {
      one(api, table);
    }
    return ExitCode.DONE;
  }

  private void all(Api api) {
    var newest = new LinkedHashMap<String, Optional<ShownRefresh>>();
    api.read("/tables")
        .body()
        .forEach(it -> newest.put(it.path("name").asText(), Optional.empty()));
    var refreshes = api.read("/refreshes?limit=" + NEWEST_MAX).body();
    for (var json : refreshes) {
      var refresh = ShownRefresh.of(json);
      newest.computeIfPresent(
          refresh.view().table(),
          (name, known) -> known.isPresent() ? known : Optional.of(refresh));
    }
    if (refreshes.size() >= NEWEST_MAX) {
      newest.replaceAll((name, known) -> known.or(() -> newest(api, name)));
    }
    if (json()) {
      var shown = Json.MAPPER.createArrayNode();
      newest.values().forEach(it -> it.map(ShownRefresh::json).ifPresent(shown::add));
      printJson(shown);
    } else if (newest.isEmpty()) {
      say("tidemark: no tables yet; define some with `tidemark apply -f FILE`\n");
    } else {
      print(table(newest));
    }
  }

  private void one(Api api, String name) {
    var found = newest(api, name);
    if (found.isEmpty()) {
      api.read("/tables/" + Api.encoded(name));
    }
    if (json()) {
      printJson(found.map(ShownRefresh::json).orElse(Json.MAPPER.nullNode()));
      return;
    }
    print(table(Map.of(name, found)));
    found.ifPresent(this::details);
  }

  private void details(ShownRefresh refresh) {
    var view = refresh.view();
    if (view.guard() != null && view.state().active() && refresh.rests()) {
      print("\n" + GuardText.of(view, view.guard(), server.forNextCommand()));
    }
    if (view.error() != null) {
      print("\n" + ErrorText.of(view, view.error()));
    }
  }

  private static Optional<ShownRefresh> newest(Api api, String name) {
    JsonNode newest = api.read("/refreshes?limit=1&table=" + Api.encoded(name)).body();
    return newest.isEmpty() ? Optional.empty() : Optional.of(ShownRefresh.of(newest.get(0)));
  }

  private static String table(Map<String, Optional<ShownRefresh>> newest) {
    var table = new RefreshTable(ZoneId.systemDefault());
    newest.forEach(
        (name, refresh) ->
            refresh.ifPresentOrElse(it -> table.add(it.view()), () -> table.addIdle(name)));
    return table.toString();
  }
}
