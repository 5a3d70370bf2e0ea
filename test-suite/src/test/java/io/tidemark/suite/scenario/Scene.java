package io.tidemark.suite.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.suite.Databases;
import io.tidemark.suite.Until;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * One table through one scenario: changes its source, asks for refreshes, and after each of them
 * looks at the target, its counts and the change feed.
 */
final class Scene implements AutoCloseable {
  /** Each look is a request, and several statements in the home. */
  static final Duration LOOK_EVERY = Duration.ofMillis(40);

  final SourceKind kind;
  final ScenarioNodes nodes;
  final ScenarioSource source;
  final String table;
  private final TargetRows target;
  private final TargetFeed feed;
  private String policy = "";
  private boolean oneMoment;
  private int batches;

  Scene(ScenarioNodes nodes, SourceKind kind, String table) throws Exception {
    this.nodes = nodes;
    this.kind = kind;
    this.table = table;
    this.source = kind.open(nodes.folder, nodes.databases, table);
    this.target = new TargetRows(nodes.databases.home, table);
    this.feed = new TargetFeed(nodes.server, table);
  }

  /** More fields of the definition, in YAML's flow style, each behind a comma. */
  Scene policy(String fields) {
    policy = fields;
    return this;
  }

  /** All that is read must be of one moment. */
  Scene ofOneMoment() {
    oneMoment = true;
    return this;
  }

  /** An executor that loads is killed in the middle of splits, when so many batches are loaded. */
  Scene killedAfter(int loaded) {
    batches = loaded;
    return this;
  }

  /** Gives the source its first rows and defines the table. */
  void define(Version version) throws Exception {
    source.replace(version);
    define(version.shape());
  }

  /** Defines the table anew. */
  void define(Shape shape) throws Exception {
    nodes.define(
        table,
        "{name: %s, %s, target: public.%s, key: [%s], vnodes: 8%s}"
            .formatted(
                table,
                source.definition(oneMoment),
                table,
                String.join(", ", shape.key()),
                policy));
  }

  /** Defines it anew after it was deleted. */
  void defineAgain(Shape shape) throws Exception {
    define(shape);
    feed.restart();
  }

  /** The same, and the target has them. */
  void begin(Version version) throws Exception {
    define(version);
    first(version, Strike.PLAIN);
  }

  /** The first load. */
  void first(Version expected, Strike strike) throws Exception {
    verify(succeed(strike), expected);
    Databases.execute(nodes.databases.home, "DROP TRIGGER IF EXISTS hold ON public." + table);
    feed.skip();
    unchanged();
  }

  /** The source becomes that, and the target too. */
  void change(Version version, Strike strike) throws Exception {
    change(version, version, strike);
  }

  /** The source becomes one version, and the target what is expected of that. */
  void change(Version version, Version expected, Strike strike) throws Exception {
    source.replace(version);
    refresh(expected, strike);
    unchanged();
  }

  /** A refresh makes the target that. */
  void refresh(Version expected, Strike strike) throws Exception {
    verify(succeed(strike), expected);
  }

  /** A refresh that nothing is changed by. */
  void unchanged() throws Exception {
    verify(succeed(Strike.PLAIN), target.expected());
  }

  /** A refresh fails for one of these reasons, and the target stays as it was. */
  void fails(Strike strike, ErrorCode... codes) throws Exception {
    failed(ended(strike), codes);
  }

  /** A refresh that has failed for one of these reasons has left the target as it was. */
  void failed(RefreshView done, ErrorCode... codes) throws Exception {
    assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.FAILED);
    assertThat(Objects.requireNonNull(done.error()).code())
        .as("%s", done.error())
        .isIn(Set.of(codes));
    assertUntouched();
  }

  /** The target has the rows that it had, and the feed nothing new. */
  void assertUntouched() throws Exception {
    target.assertAre(target.expected());
    assertThat(feed.next()).isEmpty();
  }

  private RefreshView succeed(Strike strike) throws Exception {
    var done = ended(strike);
    assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.SUCCEEDED);
    return done;
  }

  /** Asks for a refresh and waits for its end; its executor is killed at that moment. */
  RefreshView ended(Strike strike) throws Exception {
    return strike == Strike.PLAIN
        ? ended(nodes.server.refresh(table))
        : struck(strike, batches, () -> nodes.server.refresh(table));
  }

  /** What asks for a refresh, or for its going on. */
  interface Asking {
    long ask() throws Exception;
  }

  /**
   * The same for a refresh that something else asks for.
   *
   * @param batches are loaded before it is killed
   */
  RefreshView struck(Strike strike, int batches, Asking asking) throws Exception {
    long id;
    String victim;
    try (var held = nodes.holds.at(strike, batches)) {
      id = asking.ask();
      awaitHeld(held, id);
      victim = nodes.kill(strike, id);
    }
    var done = ended(id);
    if (strike != Strike.FINISHING) {
      assertThat(done.recoveries())
          .as("%s", done)
          .anySatisfy(
              it -> {
                assertThat(it.cause()).isEqualTo(RecoveryCause.EXECUTOR_LOST);
                assertThat(it.executor()).startsWith(victim + "-");
              });
    }
    nodes.mend();
    return done;
  }

  /** Until a refresh has come to where all are held. */
  void awaitHeld(Holds.Held held, long id) throws Exception {
    Until.holds(
        "it is " + held.moment(),
        LOOK_EVERY,
        () -> {
          var view = nodes.server.view(id);
          if (!view.state().active()) {
            throw new AssertionError("it has ended before it was " + held.moment() + ": " + view);
          }
          return nodes.holds.isReached(held.moment());
        });
  }

  RefreshView ended(long id) throws Exception {
    Until.holds(
        "refresh " + id + " ends or asks",
        LOOK_EVERY,
        () -> {
          var state = nodes.server.view(id).state();
          return !state.active() || state == RefreshState.AWAITING_APPROVAL;
        });
    return nodes.server.view(id);
  }

  /** What a refresh that succeeded says, the target and the feed are those of a version. */
  void verify(RefreshView done, Version version) throws Exception {
    assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.SUCCEEDED);
    var before = target.expected();
    assertThat(TargetRows.Changes.of(done.rows()))
        .as("inserted, updated, deleted: %s", done)
        .isEqualTo(TargetRows.Changes.between(before, version));
    target.assertAre(version);
    if (!done.firstLoad()) {
      TargetRows.assertSame(
          "the feed, replayed on the rows before",
          feed.replay(before.byKey(), version.shape()),
          version.byKey());
    }
  }

  /** A version that the target now is, or empty where it is none of them. */
  boolean is(Version version) throws SQLException {
    return target.are(version);
  }

  /** What the target was verified to be. */
  Version expected() {
    return target.expected();
  }

  /** The target is no more, or somebody else has changed it. */
  void forget() {
    target.forget();
  }

  /** Ends what a failed scenario has left. */
  void abandon() throws Exception {
    for (var id :
        Databases.column(
            nodes.databases.home,
            """
            SELECT id FROM tidemark.refreshes WHERE table_name = '%s'
              AND state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            """
                .formatted(table))) {
      nodes.server.send("POST", "/refreshes/" + id + "/cancel");
    }
    nodes.mend();
  }

  @Override
  public void close() throws IOException, SQLException {
    source.close();
  }
}
