package io.tidemark.launcher;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Lets Ctrl-C and SIGTERM end a command in good order and with its own exit code, where the JVM
 * would end with 130 or 143. The command hears of the signal, returns when it is done, and only
 * then does the process end.
 */
public final class Shutdown {
  /** Above what a drain takes, below what service managers wait before they kill. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private Shutdown() {}

  /** Something that ends early where it is asked to. */
  @FunctionalInterface
  public interface Task {
    /**
     * @param asked completes when a signal came
     * @return the exit code
     */
    int run(CompletionStage<Void> asked) throws Exception;
  }

  /** Runs it to its end, on the calling thread. */
  public static int run(Task task) throws Exception {
    var asked = new CompletableFuture<Void>();
    var ended = new CompletableFuture<Integer>();
    var hook =
        Thread.ofPlatform()
            .name("tidemark-shutdown")
            .unstarted(
                () -> {
                  asked.complete(null);
                  Runtime.getRuntime().halt(codeOf(ended));
                });
    Runtime.getRuntime().addShutdownHook(hook);
    int code = ExitCode.FAILED;
    try {
      code = task.run(asked);
      return code;
    } finally {
      if (asked.isDone()) {
        System.out.flush();
        System.err.flush();
        ended.complete(code);
      } else {
        remove(hook);
        ended.complete(code);
      }
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // A signal came at this very moment: the hook ends the process, with the same code.
    }
  }

  private static int codeOf(CompletableFuture<Integer> ended) {
    try {
      return ended.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return ExitCode.RESUMABLE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.RESUMABLE;
    }
  }
}
