package io.tidemark.meta;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.tidemark.common.bus.Command;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshTrigger;
import io.tidemark.common.refresh.RowCounts;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The statements of leases and leaders one at a time, for a test that compares them with a model.
 */
public final class LeaderStatements implements AutoCloseable {
  private static final GuardReport GUARD =
      new GuardReport(GuardReport.Reason.DRY_RUN, "", 0, RowCounts.ZERO, List.of(), 0);

  private final PostgresAddress address;
  private final Duration leaseLength;
  private final Vertx vertx = Vertx.vertx();
  private final Pool home;

  public LeaderStatements(PostgresAddress address, Duration leaseLength) {
    this.address = address;
    this.leaseLength = leaseLength;
    this.home =
        PgBuilder.pool()
            .connectingTo(address.reactive("leader statements"))
            .with(new PoolOptions().setMaxSize(1))
            .using(vertx)
            .build();
  }

  /** Term, and whether nobody was lost. */
  public Optional<String> acquire(String holder) throws TimeoutException {
    return wait(lease(holder).acquire()).map(held -> held.term() + " " + held.clean());
  }

  public OptionalLong renew(String holder, long term) throws TimeoutException {
    return wait(lease(holder).renew(term));
  }

  public void giveBack(String holder, long term) throws TimeoutException {
    wait(lease(holder).giveBack(term));
  }

  public void request(String holder, long term, String table, boolean dryRun)
      throws TimeoutException {
    wait(
        new Requests(home, holder, term)
            .handle(new Command.Request(table, dryRun, RefreshTrigger.MANUAL)));
  }

  public void takeOver(String holder, long term, boolean leaderLost, boolean alone)
      throws TimeoutException {
    wait(recovery(holder, term).takeOver(leaderLost, 0, alone));
  }

  public boolean finish(String holder, long term, long id, int snapshot, boolean skipDeletes)
      throws TimeoutException {
    var skipped = skipDeletes ? Optional.of(GUARD) : Optional.<GuardReport>empty();
    return wait(writes(holder, term).finish(id, snapshot, skipped));
  }

  public boolean awaitApproval(String holder, long term, long id, int snapshot)
      throws TimeoutException {
    return wait(writes(holder, term).awaitApproval(id, snapshot, GUARD));
  }

  public boolean fail(String holder, long term, long id, ErrorReport error)
      throws TimeoutException {
    return wait(writes(holder, term).fail(id, error));
  }

  public boolean end(String holder, long term, long id, RefreshState state)
      throws TimeoutException {
    return wait(writes(holder, term).end(id, state));
  }

  public boolean approve(String holder, long term, long id) throws TimeoutException {
    return wait(writes(holder, term).approve(id));
  }

  public boolean hold(String holder, long term, long id, boolean paused) throws TimeoutException {
    return wait(writes(holder, term).hold(id, paused));
  }

  public boolean release(String holder, long term, long id, String executor)
      throws TimeoutException {
    return wait(recovery(holder, term).release(id, executor, 0));
  }

  public void welcome(String holder, long term, String executor) throws TimeoutException {
    wait(recovery(holder, term).welcome(executor));
  }

  public void countWork(String holder, long term, long millis) throws TimeoutException {
    wait(writes(holder, term).countWork(millis));
  }

  public void commitEpoch(String holder, long term, long epoch) throws TimeoutException {
    wait(writes(holder, term).commitEpoch(epoch, wait(new RefreshViews(home).active())));
  }

  @Override
  public void close() throws TimeoutException {
    wait(home.close());
    wait(vertx.close());
  }

  private LeaderWrites writes(String holder, long term) {
    return new LeaderWrites(home, fence(holder, term));
  }

  private RecoveryWrites recovery(String holder, long term) {
    return new RecoveryWrites(home, fence(holder, term));
  }

  private static TermFence fence(String holder, long term) {
    return new TermFence(holder, term, () -> {});
  }

  private Lease lease(String holder) {
    return new Lease(
        home,
        new MetaSettings(
            holder,
            address,
            new TidemarkConfig.Meta(Duration.ofSeconds(1), leaseLength),
            MetaSettings.LeaseKind.SERVER,
            Optional.empty(),
            new SimpleMeterRegistry()));
  }

  private static <T> T wait(Future<T> future) throws TimeoutException {
    return future.await(20, TimeUnit.SECONDS);
  }
}
