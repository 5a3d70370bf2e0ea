package io.tidemark.suite.simulation;

import io.tidemark.common.config.GuardPolicy;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PlannedSplit;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.home.TargetVersions;
import io.tidemark.common.home.VNodeRange;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.common.refresh.Unchanged;
import io.tidemark.meta.LeaderStatements;
import io.tidemark.suite.Databases;
import io.tidemark.suite.simulation.home.HomeModel;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.LeaderModel;
import io.tidemark.suite.simulation.home.LeaseModel;
import io.tidemark.suite.simulation.home.ProgressModel;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.SplitRow;
import io.tidemark.suite.simulation.home.StagedModel;
import io.tidemark.suite.simulation.home.TableModel;
import io.tidemark.suite.simulation.home.WorkModel;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A real home and its model, which do the same random operations. */
final class TwoHomes implements AutoCloseable {
  /** What {@link #reached} says of a refresh that read nothing. */
  static final String UNREAD = "UNREAD";

  private static final String TABLE = "orders";
  private static final QualifiedName TARGET = new QualifiedName("public", "orders");
  private static final String DEFINITION =
      """
      {"name": "orders", "target": "public.orders",
       "source": {"type": "postgres", "url": "postgresql://nowhere/db", "table": "public.orders"}}
      """;

  /** Versions of the source, and what they are called in the home. */
  private static final List<int[]> VERSIONS =
      List.of(new int[Keys.COUNT], new int[Keys.COUNT], new int[Keys.COUNT]);

  private static final String READING = "{\"form\": 1}";
  private static final Duration LEASE = Duration.ofHours(1);
  private static final long NOW = 1_000;

  private final Timeline chance;
  private final Connection home;
  private final LeaderStatements leader;
  private final HomeModel model = new HomeModel(() -> NOW);
  private final LeaseModel lease = new LeaseModel(model, LEASE.toMillis());
  private final boolean strict;
  private final boolean staged;
  private final List<Claim> claims = new ArrayList<>();
  private final List<Claim> splitClaims = new ArrayList<>();
  private final List<String> history = new ArrayList<>();
  private final Set<String> reached = new HashSet<>();
  private boolean fences = true;
  private long workGeneration;
  private int effective;
  private String answers = "";

  TwoHomes(PostgresAddress address, long seed) throws SQLException {
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
    return String.join("\n", history.subList(Math.max(0, history.size() - 40), history.size()));
  }

  int effective() {
    return effective;
  }

  Set<String> reached() {
    return reached;
  }

  /** One random operation on both. */
  void operate() throws Exception {
    var before = model();
    answers = "";
    var last = model.last(TABLE);
    var kind = chance.between(0, 9);
    if (last.isEmpty() || kind == 0) {
      lead();
    } else if (chance.chance(0.3) && goOn(last.get())) {
      history.add("which brings it on");
    } else if (kind <= 2) {
      decide(last.get());
    } else if (kind <= 4 || !last.get().planned) {
      work(last.get());
    } else if (last.get().staged && chance.chance(last.get().loaded ? 0.3 : 0.8)) {
      splits(last.get());
    } else {
      progress(last.get());
    }
    if (!answers.isEmpty()) {
      throw new AssertionError(answers + " after\n" + history());
    }
    effective += model().equals(before) ? 0 : 1;
    model.last(TABLE).ifPresent(refresh -> reached.add(refresh.state.name()));
  }

  /** What brings it nearer to its end: by chance alone few would get there. False: nothing does. */
  private boolean goOn(RefreshModel refresh) throws Exception {
    var work = new WorkModel(model, refresh, progressOf(refresh));
    var real = new RefreshWork(id());
    if (refresh.state == RefreshState.FINISHING && chance.chance(0.5)) {
      claimed("claim finishing e1", real.claimFinishing(home, "e1"), work.claimFinishing("e1"));
    } else if (refresh.state == RefreshState.FINISHING) {
      succeed(refresh, workGeneration);
    } else if (refresh.state == RefreshState.REFRESHING
        && !refresh.planned
        && refresh.table.held != null) {
      claimed("claim planning e1", real.claimPlanning(home, "e1"), work.claimPlanning("e1"));
      endUnread(refresh, workGeneration, refresh.table.held.content);
    } else if (refresh.planned && refresh.staged && !refresh.loaded) {
      loadSome(refresh);
    } else if (refresh.planned && refresh.completed() == refresh.vnodes.size()) {
      var holder = holder();
      same(
          "finish",
          leader.finish(holder, model.lease.term, id(), refresh.snapshot, false),
          leading(holder, model.lease.term).finish(refresh.id, refresh.snapshot, false));
    } else if (refresh.planned && refresh.state == RefreshState.REFRESHING) {
      completeSome(refresh);
    } else {
      return false;
    }
    return true;
  }

  /** Loads splits whole, and ends the load when there is none left. */
  private void loadSome(RefreshModel refresh) throws Exception {
    var real = new RefreshSplitsTable(id());
    var model = stagedOf(refresh);
    var found = real.claim(home, "e1", refresh.snapshot, 2);
    same("claim two splits", text(found), text(model.claim("e1", refresh.snapshot, 2)));
    for (var claim : found) {
      loadTo(refresh, claim, Keys.COUNT - 1, true);
    }
    if (found.isEmpty()) {
      var work = new StagedWork(id());
      claimed(
          "claim load finish e1", work.claimLoadFinish(home, "e1"), model.claimLoadFinish("e1"));
      finishLoad(refresh, workGeneration);
    }
  }

  private void loadTo(RefreshModel refresh, Claim claim, int key, boolean completed)
      throws Exception {
    var number = claim.checkpoint() + chance.between(0, 3);
    var checkpoint =
        new RefreshSplitsTable.Checkpoint(
            claim, number, 1, Keys.text(key).map(List::getFirst), completed, number, 0);
    same(
        "load " + checkpoint,
        new RefreshSplitsTable(id()).checkpoint(home, checkpoint),
        stagedOf(refresh).checkpoint(claim, number, key, completed, number));
  }

  private void finishLoad(RefreshModel refresh, long generation) throws Exception {
    same(
        "finish load " + generation,
        finishLoad(generation),
        stagedOf(refresh).loadFinished(generation));
  }

  private boolean finishLoad(long generation) throws SQLException {
    var vnodes = new RefreshProgressTable(id());
    if (!new StagedWork(id()).loadFinished(home, generation, 0, LoadReport.NOTHING)) {
      return false;
    }
    if (!vnodes.any(home)) {
      vnodes.insert(home, ranges());
    }
    return true;
  }

  private void splits(RefreshModel refresh) throws Exception {
    var real = new RefreshSplitsTable(id());
    var model = stagedOf(refresh);
    var executor = executor();
    if (splitClaims.isEmpty() || chance.chance(0.3)) {
      var load = refresh.snapshot - (chance.chance(0.1) ? 1 : 0);
      var found = real.claim(home, executor, load, 1);
      same(
          "claim split %s %d".formatted(executor, load),
          text(found),
          text(model.claim(executor, load, 1)));
      splitClaims.addAll(found);
      return;
    }
    var claim =
        splitClaims.get(
            splitClaims.size() - 1 - chance.between(0, Math.min(3, splitClaims.size() - 1)));
    switch (chance.between(0, 9)) {
      case 0 -> {
        var retaken = real.retake(home, claim);
        same(
            "retake split " + text(List.of(claim)),
            text(retaken.stream().toList()),
            text(model.retake(claim).stream().toList()));
        splitClaims.addAll(retaken.stream().toList());
      }
      case 1 -> {
        real.release(home, claim);
        model.release(claim);
        history.add("release split " + text(List.of(claim)));
      }
      case 2 -> {
        real.releaseAll(home, executor);
        model.releaseAll(executor);
        history.add("release all splits of " + executor);
      }
      case 3 -> {
        var error = ErrorReport.of(ErrorCode.SOURCE_FAILED, "no");
        real.setAside(home, claim, error, false);
        model.setAside(claim, error, false);
        history.add("set aside split " + text(List.of(claim)));
      }
      case 4 -> same("any free split", real.anyFree(home), model.anyFree());
      case 5 ->
          claimed(
              "claim load finish " + executor,
              new StagedWork(id()).claimLoadFinish(home, executor),
              model.claimLoadFinish(executor));
      case 6 -> finishLoad(refresh, workGeneration - (chance.chance(0.2) ? 1 : 0));
      case 7 -> {
        var lost = refresh.snapshot - (chance.chance(0.3) ? 1 : 0);
        if (chance.chance(0.3)) {
          same("load again " + lost, loadAgain(lost, executor), model.loadAgain(lost));
        }
      }
      default -> loadTo(refresh, claim, chance.between(0, Keys.COUNT - 1), chance.chance(0.5));
    }
  }

  private boolean loadAgain(int lost, String executor) throws SQLException {
    home.setAutoCommit(false);
    try {
      var again = new StagedWork(id()).loadAgain(home, lost, executor, "MERGING", strict);
      if (again && strict) {
        new RefreshProgressTable(id()).restart(home, false);
      }
      home.commit();
      return again;
    } finally {
      home.setAutoCommit(true);
    }
  }

  private void completeSome(RefreshModel refresh) throws Exception {
    var real = new RefreshProgressTable(id());
    var progress = progressOf(refresh);
    var found = real.claim(home, "e1", refresh.snapshot, 2);
    same("claim two", text(found), text(progress.claim("e1", refresh.snapshot, 2)));
    for (var claim : found) {
      var last =
          Checkpoint.of(
              claim,
              refresh.snapshot,
              claim.checkpoint() + 1,
              1,
              Keys.text(Keys.last(claim.vnode())),
              true,
              new RowCounts(1, 0, 0, 0),
              0);
      same(
          "complete " + claim.vnode(),
          real.checkpoint(home, List.of(last)),
          progress.checkpoint("e1", List.of(last), each -> 1));
    }
  }

  private void lead() throws Exception {
    var holder = "m" + chance.between(1, 2);
    var term = term();
    switch (chance.between(0, 11)) {
      case 0, 1, 6, 7, 8, 9, 10, 11 ->
          same(
              "acquire " + holder,
              leader.acquire(holder),
              lease.acquire(holder).map(held -> held.term() + " " + held.clean()));
      case 2 ->
          same(
              "renew " + holder + " " + term,
              leader.renew(holder, term),
              lease.renew(holder, term));
      case 3 -> {
        leader.giveBack(holder, term);
        lease.giveBack(holder, term);
        history.add("give back " + holder + " " + term);
      }
      case 4 -> {
        execute("UPDATE tidemark.leases SET expires_at = clock_timestamp() - interval '1 second'");
        if (model.lease.term > 0) {
          model.lease.expiresAt = NOW - 1;
        }
        history.add("expire");
      }
      default -> {
        var alone = chance.chance(0.3);
        leader.takeOver(holder, term, true, alone);
        leading(holder, term).takeOver(true, alone);
        history.add("take over " + holder + " " + term + " " + alone);
      }
    }
    request();
  }

  private void request() throws Exception {
    var dryRun = chance.chance(0.1);
    var holder = holder();
    leader.request(holder, model.lease.term, TABLE, dryRun);
    leading(holder, model.lease.term).request(TABLE, dryRun);
    history.add("request " + dryRun);
  }

  private void decide(RefreshModel refresh) throws Exception {
    var id = id();
    var term = term();
    var holder = holder();
    var writes = leading(holder, term);
    var snapshot = refresh.snapshot - (chance.chance(0.1) ? 1 : 0);
    var executor = executor();
    var yes = chance.chance(0.3);
    switch (chance.between(0, 20)) {
      case 0, 1, 2, 15, 16 ->
          same(
              "finish " + snapshot + " " + yes,
              leader.finish(holder, term, id, snapshot, yes),
              writes.finish(refresh.id, snapshot, yes));
      case 3 ->
          same(
              "await approval " + snapshot,
              leader.awaitApproval(holder, term, id, snapshot),
              writes.awaitApproval(refresh.id, snapshot));
      case 4 -> {
        if (chance.chance(0.7)) {
          return;
        }
        var error =
            ErrorReport.of(yes ? ErrorCode.GUARD_TRIPPED : ErrorCode.SOURCE_UNREACHABLE, "gone");
        same(
            "fail " + error.code(),
            leader.fail(holder, term, id, error),
            writes.fail(refresh.id, error));
      }
      case 5 -> {
        if (chance.chance(0.7)) {
          return;
        }
        var state = yes ? RefreshState.CANCELLED : RefreshState.REJECTED;
        same("end " + state, leader.end(holder, term, id, state), writes.end(refresh.id, state));
      }
      case 6, 7 -> same("approve", leader.approve(holder, term, id), writes.approve(refresh.id));
      case 8, 9 ->
          same("hold " + yes, leader.hold(holder, term, id, yes), writes.hold(refresh.id, yes));
      case 10 ->
          same(
              "release " + executor,
              leader.release(holder, term, id, executor),
              writes.release(refresh.id, executor));
      case 11, 17, 18 -> {
        leader.welcome(holder, term, executor);
        writes.welcome(executor);
        history.add("welcome " + executor);
      }
      case 12 -> {
        leader.countWork(holder, term, 700);
        writes.countWork(700);
        history.add("count work");
      }
      case 13 -> {
        var epoch = model.lease.epoch - (yes ? 1 : 0);
        leader.commitEpoch(holder, term, epoch);
        writes.commitEpoch(epoch);
        history.add("commit epoch " + epoch);
      }
      default -> request();
    }
  }

  private void work(RefreshModel refresh) throws Exception {
    var real = new RefreshWork(id());
    var work = new WorkModel(model, refresh, progressOf(refresh));
    var executor = executor();
    var generation = workGeneration - (chance.chance(0.1) ? 1 : 0);
    switch (chance.between(0, 8)) {
      case 0, 7 ->
          claimed(
              "claim planning " + executor,
              real.claimPlanning(home, executor),
              work.claimPlanning(executor));
      case 1, 2 ->
          same(
              "store plan " + generation,
              storePlan(real, generation),
              work.storePlan(generation, "h", 1, version()));
      case 3 -> {
        real.release(home, generation);
        work.release(generation);
        history.add("release work " + generation);
      }
      case 4 ->
          claimed(
              "claim finishing " + executor,
              real.claimFinishing(home, executor),
              work.claimFinishing(executor));
      case 5 -> succeed(refresh, generation);
      case 8 -> endUnread(refresh, generation, version());
      default -> {
        var lost = refresh.snapshot - (chance.chance(0.3) ? 1 : 0);
        if (refresh.planned && !refresh.staged && chance.chance(0.3)) {
          same(
              "move on from " + lost,
              moveOn(real, lost),
              work.moveOn(lost, "h", 1, new int[Keys.COUNT]));
        }
      }
    }
  }

  private int[] version() {
    return VERSIONS.get(chance.between(0, 1));
  }

  static String identity(int[] version) {
    return "v"
        + IntStream.range(0, VERSIONS.size())
            .filter(it -> TableModel.isSame(VERSIONS.get(it), version))
            .sum();
  }

  private void succeed(RefreshModel refresh, long generation) throws Exception {
    same(
        "succeed " + generation,
        succeed(generation, refresh.contents.get(1)),
        new WorkModel(model, refresh, progressOf(refresh)).finish("e1", generation, false)
            == WorkModel.Finished.SUCCEEDED);
  }

  private boolean succeed(long generation, int[] version) throws SQLException {
    home.setAutoCommit(false);
    try {
      if (!new RefreshWork(id()).succeed(home, generation, OptionalLong.empty())) {
        home.rollback();
        return false;
      }
      if (staged) {
        new TargetVersions(id(), TARGET).keep(home, identity(version), READING);
      }
      home.commit();
      return true;
    } finally {
      home.setAutoCommit(true);
    }
  }

  private void endUnread(RefreshModel refresh, long generation, int[] version) throws Exception {
    var work = new WorkModel(model, refresh, progressOf(refresh));
    var since = work.since(generation, version);
    same(
        "end unread %d %s".formatted(generation, identity(version)),
        endUnread(generation, version),
        since > 0 && work.end("e1", generation, since, version));
    if (refresh.unchanged > 0) {
      reached.add(UNREAD);
    }
  }

  private boolean endUnread(long generation, int[] version) throws SQLException {
    var real = new TargetVersions(id(), TARGET);
    home.setAutoCommit(false);
    try {
      var since = real.since(home, generation, identity(version), READING);
      var why = Unchanged.since(since.orElse(0), identity(version));
      var ended = since.isPresent() && real.end(home, generation, "{}", why);
      home.commit();
      return ended;
    } finally {
      home.setAutoCommit(true);
    }
  }

  private void claimed(String what, OptionalLong real, OptionalLong modelled) {
    same(what, real, modelled);
    real.ifPresent(generation -> workGeneration = generation);
  }

  private boolean storePlan(RefreshWork real, long generation) throws SQLException {
    home.setAutoCommit(false);
    try {
      if (!real.storePlan(home, generation, "{}", false, staged)) {
        home.rollback();
        return false;
      }
      if (staged) {
        var splits = new ArrayList<PlannedSplit>();
        for (var split = 0; split < SplitRow.SPLITS; split++) {
          splits.add(new PlannedSplit(split, "s" + split, "", 1, 1));
        }
        new RefreshSplitsTable(id()).insert(home, splits);
      } else {
        new RefreshProgressTable(id()).insert(home, ranges());
        real.exported(home, 1, "h", new RefreshWork.Export("1", "1"));
      }
      home.commit();
      return true;
    } finally {
      home.setAutoCommit(true);
    }
  }

  private static List<VNodeRange> ranges() {
    var vnodes = new ArrayList<VNodeRange>();
    for (var vnode = 0; vnode < Keys.VNODES; vnode++) {
      vnodes.add(new VNodeRange(vnode, null, null, 1));
    }
    return vnodes;
  }

  private boolean moveOn(RefreshWork real, int lost) throws SQLException {
    home.setAutoCommit(false);
    try {
      if (!real.nextSnapshot(home, lost)) {
        home.rollback();
        return false;
      }
      real.exported(home, lost + 1, "h", new RefreshWork.Export("1", "1"));
      if (strict) {
        new RefreshProgressTable(id()).restart(home, false);
      }
      real.recovered(home, RecoveryCause.SNAPSHOT_LOST, "e1", strict);
      home.commit();
      return true;
    } finally {
      home.setAutoCommit(true);
    }
  }

  private void progress(RefreshModel refresh) throws Exception {
    var real = new RefreshProgressTable(id());
    var progress = progressOf(refresh);
    var executor = executor();
    if (claims.isEmpty() || chance.chance(0.3)) {
      var snapshot = refresh.snapshot - (chance.chance(0.1) ? 1 : 0);
      var limit = chance.between(1, 2);
      var found = real.claim(home, executor, snapshot, limit);
      same(
          "claim %s %d %d".formatted(executor, snapshot, limit),
          text(found),
          text(progress.claim(executor, snapshot, limit)));
      claims.addAll(found);
      return;
    }
    // The newest ones mostly: others are outdated.
    var claim = claims.get(claims.size() - 1 - chance.between(0, Math.min(3, claims.size() - 1)));
    switch (chance.between(0, 9)) {
      case 0 -> {
        same("owns " + text(List.of(claim)), real.owns(home, claim), progress.owns(claim));
        var retaken = real.retake(home, claim);
        same(
            "retake " + text(List.of(claim)),
            text(retaken.stream().toList()),
            text(progress.retake(claim).stream().toList()));
        claims.addAll(retaken.stream().toList());
      }
      case 1 -> {
        real.release(home, claim);
        progress.release(claim);
        history.add("release " + text(List.of(claim)));
      }
      case 2 -> {
        if (chance.chance(0.3)) {
          real.releaseAll(home, executor);
          progress.releaseAll(executor);
          history.add("release all of " + executor);
        }
      }
      case 3 -> same("any free", real.anyFree(home), progress.anyFree());
      case 4 -> {
        var forGood = chance.chance(0.1);
        var error = ErrorReport.of(ErrorCode.SOURCE_FAILED, "no");
        real.setAside(home, claim, error, forGood);
        progress.setAside(claim, error, forGood);
        history.add("set aside " + text(List.of(claim)));
      }
      default -> {
        var checkpoint = checkpoint(claim);
        same(
            "checkpoint " + checkpoint,
            real.checkpoint(home, List.of(checkpoint)),
            progress.checkpoint(executor, List.of(checkpoint), each -> 1));
      }
    }
  }

  private Checkpoint checkpoint(Claim claim) {
    var number = claim.checkpoint() + chance.between(0, 9);
    var key = Keys.last(claim.vnode()) - chance.between(0, 2);
    return Checkpoint.of(
        claim, 1, number, 1, Keys.text(key), chance.chance(0.5), new RowCounts(number, 0, 0, 0), 0);
  }

  private void same(String what, Object real, Object modelled) {
    history.add(what + " = " + real);
    if (!Objects.equals(real, modelled)) {
      answers = "%s: the home says %s, the model %s".formatted(what, real, modelled);
    }
  }

  /** Without bounds, which only the model derives. */
  private static String text(List<Claim> all) {
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

  private StagedModel stagedOf(RefreshModel refresh) {
    return new StagedModel(model, refresh, progressOf(refresh), true);
  }

  private ProgressModel progressOf(RefreshModel refresh) {
    return new ProgressModel(model, refresh, fences);
  }

  private LeaderModel leading(String holder, long term) {
    return new LeaderModel(model, lease, holder, term, false);
  }

  private String executor() {
    return "e" + chance.between(1, 2);
  }

  private String holder() {
    return model.lease.holder.isEmpty() || chance.chance(0.05) ? "m1" : model.lease.holder;
  }

  private long term() {
    return model.lease.term - (chance.chance(0.1) ? 1 : 0);
  }

  private long id() throws SQLException {
    return Long.parseLong(
        Databases.column(home, "SELECT max(id) FROM tidemark.refreshes").getFirst());
  }

  /** All rows of the real home, as text. */
  List<String> real() throws SQLException {
    return HomeImage.of(home);
  }

  /** Likewise of the model. */
  List<String> model() {
    return HomeImage.of(model, NOW);
  }

  private void execute(String sql) throws SQLException {
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
