package io.tidemark.suite.simulation;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Checkpoint;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.suite.simulation.home.Keys;
import io.tidemark.suite.simulation.home.RefreshModel;
import java.util.ArrayList;
import java.util.List;

/** What executors do with VNodes on both homes. */
final class VNodeSteps {
  private final Pair pair;
  private final List<Claim> claims = new ArrayList<>();

  VNodeSteps(Pair pair) {
    this.pair = pair;
  }

  void completeSome(RefreshModel refresh) throws Exception {
    var real = new RefreshProgressTable(pair.id());
    var progress = pair.progressOf(refresh);
    var found = real.claim(pair.home, "e1", refresh.snapshot, 2);
    pair.same("claim two", Pair.text(found), Pair.text(progress.claim("e1", refresh.snapshot, 2)));
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
      pair.same(
          "complete " + claim.vnode(),
          real.checkpoint(pair.home, List.of(last)),
          progress.checkpoint("e1", List.of(last), each -> 1));
    }
  }

  void progress(RefreshModel refresh) throws Exception {
    var real = new RefreshProgressTable(pair.id());
    var progress = pair.progressOf(refresh);
    var executor = pair.executor();
    if (claims.isEmpty() || pair.chance.chance(0.3)) {
      var snapshot = refresh.snapshot - (pair.chance.chance(0.1) ? 1 : 0);
      var limit = pair.chance.between(1, 2);
      var found = real.claim(pair.home, executor, snapshot, limit);
      pair.same(
          "claim %s %d %d".formatted(executor, snapshot, limit),
          Pair.text(found),
          Pair.text(progress.claim(executor, snapshot, limit)));
      claims.addAll(found);
      return;
    }
    // The newest ones mostly: others are outdated.
    var claim =
        claims.get(claims.size() - 1 - pair.chance.between(0, Math.min(3, claims.size() - 1)));
    switch (pair.chance.between(0, 9)) {
      case 0 -> {
        pair.same(
            "owns " + Pair.text(List.of(claim)), real.owns(pair.home, claim), progress.owns(claim));
        var retaken = real.retake(pair.home, claim);
        pair.same(
            "retake " + Pair.text(List.of(claim)),
            Pair.text(retaken.stream().toList()),
            Pair.text(progress.retake(claim).stream().toList()));
        claims.addAll(retaken.stream().toList());
      }
      case 1 -> {
        real.release(pair.home, claim);
        progress.release(claim);
        pair.note("release " + Pair.text(List.of(claim)));
      }
      case 2 -> {
        if (pair.chance.chance(0.3)) {
          real.releaseAll(pair.home, executor);
          progress.releaseAll(executor);
          pair.note("release all of " + executor);
        }
      }
      case 3 -> pair.same("any free", real.anyFree(pair.home), progress.anyFree());
      case 4 -> {
        var forGood = pair.chance.chance(0.1);
        var error = ErrorReport.of(ErrorCode.SOURCE_FAILED, "no");
        real.setAside(pair.home, claim, error, forGood);
        progress.setAside(claim, error, forGood);
        pair.note("set aside " + Pair.text(List.of(claim)));
      }
      default -> {
        var checkpoint = checkpoint(claim);
        pair.same(
            "checkpoint " + checkpoint,
            real.checkpoint(pair.home, List.of(checkpoint)),
            progress.checkpoint(executor, List.of(checkpoint), each -> 1));
      }
    }
  }

  private Checkpoint checkpoint(Claim claim) {
    var number = claim.checkpoint() + pair.chance.between(0, 9);
    var key = Keys.last(claim.vnode()) - pair.chance.between(0, 2);
    return Checkpoint.of(
        claim,
        1,
        number,
        1,
        Keys.text(key),
        pair.chance.chance(0.5),
        new RowCounts(number, 0, 0, 0),
        0);
  }
}
