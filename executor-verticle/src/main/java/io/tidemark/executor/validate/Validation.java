package io.tidemark.executor.validate;

import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.config.ConfigProblem;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.executor.ExecutorSettings;
import io.tidemark.executor.plan.ConnectFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Checks definitions as far as only a look at source and home can: one report a problem, in the
 * order of the definitions. Tables are checked side by side, a bounded number of them, and the
 * whole within {@link #MAX_SECONDS}.
 */
public final class Validation {
  /** How long a validation takes at most, whatever does not answer. */
  public static final int MAX_SECONDS = 90;

  private static final int MAX_TABLES_AT_ONCE = 16;

  private final ExecutorSettings settings;
  private final Reach reach = new Reach();

  public Validation(ExecutorSettings settings) {
    this.settings = settings;
  }

  /** Blocks. Empty: all is well. */
  public List<ErrorReport> validate(ValidateTables request) throws InterruptedException {
    var origin = request.origin();
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
    var slots = new Semaphore(MAX_TABLES_AT_ONCE);
    var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().factory());
    try {
      var home = threads.submit(() -> reach.failure(settings.home()));
      var checks = new ArrayList<Future<List<ErrorReport>>>();
      for (var definition : request.definitions()) {
        checks.add(
            threads.submit(
                () -> {
                  slots.acquire();
                  try {
                    return new TableCheck(settings, reach, origin, definition).problems();
                  } finally {
                    slots.release();
                  }
                }));
      }
      var problems = new ArrayList<ErrorReport>();
      await(home, deadline, Optional.of(unanswered()))
          .ifPresent(failure -> problems.add(home(origin, failure)));
      for (var check : checks) {
        problems.addAll(await(check, deadline, List.of(late(origin))));
      }
      return problems.stream().distinct().toList();
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T> T await(Future<T> check, long deadline, T late) throws InterruptedException {
    try {
      return check.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return late;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private static ErrorReport home(String origin, ConnectFailure failure) {
    return new ConfigProblem(
            origin, Optional.empty(), Optional.empty(), "home", failure.message(), failure.remedy())
        .report(failure.kind().homeCode());
  }

  private static ConnectFailure unanswered() {
    return new ConnectFailure(
        ConnectFailure.Kind.UNREACHABLE,
        "it does not answer",
        "Check host and port in the URL, and the firewalls between here and there.");
  }

  private static ErrorReport late(String origin) {
    return new ConfigProblem(
            origin,
            Optional.empty(),
            Optional.empty(),
            "tables",
            "not all tables could be checked within " + MAX_SECONDS + " s",
            "Look for servers that do not answer, or check fewer tables at once.")
        .report(ErrorCode.SOURCE_UNREACHABLE);
  }
}
