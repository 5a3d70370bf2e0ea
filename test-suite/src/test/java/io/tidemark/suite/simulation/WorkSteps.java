package io.tidemark.suite.simulation;

import io.tidemark.common.home.PlannedSplit;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.RefreshWork;
import io.tidemark.common.home.TargetVersions;
import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.Unchanged;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.RefreshModel;
import io.tidemark.suite.simulation.home.SplitRow;
import io.tidemark.suite.simulation.home.WorkModel;
import java.sql.SQLException;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/** What an executor does with a refresh as a whole on both homes: plan, move on, finish. */
final class WorkSteps {
  private static final String READING = "{\"form\": 1}";

  private final Pair pair;

  WorkSteps(Pair pair) {
    this.pair = pair;
  }

  void work(RefreshModel refresh) throws Exception {
    var real = new RefreshWork(pair.id());
    var work = pair.workOf(refresh);
    var executor = pair.executor();
    var generation = pair.workGeneration - (pair.chance.chance(0.1) ? 1 : 0);
    switch (pair.chance.between(0, 8)) {
      case 0, 7 -> claimPlanning(refresh, executor);
      case 1, 2 ->
          pair.same(
              "store plan " + generation,
              storePlan(real, generation),
              work.storePlan(generation, "h", 1, pair.version()));
      case 3 -> {
        real.release(pair.home, generation);
        work.release(generation);
        pair.note("release work " + generation);
      }
      case 4 -> claimFinishing(refresh, executor);
      case 5 -> succeed(refresh, generation);
      case 8 -> endUnread(refresh, generation, pair.version());
      default -> {
        var lost = refresh.snapshot - (pair.chance.chance(0.3) ? 1 : 0);
        if (refresh.planned && !refresh.staged && pair.chance.chance(0.3)) {
          pair.same(
              "move on from " + lost,
              moveOn(real, lost),
              work.moveOn(lost, "h", 1, new int[Keys.COUNT]));
        }
      }
    }
  }

  void claimPlanning(RefreshModel refresh, String executor) throws Exception {
    pair.claimed(
        "claim planning " + executor,
        new RefreshWork(pair.id()).claimPlanning(pair.home, executor),
        pair.workOf(refresh).claimPlanning(executor));
  }

  void claimFinishing(RefreshModel refresh, String executor) throws Exception {
    pair.claimed(
        "claim finishing " + executor,
        new RefreshWork(pair.id()).claimFinishing(pair.home, executor),
        pair.workOf(refresh).claimFinishing(executor));
  }

  void succeed(RefreshModel refresh, long generation) throws Exception {
    pair.same(
        "succeed " + generation,
        succeed(generation, refresh.contents.get(1)),
        pair.workOf(refresh).finish("e1", generation, false) == WorkModel.Finished.SUCCEEDED);
  }

  private boolean succeed(long generation, int[] version) throws SQLException {
    return pair.transact(
        home -> {
          var succeeded =
              new RefreshWork(pair.id()).succeed(home, generation, OptionalLong.empty());
          if (succeeded && pair.staged) {
            new TargetVersions(pair.id(), Pair.TARGET).keep(home, Pair.identity(version), READING);
          }
          return succeeded;
        });
  }

  void endUnread(RefreshModel refresh, long generation, int[] version) throws Exception {
    var work = pair.workOf(refresh);
    var since = work.since(generation, version);
    pair.same(
        "end unread %d %s".formatted(generation, Pair.identity(version)),
        endUnread(generation, version),
        since > 0 && work.end("e1", generation, since, version));
  }

  private boolean endUnread(long generation, int[] version) throws SQLException {
    var real = new TargetVersions(pair.id(), Pair.TARGET);
    return pair.transact(
        home -> {
          var since = real.since(home, generation, Pair.identity(version), READING);
          var why = Unchanged.since(since.orElse(0), Pair.identity(version));
          return since.isPresent() && real.end(home, generation, "{}", why);
        });
  }

  private boolean storePlan(RefreshWork real, long generation) throws SQLException {
    return pair.transact(
        home -> real.storePlan(home, generation, "{}", false, pair.staged) && storePieces(real));
  }

  private boolean storePieces(RefreshWork real) throws SQLException {
    if (pair.staged) {
      var splits =
          IntStream.range(0, SplitRow.SPLITS)
              .mapToObj(split -> new PlannedSplit(split, "s" + split, "", 1, 1))
              .toList();
      new RefreshSplitsTable(pair.id()).insert(pair.home, splits);
    } else {
      new RefreshProgressTable(pair.id()).insert(pair.home, Pair.ranges());
      real.exported(pair.home, 1, "h", new RefreshWork.Export("1", "1"));
    }
    return true;
  }

  private boolean moveOn(RefreshWork real, int lost) throws SQLException {
    return pair.transact(
        home -> {
          if (!real.nextSnapshot(home, lost)) {
            return false;
          }
          real.exported(home, lost + 1, "h", new RefreshWork.Export("1", "1"));
          if (pair.strict) {
            new RefreshProgressTable(pair.id()).restart(home, false);
          }
          real.recovered(home, RecoveryCause.SNAPSHOT_LOST, "e1", pair.strict);
          return true;
        });
  }
}
