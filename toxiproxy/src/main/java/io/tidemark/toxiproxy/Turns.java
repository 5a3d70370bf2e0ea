package io.tidemark.toxiproxy;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;

/** Runs asynchronous tasks one after the other, each on the same event loop. From any thread. */
final class Turns {
  private final Context context;
  private Future<?> last = Future.succeededFuture();

  Turns(Context context) {
    this.context = context;
  }

  /** Runs a task when all before it are done, however they ended. */
  synchronized <T> Future<T> take(Supplier<Future<T>> task) {
    Promise<T> done = Promise.promise();
    last.onComplete(
        before ->
            context.runOnContext(
                now -> Future.<Void>succeededFuture().compose(v -> task.get()).onComplete(done)));
    last = done.future();
    return done.future();
  }
}
