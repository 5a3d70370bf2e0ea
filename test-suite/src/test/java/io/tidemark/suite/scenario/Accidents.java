package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.suite.Databases;
import io.tidemark.suite.Until;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** What happens while a refresh runs, and to the source's columns between two of them. */
final class Accidents {
  private static final int LONG_ROWS = 12_000;
  private static final int LONGER_ROWS = 40_000;

  /** So that a split has several batches. */
  private static final String FILLING = "x".repeat(800);

  private Accidents() {}

  static List<Scenario> all() {
    return List.of(
        Scenario.of(
                "source replaced three times while it is read, recovered twice",
                scene -> {
                  if (scene.kind == SourceKind.JDBC) {
                    scene.ofOneMoment().policy(", consistency: strict");
                  }
                  scene.begin(filled(0));
                },
                (scene, strike, number) -> replaced(scene))
            .striking(Strike.PLAIN),
        Scenario.of(
                "column dropped",
                scene -> scene.begin(twoValues(0)),
                (scene, strike, number) -> {
                  scene.source.replace(RowChanges.mixed(1));
                  scene.fails(Strike.PLAIN, ErrorCode.SCHEMA_CHANGED);
                  scene.change(twoValues(1), Strike.PLAIN);
                })
            .striking(Strike.PLAIN),
        Scenario.of(
                "column added, fail",
                scene -> scene.begin(RowChanges.mixed(0)),
                (scene, strike, number) -> {
                  scene.source.replace(twoValues(1));
                  scene.fails(Strike.PLAIN, ErrorCode.SCHEMA_CHANGED);
                  scene.change(RowChanges.mixed(1), Strike.PLAIN);
                })
            .striking(Strike.PLAIN),
        Scenario.of(
            "column added, add-columns",
            scene -> scene.policy(", schema-change: add-columns").begin(RowChanges.mixed(0)),
            (scene, strike, number) -> scene.change(more(number), strike)),
        Scenario.of(
            "column added, ignore-new",
            scene -> scene.policy(", schema-change: ignore-new").begin(RowChanges.mixed(0)),
            (scene, strike, number) ->
                scene.change(more(number), more(number).first(Shape.PLAIN), strike)),
        Scenario.of(
                "column retyped",
                scene -> scene.begin(numbers(0)),
                (scene, strike, number) -> {
                  scene.source.replace(twoValues(1));
                  // What a text file holds is known from its values only.
                  scene.fails(Strike.PLAIN, ErrorCode.SCHEMA_CHANGED, ErrorCode.ROW_MALFORMED);
                  scene.change(numbers(1), Strike.PLAIN);
                })
            .striking(Strike.PLAIN),
        Scenario.of(
            "two refreshes asked for at once",
            scene -> scene.begin(RowChanges.mixed(0)),
            (scene, strike, number) -> {
              scene.source.replace(RowChanges.mixed(number));
              scene.verify(twice(scene, strike), RowChanges.mixed(number));
              scene.unchanged();
            }),
        Scenario.of(
                "source table dropped in the middle",
                scene -> scene.begin(filled(0)),
                (scene, strike, number) -> sourceDropped(scene))
            .striking(Strike.PLAIN),
        Scenario.of(
                "target dropped in the middle",
                scene -> scene.begin(RowChanges.mixed(0)),
                (scene, strike, number) -> targetDropped(scene))
            .striking(Strike.PLAIN),
        Scenario.of(
                "definition deleted in the middle",
                scene -> scene.begin(RowChanges.mixed(0)),
                (scene, strike, number) -> definitionDeleted(scene))
            .striking(Strike.PLAIN),
        Scenario.of(
                "transient read error",
                scene -> scene.begin(longer(0)),
                (scene, strike, number) -> {
                  scene.source.replace(longer(1));
                  var done = brokenWhileRead(scene, true);
                  settled(scene, done, longer(1));
                })
            .striking(Strike.PLAIN),
        Scenario.of(
                "permanent read error",
                scene -> scene.begin(longer(0)),
                (scene, strike, number) -> {
                  scene.source.replace(longer(1));
                  var done = brokenWhileRead(scene, false);
                  assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.FAILED);
                  scene.assertUntouched();
                  var again = scene.ended(scene.nodes.server.refresh(scene.table));
                  assertThat(again.state()).as("%s", again).isEqualTo(RefreshState.FAILED);
                  scene.assertUntouched();
                  scene.source.mend();
                  scene.refresh(longer(1), Strike.PLAIN);
                  scene.unchanged();
                })
            .striking(Strike.PLAIN));
  }

  /** Some 10 MB in two files. */
  private static Version filled(int number) {
    return filled(number, LONG_ROWS);
  }

  /** Too much for what is left of it to be on its way already when a batch of it is held. */
  private static Version longer(int number) {
    return filled(number, LONGER_ROWS);
  }

  private static Version filled(int number, int rows) {
    return Version.of(
        Shape.PLAIN,
        IntStream.range(number * 10, rows + number * 15)
            .mapToObj(id -> Version.row("" + id, number + "-" + id + FILLING))
            .toList(),
        2);
  }

  private static Version values(ValueType type, int number, IntFunction<String> value) {
    return Version.numbered(
        Shape.PLAIN.with("extra", type),
        number * 20,
        1_500 + number * 30,
        id -> Version.row("" + id, "v-" + id, value.apply(id)));
  }

  private static Version twoValues(int number) {
    return values(ValueType.TEXT, number, id -> "word " + id);
  }

  private static Version numbers(int number) {
    return values(ValueType.INTEGER, number, id -> "" + id * 2);
  }

  /** As many columns more. */
  private static Version more(int number) {
    var shape = Shape.PLAIN;
    for (var column = 1; column <= number; column++) {
      shape = shape.with("extra" + column, ValueType.TEXT);
    }
    var width = shape.columns().size();
    return Version.numbered(
        shape,
        number * 20,
        1_500 + number * 30,
        id -> {
          var row = new ArrayList<>(Version.row("" + id, "v" + number + "-" + id));
          while (row.size() < width) {
            row.add("extra of " + id);
          }
          return row;
        });
  }

  private static void replaced(Scene scene) throws Exception {
    scene.nodes.mend(3);
    scene.source.replace(filled(1));
    RefreshView done;
    long id;
    try (var held = scene.nodes.holds.at(Strike.LOADING, 2)) {
      id = scene.nodes.server.refresh(scene.table);
      scene.awaitHeld(held, id);
      for (var version = 2; version <= 3; version++) {
        scene.source.replace(filled(version));
        var recoveries = version - 1;
        if (scene.nodes.server.view(id).state().active()) {
          scene.nodes.kill(Strike.LOADING, id);
          Until.holds(
              "it is gone on with",
              () -> {
                var view = scene.nodes.server.view(id);
                return !view.state().active() || view.recoveries().size() >= recoveries;
              });
        }
      }
      scene.source.replace(filled(4));
    }
    done = scene.ended(id);
    scene.nodes.mend();
    if (done.state() == RefreshState.SUCCEEDED) {
      for (var version = 1; version <= 4; version++) {
        if (scene.is(filled(version))) {
          scene.verify(done, filled(version));
        }
      }
      assertThat(scene.expected()).as("one whole version").isNotEqualTo(filled(0));
    } else {
      scene.failed(done, ErrorCode.SOURCE_CHANGED);
    }
    scene.refresh(filled(4), Strike.PLAIN);
    scene.unchanged();
  }

  /** Asks for two while the first is held; the second is refused and the first ends right. */
  private static RefreshView twice(Scene scene, Strike strike) throws Exception {
    return strike == Strike.PLAIN
        ? scene.ended(askedTwice(scene))
        : scene.struck(strike, 0, () -> askedTwice(scene));
  }

  private static long askedTwice(Scene scene) throws Exception {
    var id = scene.nodes.server.refresh(scene.table);
    var second = scene.nodes.server.send("POST", "/tables/" + scene.table + "/refreshes");
    if (second.statusCode() == 202) {
      // The first had ended already.
      return Long.parseLong(
          second.headers().firstValue("Location").orElseThrow().replaceFirst(".*/", ""));
    }
    assertThat(second.statusCode()).as(second.body()).isEqualTo(409);
    assertThat(second.body()).contains(ErrorCode.ALREADY_REFRESHING.name(), "" + id);
    return id;
  }

  private interface Accident {
    void happen() throws Exception;
  }

  /**
   * Something happens while a refresh is held.
   *
   * @param batches are loaded before
   */
  private static long whileLoading(Scene scene, int batches, Accident accident) throws Exception {
    try (var held = scene.nodes.holds.at(Strike.LOADING, batches)) {
      var id = scene.nodes.server.refresh(scene.table);
      scene.awaitHeld(held, id);
      accident.happen();
      return id;
    }
  }

  private static RefreshView brokenWhileRead(Scene scene, boolean mended) throws Exception {
    long id = whileLoading(scene, 1, scene.source::fail);
    if (mended) {
      scene.source.mend();
    }
    return scene.ended(id);
  }

  /** It is the new version, or clearly failed and then, asked for again, is. */
  private static void settled(Scene scene, RefreshView done, Version version) throws Exception {
    if (done.state() == RefreshState.SUCCEEDED) {
      scene.verify(done, version);
    } else {
      assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.FAILED);
      assertThat(Objects.requireNonNull(done.error()).retryable()).as("%s", done.error()).isTrue();
      scene.assertUntouched();
      scene.refresh(version, Strike.PLAIN);
    }
    scene.unchanged();
  }

  private static void sourceDropped(Scene scene) throws Exception {
    scene.source.replace(filled(1));
    var done = scene.ended(whileLoading(scene, 1, scene.source::drop));
    if (done.state() == RefreshState.SUCCEEDED) {
      scene.verify(done, filled(1));
    } else {
      scene.failed(
          done, ErrorCode.SOURCE_CHANGED, ErrorCode.SOURCE_TABLE_MISSING, ErrorCode.SOURCE_FAILED);
    }
    scene.source.replace(filled(2));
    scene.define(Shape.PLAIN);
    scene.refresh(filled(2), Strike.PLAIN);
    scene.unchanged();
  }

  private static void targetDropped(Scene scene) throws Exception {
    scene.source.replace(RowChanges.mixed(1));
    var id =
        whileLoading(
            scene,
            0,
            () ->
                Databases.execute(scene.nodes.databases.home, "DROP TABLE public." + scene.table));
    var done = scene.ended(id);
    scene.forget();
    assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.FAILED);
    assertThat(Objects.requireNonNull(done.error()).code())
        .as("%s", done.error())
        .isIn(ErrorCode.PLAN_OUTDATED, ErrorCode.TARGET_CHANGED, ErrorCode.TARGET_UNSUITABLE);
    scene.first(RowChanges.mixed(1), Strike.PLAIN);
    scene.change(RowChanges.mixed(2), Strike.PLAIN);
  }

  /** A refresh that runs keeps its definition; cancelled, it leaves nothing, and it may go. */
  private static void definitionDeleted(Scene scene) throws Exception {
    var server = scene.nodes.server;
    scene.source.replace(RowChanges.mixed(1));
    var id =
        whileLoading(
            scene,
            0,
            () -> {
              var refused = server.send("DELETE", "/tables/" + scene.table);
              assertThat(refused.statusCode()).as(refused.body()).isEqualTo(409);
            });
    scene.verify(scene.ended(id), RowChanges.mixed(1));
    scene.source.replace(RowChanges.mixed(2));
    var cancelled =
        whileLoading(scene, 0, () -> server.command("cancel", Long.parseLong(running(scene))));
    assertThat(scene.ended(cancelled).state()).isEqualTo(RefreshState.CANCELLED);
    scene.assertUntouched();
    assertThat(server.send("DELETE", "/tables/" + scene.table).statusCode()).isBetween(200, 299);
    Until.holds(
        "nothing is left of it",
        () ->
            Databases.number(
                    scene.nodes.databases.home,
                    "SELECT count(*) FROM pg_class WHERE relname IN ('staging_%d', 'delta_%d')"
                        .formatted(cancelled, cancelled))
                == 0);
    scene.defineAgain(Shape.PLAIN);
    scene.change(RowChanges.mixed(2), Strike.PLAIN);
  }

  private static String running(Scene scene) throws Exception {
    return Databases.column(
            scene.nodes.databases.home,
            "SELECT id FROM tidemark.refreshes WHERE state = 'REFRESHING' AND table_name = '%s'"
                .formatted(scene.table))
        .getFirst();
  }
}
