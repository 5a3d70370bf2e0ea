package io.tidemark.toxiproxy.engine;

import io.vertx.core.internal.ContextInternal;
import java.util.concurrent.TimeUnit;

/** The time of the machine, with timers finer than the milliseconds of Vert.x. */
final class LoopClock implements Clock {
  private final ContextInternal context;

  LoopClock(ContextInternal context) {
    this.context = context;
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Timer after(long nanos, Runnable task) {
    var scheduled =
        context
            .nettyEventLoop()
            .schedule(() -> context.dispatch(task), nanos, TimeUnit.NANOSECONDS);
    return () -> scheduled.cancel(false);
  }
}
