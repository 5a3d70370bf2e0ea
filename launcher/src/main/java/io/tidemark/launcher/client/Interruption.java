package io.tidemark.launcher.client;

import io.tidemark.launcher.ExitCode;

/**
 * Lets Ctrl-C and SIGTERM end the process at once, with {@link ExitCode#RESUMABLE} and a word on
 * how to go on: what was watched lives at the server.
 */
final class Interruption {
  private Interruption() {}

  /** What may be interrupted. */
  @FunctionalInterface
  interface Task<T> {
    T run() throws InterruptedException;
  }

  /** Runs it to its end, unless a signal comes. */
  static <T> T saying(Runnable word, Task<T> task) throws InterruptedException {
    var hook =
        Thread.ofPlatform()
            .name("tidemark-interruption")
            .unstarted(
                () -> {
                  word.run();
                  Runtime.getRuntime().halt(ExitCode.RESUMABLE);
                });
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return task.run();
    } finally {
      remove(hook);
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The signal came at this very moment, and ends the process.
    }
  }
}
