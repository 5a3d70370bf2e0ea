package io.tidemark.suite.simulation;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.meta.LeaderStatements;
import io.tidemark.suite.Databases;
import io.tidemark.suite.simulation.home.HomeModel;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.LeaderModel;
import io.tidemark.suite.simulation.home.LeaseModel;
import io.tidemark.suite.simulation.home.ProgressModel;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.StagedModel;
import io.tidemark.suite.simulation.home.TableModel;
import io.tidemark.suite.simulation.home.WorkModel;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A real home and its model, and what is common to all that is done to both. */
final class Pair implements AutoCloseable {
  static final String TABLE = "orders";
  static final QualifiedName TARGET = new QualifiedName("public", "orders");
  static final long NOW = 1_000;

  private static final String DEFINITION =
      """
      {"name": "orders", "target": "public.orders",
       "source": {"type": "postgres", "url": "postgresql://nowhere/db", "table": "public.orders"}}
      """;

  /** Versions of the source, and what they are called in the home. */
  private static final List<int[]> VERSIONS =
      List.of(new int[Keys.COUNT], new int[Keys.COUNT], new int[Keys.COUNT]);

  private static final Duration LEASE = Duration.ofHours(1);
  private static final int LAST_SHOWN = 40;

  final Timeline chance;
  final Connection home;
  final LeaderStatements leader;
  final HomeModel model = new HomeModel(() -> NOW);
  final LeaseModel lease = new LeaseModel(model, LEASE.toMillis());
  final boolean strict;
  final boolean staged;

  /** Of the claim to plan, to end a load or to finish that was granted last. */
  long workGeneration;

  private final List<String> history = new ArrayList<>();
  private boolean fences = true;
  private String disagreement = "";

  Pair(PostgresAddress address, long seed) throws SQLException {
    this.chance = new Timeline(seed);
    this.strict = chance.chance(0.5);
    this.staged = chance.chance(0.5);
    this.home = address.connect("two homes");
    this.leader = new LeaderStatements(address, LEASE);
    model.tables.put(
        TABLE, new TableModel(TABLE, false, strict, staged, true, GuardPolicy.DEFAULT, oneRow()));
    execute("CREATE TABLE public.orders AS SELECT 1 AS id");
    execute(
        "INSERT INTO tidemark.tables (name, target, definition)"
            + " VALUES ('orders', '\"public\".\"orders\"', '"
            + DEFINITION
            + "')");
  }

  private static int[] oneRow() {
    var target = new int[Keys.COUNT];
    target[0] = 1;
    return target;
  }

  /** A mistake, to be found. */
  void forgetGenerations() {
    fences = false;
  }

  /** The last operations, and how they went. */
  String history() {
    return String.join(
        "\n", history.subList(Math.max(0, history.size() - LAST_SHOWN), history.size()));
  }

  /** An operation without an answer. */
  void note(String what) {
    history.add(what);
  }

  /** An operation, and both answers. */
  void same(String what, Object real, Object modelled) {
    history.add(what + " = " + real);
    if (!Objects.equals(real, modelled)) {
      disagreement = "%s: the home says %s, the model %s".formatted(what, real, modelled);
    }
  }

  /** Likewise, where the answer is the generation of a claim. */
  void claimed(String what, OptionalLong real, OptionalLong modelled) {
    same(what, real, modelled);
    real.ifPresent(generation -> workGeneration = generation);
  }

  /** Fails where an answer of the home was not the model's. */
  void requireAgreement() {
    if (!disagreement.isEmpty()) {
      throw new AssertionError(disagreement + " after\n" + history());
    }
  }

  /** Without bounds, which only the model derives. */
  static String text(List<Claim> all) {
    return all.stream()
        .map(
            claim ->
                "%d in %d at %s, %d, %s"
                    .formatted(
                        claim.vnode(),
                        claim.generation(),
                        claim.position(),
                        claim.checkpoint(),
                        claim.rows()))
        .collect(Collectors.joining("; "));
  }

  static List<VNodeRange> ranges() {
    var vnodes = new ArrayList<VNodeRange>();
    for (var vnode = 0; vnode < Keys.VNODES; vnode++) {
      vnodes.add(new VNodeRange(vnode, null, null, 1));
    }
    return vnodes;
  }

  int[] version() {
    return VERSIONS.get(chance.between(0, 1));
  }

  static String identity(int[] version) {
    return "v"
        + IntStream.range(0, VERSIONS.size())
            .filter(it -> TableModel.isSame(VERSIONS.get(it), version))
            .sum();
  }

  StagedModel stagedOf(RefreshModel refresh) {
    return new StagedModel(model, refresh, progressOf(refresh), true);
  }

  ProgressModel progressOf(RefreshModel refresh) {
    return new ProgressModel(model, refresh, fences);
  }

  LeaderModel leading(String holder, long term) {
    return new LeaderModel(model, lease, holder, term, false);
  }

  String executor() {
    return "e" + chance.between(1, 2);
  }

  String holder() {
    return model.lease.holder.isEmpty() || chance.chance(0.05) ? "m1" : model.lease.holder;
  }

  long term() {
    return model.lease.term - (chance.chance(0.1) ? 1 : 0);
  }

  long id() throws SQLException {
    return Long.parseLong(
        Databases.column(home, "SELECT max(id) FROM tidemark.refreshes").getFirst());
  }

  WorkModel workOf(RefreshModel refresh) {
    return new WorkModel(model, refresh, progressOf(refresh));
  }

  /** All rows of the real home, as text. */
  List<String> real() throws SQLException {
    return HomeImage.of(home);
  }

  /** Likewise of the model. */
  List<String> modelled() {
    return HomeImage.of(model, NOW);
  }

  /** What is written in one transaction of the home. */
  interface Write {
    boolean to(Connection home) throws SQLException;
  }

  /** Keeps what was written where the answer is true. */
  boolean transact(Write write) throws SQLException {
    home.setAutoCommit(false);
    try {
      var written = write.to(home);
      if (written) {
        home.commit();
      } else {
        home.rollback();
      }
      return written;
    } finally {
      home.setAutoCommit(true);
    }
  }

  void execute(String sql) throws SQLException {
    try (var statement = home.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() throws SQLException, TimeoutException {
    leader.close();
    home.close();
  }
}
