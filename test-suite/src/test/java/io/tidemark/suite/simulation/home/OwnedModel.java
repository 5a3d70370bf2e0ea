package io.tidemark.suite.simulation.home;

import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.RefreshProgressTable.Claim;
import io.tidemark.common.refresh.RefreshState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Mirrors {@code io.tidemark.common.home.OwnedRows}, statement by statement, for one refresh. */
final class OwnedModel<R extends OwnedRow> {
  private final HomeModel home;
  private final RefreshModel refresh;
  private final List<R> rows;
  private final BooleanSupplier ready;
  private final Consumer<R> claimed;

  /**
   * Makes one.
   *
   * @param rows all there are, which may become more
   * @param ready the condition on the refresh's row
   * @param claimed told of each that gets an owner
   */
  OwnedModel(
      HomeModel home,
      RefreshModel refresh,
      List<R> rows,
      BooleanSupplier ready,
      Consumer<R> claimed) {
    this.home = home;
    this.refresh = refresh;
    this.rows = rows;
    this.ready = ready;
    this.claimed = claimed;
  }

  /**
   * CLAIM: {@code state = 'REFRESHING' AND NOT paused AND snapshot = mine}, ready and not lost,
   * then {@code owner IS NULL AND NOT is_completed ORDER BY … LIMIT n}; one that failed in this
   * attempt, or has lost more than one owner, alone, and only where there is no other.
   */
  List<Claim> claim(String executor, int snapshot, int limit) {
    var claims = new ArrayList<Claim>();
    if (refresh.state != RefreshState.REFRESHING
        || refresh.paused
        || refresh.snapshot != snapshot
        || !ready.getAsBoolean()
        || home.lost.contains(executor)) {
      return claims;
    }
    for (var row : rows) {
      if (row.isFree() && !row.isSuspect(refresh.attempts) && claims.size() < limit) {
        claims.add(claim(executor, row));
      }
    }
    if (claims.isEmpty()) {
      rows.stream()
          .filter(this::isClaimable)
          .findFirst()
          .ifPresent(row -> claims.add(claim(executor, row)));
    }
    return claims;
  }

  private Claim claim(String executor, R row) {
    row.owner = executor;
    row.generation++;
    claimed.accept(row);
    return row.claim();
  }

  private boolean isClaimable(R row) {
    return row.isFree() && row.triesIn(refresh.attempts) < RefreshProgressTable.MAX_TRIES;
  }

  /** SET_ASIDE: {@code generation = mine AND NOT is_completed}. */
  void setAside(Claim claim, ErrorReport failure, boolean forGood) {
    mine(claim)
        .ifPresent(
            row -> {
              row.free();
              row.failed(refresh.attempts, failure);
              if (forGood) {
                row.tries = RefreshProgressTable.MAX_TRIES;
              }
              home.counts.setAside++;
            });
  }

  /** RETAKE: {@code generation = mine AND NOT is_completed}. */
  Optional<Claim> retake(Claim claim) {
    return mine(claim)
        .map(
            row -> {
              row.generation++;
              claimed.accept(row);
              return row.claim();
            });
  }

  /** OWNS: {@code generation = mine AND NOT is_completed}. */
  boolean owns(Claim claim) {
    return mine(claim).isPresent();
  }

  /** RELEASE: {@code generation = mine AND NOT is_completed}. */
  void release(Claim claim) {
    mine(claim).ifPresent(OwnedRow::free);
  }

  /** RELEASE_ALL: {@code owner = mine AND NOT is_completed}. */
  void releaseAll(String executor) {
    for (var row : rows) {
      if (executor.equals(row.owner) && !row.completed) {
        row.free();
      }
    }
  }

  /** FREE: {@code owner IS NULL AND NOT is_completed}, not tried too often, and ready. */
  boolean anyFree() {
    return ready.getAsBoolean() && rows.stream().anyMatch(this::isClaimable);
  }

  private Optional<R> mine(Claim claim) {
    return row(claim.vnode()).filter(row -> row.generation == claim.generation() && !row.completed);
  }

  Optional<R> row(int number) {
    return number < rows.size() ? Optional.of(rows.get(number)) : Optional.empty();
  }
}
