package io.tidemark.suite.simulation;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.home.RefreshSplitsTable;
import io.tidemark.common.home.StagedWork;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.RefreshModel;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What executors do with splits, and with the end of a load, on both homes. */
final class SplitSteps {
  private final Pair pair;
  private final List<Claim> claims = new ArrayList<>();

  SplitSteps(Pair pair) {
    this.pair = pair;
  }

  /** Loads splits whole, and ends the load when there is none left. */
  void loadSome(RefreshModel refresh) throws Exception {
    var real = new RefreshSplitsTable(pair.id());
    var model = pair.stagedOf(refresh);
    var found = real.claim(pair.home, "e1", refresh.snapshot, 2);
    pair.same(
        "claim two splits", Pair.text(found), Pair.text(model.claim("e1", refresh.snapshot, 2)));
    for (var claim : found) {
      loadTo(refresh, claim, Keys.COUNT - 1, true);
    }
    if (found.isEmpty()) {
      var work = new StagedWork(pair.id());
      pair.claimed(
          "claim load finish e1",
          work.claimLoadFinish(pair.home, "e1"),
          model.claimLoadFinish("e1"));
      finishLoad(refresh, pair.workGeneration);
    }
  }

  private void loadTo(RefreshModel refresh, Claim claim, int key, boolean completed)
      throws Exception {
    var number = claim.checkpoint() + pair.chance.between(0, 3);
    var checkpoint =
        new RefreshSplitsTable.Checkpoint(
            claim, number, 1, Keys.text(key).map(List::getFirst), completed, number, 0);
    pair.same(
        "load " + checkpoint,
        new RefreshSplitsTable(pair.id()).checkpoint(pair.home, checkpoint),
        pair.stagedOf(refresh).checkpoint(claim, number, key, completed, number));
  }

  private void finishLoad(RefreshModel refresh, long generation) throws Exception {
    pair.same(
        "finish load " + generation,
        finishLoad(generation),
        pair.stagedOf(refresh).loadFinished(generation));
  }

  private boolean finishLoad(long generation) throws SQLException {
    var vnodes = new RefreshProgressTable(pair.id());
    if (!new StagedWork(pair.id()).loadFinished(pair.home, generation, 0, LoadReport.NOTHING)) {
      return false;
    }
    if (!vnodes.any(pair.home)) {
      vnodes.insert(pair.home, Pair.ranges());
    }
    return true;
  }

  void splits(RefreshModel refresh) throws Exception {
    var real = new RefreshSplitsTable(pair.id());
    var model = pair.stagedOf(refresh);
    var executor = pair.executor();
    if (claims.isEmpty() || pair.chance.chance(0.3)) {
      var load = refresh.snapshot - (pair.chance.chance(0.1) ? 1 : 0);
      var found = real.claim(pair.home, executor, load, 1);
      pair.same(
          "claim split %s %d".formatted(executor, load),
          Pair.text(found),
          Pair.text(model.claim(executor, load, 1)));
      claims.addAll(found);
      return;
    }
    var claim =
        claims.get(claims.size() - 1 - pair.chance.between(0, Math.min(3, claims.size() - 1)));
    switch (pair.chance.between(0, 9)) {
      case 0 -> {
        var retaken = real.retake(pair.home, claim);
        pair.same(
            "retake split " + Pair.text(List.of(claim)),
            Pair.text(retaken.stream().toList()),
            Pair.text(model.retake(claim).stream().toList()));
        claims.addAll(retaken.stream().toList());
      }
      case 1 -> {
        real.release(pair.home, claim);
        model.release(claim);
        pair.note("release split " + Pair.text(List.of(claim)));
      }
      case 2 -> {
        real.releaseAll(pair.home, executor);
        model.releaseAll(executor);
        pair.note("release all splits of " + executor);
      }
      case 3 -> {
        var error = ErrorReport.of(ErrorCode.SOURCE_FAILED, "no");
        real.setAside(pair.home, claim, error, false);
        model.setAside(claim, error, false);
        pair.note("set aside split " + Pair.text(List.of(claim)));
      }
      case 4 -> pair.same("any free split", real.anyFree(pair.home), model.anyFree());
      case 5 ->
          pair.claimed(
              "claim load finish " + executor,
              new StagedWork(pair.id()).claimLoadFinish(pair.home, executor),
              model.claimLoadFinish(executor));
      case 6 -> finishLoad(refresh, pair.workGeneration - (pair.chance.chance(0.2) ? 1 : 0));
      case 7 -> {
        var lost = refresh.snapshot - (pair.chance.chance(0.3) ? 1 : 0);
        if (pair.chance.chance(0.3)) {
          pair.same("load again " + lost, loadAgain(lost, executor), model.loadAgain(lost));
        }
      }
      default ->
          loadTo(refresh, claim, pair.chance.between(0, Keys.COUNT - 1), pair.chance.chance(0.5));
    }
  }

  private boolean loadAgain(int lost, String executor) throws SQLException {
    return pair.transact(
        home -> {
          var again =
              new StagedWork(pair.id()).loadAgain(home, lost, executor, "MERGING", pair.strict);
          if (again && pair.strict) {
            new RefreshProgressTable(pair.id()).restart(home, false);
          }
          return again;
        });
  }
}
