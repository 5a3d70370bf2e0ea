package io.tidemark.executor.lane;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.snapshot.SourceSnapshot;
import io.tidemark.executor.source.Connector;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The lanes of one refresh on one executor, from their start to their common end. */
public final class LaneCrew {
  private static final long STOP_SECONDS = 3;

  private final List<Lane> lanes;
  private final CountDownLatch ended;
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  private LaneCrew(LaneContext context, int size, Works works) {
    this.lanes =
        IntStream.rangeClosed(1, size)
            .mapToObj(
                i -> {
                  var name = "lane-" + i;
                  var pace = new LanePace(context.barriers(), context.throttle());
                  return new Lane(context, name, pace, works.of(name, pace));
                })
            .toList();
    this.ended = new CountDownLatch(size);
  }

  /** Makes what a lane works on. */
  private interface Works {
    LaneWork of(String lane, LanePace pace);
  }

  /** Lanes that merge streams. */
  public static LaneCrew streaming(LaneContext context, SourceSnapshot snapshot, int size) {
    return new LaneCrew(
        context, size, (lane, pace) -> new StreamedVNodes(context, snapshot, lane, pace));
  }

  /** Lanes that load splits into staging. */
  public static LaneCrew loading(LaneContext context, Connector connector, int size) {
    return new LaneCrew(
        context, size, (lane, pace) -> new SplitLoad(context, connector, lane, pace));
  }

  /** Lanes that merge what is staged. */
  public static LaneCrew merging(LaneContext context, int size) {
    return new LaneCrew(context, size, (lane, pace) -> new StagedVNodes(context, lane, pace));
  }

  /**
   * Lets all lanes work until there is nothing to claim, or until they are stopped.
   *
   * @throws TidemarkException the first lane's that could not go on; the others have stopped
   */
  public void work() {
    for (var lane : lanes) {
      Thread.ofVirtual().name("tidemark-lane").start(() -> run(lane));
    }
    var watch = SilenceWatch.over(lanes.stream().map(Lane::waiting).toList());
    try {
      ended.await();
    } catch (InterruptedException e) {
      stop(this);
      Thread.currentThread().interrupt();
    } finally {
      watch.close();
    }
    var first = failure.get();
    if (first != null) {
      throw first;
    }
  }

  /** Ends all lanes after a checkpoint, or after a few seconds without one. Does not block. */
  public static void stop(@Nullable LaneCrew crew) {
    if (crew == null) {
      return;
    }
    crew.lanes.forEach(Lane::stop);
    Thread.ofVirtual().name("tidemark-lane-stop").start(crew::abortStragglers);
  }

  /** Whether any lane has come to a checkpoint. */
  public boolean progressed() {
    return lanes.stream().anyMatch(Lane::progressed);
  }

  /** Whether any lane gave up because a server did not let it in for a while. */
  public boolean cutOff() {
    return lanes.stream().anyMatch(Lane::cutOff);
  }

  /** How many lanes still work. */
  public int working() {
    return (int) ended.getCount();
  }

  /** How many of them have not answered this epoch's barrier: they wait for a server. */
  public int silent(long epoch) {
    return (int) lanes.stream().filter(lane -> !lane.hasAnswered(epoch)).count();
  }

  private void run(Lane lane) {
    try {
      lane.run();
    } catch (RuntimeException e) {
      fail(e);
    } catch (OutOfMemoryError e) {
      fail(
          new TidemarkException(
              ErrorReport.of(ErrorCode.BUG, "no memory left for the rows that lanes hold: " + e)
                  .withHint("Give the process a larger heap (-Xmx), or fewer executor.lanes.")));
    } finally {
      ended.countDown();
    }
  }

  private void fail(RuntimeException error) {
    if (failure.compareAndSet(null, error)) {
      stop(this);
    }
  }

  private void abortStragglers() {
    try {
      if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
        lanes.forEach(Lane::abort);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
