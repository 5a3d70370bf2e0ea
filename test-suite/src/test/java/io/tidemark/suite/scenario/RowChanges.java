package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Rows that come, change and go. */
final class RowChanges {
  private static final int ROWS = 1_500;

  private RowChanges() {}

  /** Some rows of each version are not in the next, some are other there, some are new. */
  static Version mixed(int number) {
    return Version.numbered(
        Shape.PLAIN,
        number * 20,
        ROWS + number * 30,
        id -> Version.row("" + id, "v" + (id % 3 == 0 ? number : 0) + "-" + id));
  }

  static List<Scenario> all() {
    return List.of(
        Scenario.changing("mixed", RowChanges::mixed),
        Scenario.of(
                "no load before the first refresh",
                scene -> {},
                (scene, strike, number) -> {
                  if (number == 1) {
                    scene.define(mixed(0));
                    scene.first(mixed(0), strike);
                  } else {
                    firstOfAnotherTable(scene, strike);
                  }
                })
            .striking(Strike.PLAIN, Strike.LOADING, Strike.FINISHING),
        Scenario.changing("insert", number -> plain(0, ROWS + number * 40, id -> "v-" + id)),
        Scenario.changing(
            "update", number -> plain(0, ROWS, id -> "v" + (id % 5 == 0 ? number : 0) + "-" + id)),
        Scenario.changing("delete", number -> plain(number * 30, ROWS, id -> "v-" + id)),
        Scenario.of(
            "unchanged twice",
            scene -> scene.begin(mixed(0)),
            (scene, strike, number) -> {
              scene.unchanged();
              scene.source.replace(mixed(0));
              scene.refresh(mixed(0), strike);
              scene.unchanged();
            }),
        Scenario.of(
            "empty, then filled again", scene -> scene.begin(mixed(0)), RowChanges::emptied),
        Scenario.of(
            "deleted, then the identical row again",
            scene -> scene.begin(one(0, "as it was")),
            (scene, strike, number) -> {
              scene.change(without(0), Strike.PLAIN);
              scene.change(one(0, "as it was"), strike);
            }),
        Scenario.of(
            "deleted, then the row with another value",
            scene -> scene.begin(one(0, "as it was")),
            (scene, strike, number) -> {
              scene.change(without(0), Strike.PLAIN);
              scene.change(one(0, "other " + number), strike);
            }),
        Scenario.of(
                "duplicate keys, fail",
                scene -> scene.begin(repeated(0, false, 1, false)),
                (scene, strike, number) -> {
                  scene.source.replace(repeated(number, true, 1, true));
                  scene.fails(strike, ErrorCode.SOURCE_KEY_DUPLICATE);
                  scene.source.replace(repeated(number, true, 4, true));
                  scene.fails(Strike.PLAIN, ErrorCode.SOURCE_KEY_DUPLICATE);
                  scene.change(repeated(number, false, 4, false), Strike.PLAIN);
                })
            .striking(Strike.PLAIN, Strike.LOADING),
        duplicates("first"),
        duplicates("last"));
  }

  private static Version plain(int from, int to, IntFunction<String> value) {
    return Version.numbered(Shape.PLAIN, from, to, id -> Version.row("" + id, value.apply(id)));
  }

  /** Each first load needs a table that is not there. */
  private static void firstOfAnotherTable(Scene scene, Strike strike) throws Exception {
    try (var other =
        new Scene(
            scene.nodes, scene.kind, scene.table + "_" + strike.name().toLowerCase(Locale.ROOT))) {
      other.define(mixed(0));
      other.first(mixed(0), strike);
    }
  }

  private static void emptied(Scene scene, Strike strike, int number) throws Exception {
    var full = scene.expected();
    scene.source.replace(Version.empty(Shape.PLAIN));
    var asked = scene.ended(scene.nodes.server.refresh(scene.table));
    assertThat(asked.state()).as("%s", asked).isEqualTo(RefreshState.AWAITING_APPROVAL);
    scene.assertUntouched();
    scene.nodes.server.command("reject", asked.id());
    assertThat(scene.ended(asked.id()).state()).isEqualTo(RefreshState.REJECTED);
    assertThat(scene.expected()).isEqualTo(full);
    var again = scene.ended(scene.nodes.server.refresh(scene.table));
    assertThat(again.state()).isEqualTo(RefreshState.AWAITING_APPROVAL);
    scene.nodes.server.command("approve", again.id());
    scene.nodes.server.await(again.id(), RefreshState.SUCCEEDED);
    scene.verify(scene.nodes.server.view(again.id()), Version.empty(Shape.PLAIN));
    scene.unchanged();
    scene.change(mixed(number), strike);
  }

  private static Version one(int id, String value) {
    return plain(0, 200, it -> it == id ? value : "v-" + it);
  }

  private static Version without(int id) {
    return Version.of(
        Shape.PLAIN,
        one(id, "").rows().stream().filter(row -> !("" + id).equals(row.getFirst())).toList());
  }

  private static Scenario duplicates(String which) {
    return Scenario.of(
        "duplicate keys, " + which,
        scene -> scene.policy(", on-duplicate: " + which).begin(repeated(0, false, 4, false)),
        (scene, strike, number) -> {
          var source = repeated(number, true, 4, true);
          scene.change(source, which.equals("last") ? source : source.reversed(), strike);
        });
  }

  /**
   * Rows some of whose keys come twice, with different values.
   *
   * @param within whether in the same file
   * @param across whether in another file too
   */
  private static Version repeated(int number, boolean within, int files, boolean across) {
    var rows = new ArrayList<List<@Nullable String>>();
    IntStream.range(0, 400)
        .forEach(
            id -> {
              rows.add(Version.row("" + id, "first " + number + " " + id));
              if (within && id % 50 == 7) {
                rows.add(Version.row("" + id, "second " + number + " " + id));
              }
            });
    if (across) {
      IntStream.range(0, 400)
          .filter(id -> id % 40 == 7)
          .forEach(id -> rows.add(Version.row("" + id, "last " + number + " " + id)));
    }
    return Version.of(Shape.PLAIN.notUnique(), rows, files);
  }
}
