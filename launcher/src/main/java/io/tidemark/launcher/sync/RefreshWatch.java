package io.tidemark.launcher.sync;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.ProgressNews;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.RefreshViews;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.terminal.ProgressView;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Watches a refresh of this process until it ends or waits for a person. News on the bus make it
 * quick, a look into Postgres now and then makes it sure.
 */
final class RefreshWatch {
  private static final int QUEUED_NEWS = 64;
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LOOK_INTERVAL = Duration.ofSeconds(1);
  private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(10);

  private final Vertx vertx;
  private final RefreshViews views;
  private final ProgressView progress;
  private final Duration patience;
  private final CompletionStage<Void> asked;

  /**
   * @param patience how long the home may be away
   * @param asked ends the watch
   */
  RefreshWatch(
      Vertx vertx,
      RefreshViews views,
      ProgressView progress,
      Duration patience,
      CompletionStage<Void> asked) {
    this.vertx = vertx;
    this.views = views;
    this.progress = progress;
    this.patience = patience;
    this.asked = asked;
  }

  /**
   * @param wanted the end that is asked for
   */
  TableOutcome untilRest(String table, long id, RefreshState wanted) {
    var news = new ArrayBlockingQueue<RefreshView>(QUEUED_NEWS);
    var consumer =
        vertx
            .eventBus()
            .<ProgressNews>consumer(
                Address.PROGRESS,
                message -> {
                  if (message.body().refresh().id() == id) {
                    // Full: the next look will tell.
                    var unused = news.offer(message.body().refresh());
                  }
                });
    try {
      return watch(table, id, wanted, news);
    } finally {
      consumer.unregister();
    }
  }

  private TableOutcome watch(
      String table, long id, RefreshState wanted, BlockingQueue<RefreshView> news) {
    var last = Optional.<RefreshView>empty();
    long seen = System.nanoTime();
    long looked = seen - LOOK_INTERVAL.toNanos();
    while (!asked.toCompletableFuture().isDone()) {
      var now = next(news);
      if (now.isPresent() || System.nanoTime() - looked >= LOOK_INTERVAL.toNanos()) {
        looked = now.isPresent() && !rests(now.get()) ? looked : System.nanoTime();
        // The end is read from where it is true.
        now = now.filter(view -> !rests(view)).or(() -> look(id));
      }
      if (now.isPresent()) {
        last = now;
        seen = System.nanoTime();
        if (rests(now.get())) {
          progress.end(now.get());
          return new TableOutcome.Rested(now.get(), wanted);
        }
        progress.show(now.get());
      } else if (System.nanoTime() - seen > patience.toNanos()) {
        return new TableOutcome.Refused(
            ErrorReport.of(
                    ErrorCode.HOME_UNREACHABLE,
                    "table "
                        + table
                        + ": the home has not answered for "
                        + patience.toSeconds()
                        + " s")
                .withHint("What is merged is safe: run the same command again to go on."));
      }
    }
    return new TableOutcome.Interrupted(table, wanted, last.or(() -> look(id)));
  }

  private static Optional<RefreshView> next(BlockingQueue<RefreshView> news) {
    try {
      return Optional.ofNullable(news.poll(POLL.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private Optional<RefreshView> look(long id) {
    return Node.await(views.view(id).otherwise(Optional.empty()), LOOK_TIMEOUT);
  }

  /** The same outcome as the home has it, once nobody works any more. */
  TableOutcome settled(TableOutcome outcome) {
    return outcome instanceof TableOutcome.Interrupted interrupted
        ? interrupted
            .view()
            .flatMap(before -> look(before.id()).or(() -> Optional.of(before)))
            .<TableOutcome>map(
                now ->
                    rests(now)
                        ? new TableOutcome.Rested(now, interrupted.wanted())
                        : new TableOutcome.Interrupted(
                            interrupted.table(), interrupted.wanted(), Optional.of(now)))
            .orElse(interrupted)
        : outcome;
  }

  private static boolean rests(RefreshView view) {
    return !view.state().active() || view.state() == RefreshState.AWAITING_APPROVAL;
  }
}
