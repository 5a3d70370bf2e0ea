package io.tidemark.suite.simulation;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.suite.simulation.home.RefreshModel;

/** What those who lead, or want to, do on both homes. */
final class LeaderSteps {
  private final Pair pair;

  LeaderSteps(Pair pair) {
    this.pair = pair;
  }

  void lead() throws Exception {
    var holder = "m" + pair.chance.between(1, 2);
    var term = pair.term();
    switch (pair.chance.between(0, 11)) {
      case 0, 1, 6, 7, 8, 9, 10, 11 ->
          pair.same(
              "acquire " + holder,
              pair.leader.acquire(holder),
              pair.lease.acquire(holder).map(held -> held.term() + " " + held.clean()));
      case 2 ->
          pair.same(
              "renew " + holder + " " + term,
              pair.leader.renew(holder, term),
              pair.lease.renew(holder, term));
      case 3 -> {
        pair.leader.giveBack(holder, term);
        pair.lease.giveBack(holder, term);
        pair.note("give back " + holder + " " + term);
      }
      case 4 -> {
        pair.execute(
            "UPDATE tidemark.leases SET expires_at = clock_timestamp() - interval '1 second'");
        if (pair.model.lease.term > 0) {
          pair.model.lease.expiresAt = Pair.NOW - 1;
        }
        pair.note("expire");
      }
      default -> {
        var alone = pair.chance.chance(0.3);
        pair.leader.takeOver(holder, term, true, alone);
        pair.leading(holder, term).takeOver(true, alone);
        pair.note("take over " + holder + " " + term + " " + alone);
      }
    }
    request();
  }

  /** All is merged. */
  void finish(RefreshModel refresh) throws Exception {
    var holder = pair.holder();
    pair.same(
        "finish",
        pair.leader.finish(holder, pair.model.lease.term, pair.id(), refresh.snapshot, false),
        pair.leading(holder, pair.model.lease.term).finish(refresh.id, refresh.snapshot, false));
  }

  private void request() throws Exception {
    var dryRun = pair.chance.chance(0.1);
    var holder = pair.holder();
    pair.leader.request(holder, pair.model.lease.term, Pair.TABLE, dryRun);
    pair.leading(holder, pair.model.lease.term).request(Pair.TABLE, dryRun);
    pair.note("request " + dryRun);
  }

  void decide(RefreshModel refresh) throws Exception {
    var id = pair.id();
    var term = pair.term();
    var holder = pair.holder();
    var writes = pair.leading(holder, term);
    var snapshot = refresh.snapshot - (pair.chance.chance(0.1) ? 1 : 0);
    var executor = pair.executor();
    var yes = pair.chance.chance(0.3);
    switch (pair.chance.between(0, 20)) {
      case 0, 1, 2, 15, 16 ->
          pair.same(
              "finish " + snapshot + " " + yes,
              pair.leader.finish(holder, term, id, snapshot, yes),
              writes.finish(refresh.id, snapshot, yes));
      case 3 ->
          pair.same(
              "await approval " + snapshot,
              pair.leader.awaitApproval(holder, term, id, snapshot),
              writes.awaitApproval(refresh.id, snapshot));
      case 4 -> {
        if (pair.chance.chance(0.7)) {
          return;
        }
        var error =
            ErrorReport.of(yes ? ErrorCode.GUARD_TRIPPED : ErrorCode.SOURCE_UNREACHABLE, "gone");
        pair.same(
            "fail " + error.code(),
            pair.leader.fail(holder, term, id, error),
            writes.fail(refresh.id, error));
      }
      case 5 -> {
        if (pair.chance.chance(0.7)) {
          return;
        }
        var state = yes ? RefreshState.CANCELLED : RefreshState.REJECTED;
        pair.same(
            "end " + state,
            pair.leader.end(holder, term, id, state),
            writes.end(refresh.id, state));
      }
      case 6, 7 ->
          pair.same("approve", pair.leader.approve(holder, term, id), writes.approve(refresh.id));
      case 8, 9 ->
          pair.same(
              "hold " + yes, pair.leader.hold(holder, term, id, yes), writes.hold(refresh.id, yes));
      case 10 ->
          pair.same(
              "release " + executor,
              pair.leader.release(holder, term, id, executor),
              writes.release(refresh.id, executor));
      case 11, 17, 18 -> {
        pair.leader.welcome(holder, term, executor);
        writes.welcome(executor);
        pair.note("welcome " + executor);
      }
      case 12 -> {
        pair.leader.countWork(holder, term, 700);
        writes.countWork(700);
        pair.note("count work");
      }
      case 13 -> {
        var epoch = pair.model.lease.epoch - (yes ? 1 : 0);
        pair.leader.commitEpoch(holder, term, epoch);
        writes.commitEpoch(epoch);
        pair.note("commit epoch " + epoch);
      }
      default -> request();
    }
  }
}
