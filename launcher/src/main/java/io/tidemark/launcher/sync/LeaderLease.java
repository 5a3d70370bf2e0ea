package io.tidemark.launcher.sync;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Whether another process leads. A lease that is being renewed has a living holder; one that is not
 * was left by a process that is gone, and runs out.
 */
final class LeaderLease {
  /** Index: leases' primary key. */
  private static final String HELD =
      """
      SELECT holder, kind, endpoint, renewed_at::text AS renewed_at,
             ceil(extract(epoch FROM expires_at - clock_timestamp()) * 1000)::bigint AS millis
        FROM tidemark.leases
       WHERE name = 'meta' AND expires_at > clock_timestamp()
      """;

  private static final Duration POLL = Duration.ofMillis(100);

  /** A holder that lives renews its lease this often, unless its barriers are slow. */
  private static final Duration USUAL_RENEWAL = Duration.ofMillis(1_500);

  private LeaderLease() {}

  private record Held(
      String holder, String kind, @Nullable String endpoint, String renewedAt, long millis) {}

  /**
   * Returns when nobody leads.
   *
   * @param say told once where it waits for a lease to run out
   * @param asked ends the wait
   * @throws TidemarkException ALREADY_LED where a living process leads
   */
  static void awaitFree(PostgresAddress home, Consumer<String> say, CompletionStage<Void> asked) {
    try (var connection = home.connect("tidemark sync")) {
      var first = held(connection);
      var since = System.nanoTime();
      var said = false;
      var now = first;
      while (first.isPresent() && now.isPresent()) {
        if (!now.get().renewedAt().equals(first.get().renewedAt())) {
          throw led(now.get());
        }
        if (!said && System.nanoTime() - since > USUAL_RENEWAL.toNanos()) {
          said = true;
          say.accept(
              "waiting %d s for the lease of a lost process (%s) to run out"
                  .formatted(Math.ceilDiv(now.get().millis(), 1_000), now.get().holder()));
        }
        if (pause(asked)) {
          return;
        }
        now = held(connection);
      }
    } catch (SQLException e) {
      throw unanswered(e);
    }
  }

  /**
   * Right after this process tried to lead.
   *
   * @throws TidemarkException ALREADY_LED where another one was faster
   */
  static void requireNotOthers(PostgresAddress home, String holder) {
    try (var connection = home.connect("tidemark sync")) {
      var other = held(connection).filter(held -> !held.holder().equals(holder));
      if (other.isPresent()) {
        throw led(other.get());
      }
    } catch (SQLException e) {
      throw unanswered(e);
    }
  }

  private static TidemarkException unanswered(SQLException cause) {
    return new TidemarkException(
        ErrorCode.HOME_FAILED, "the home does not say who leads: " + cause.getMessage(), cause);
  }

  private static Optional<Held> held(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(HELD)) {
      return rows.next()
          ? Optional.of(
              new Held(
                  rows.getString("holder"),
                  rows.getString("kind"),
                  rows.getString("endpoint"),
                  rows.getString("renewed_at"),
                  rows.getLong("millis")))
          : Optional.empty();
    }
  }

  private static TidemarkException led(Held held) {
    if (held.kind().equals("sync")) {
      return new TidemarkException(
          ErrorReport.of(
                  ErrorCode.ALREADY_LED, "another sync (" + held.holder() + ") runs on this home")
              .withHint("Wait for it to end, then run the command again."));
    }
    var url = Optional.ofNullable(held.endpoint());
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.ALREADY_LED,
                "server "
                    + held.holder()
                    + " leads on this home"
                    + url.map(at -> " at " + at).orElse(""))
            .withHint(
                "Use `tidemark refresh TABLE --server " + url.orElse("URL") + "`, or stop it."));
  }

  /** Whether it was asked to end. */
  private static boolean pause(CompletionStage<Void> asked) {
    try {
      asked.toCompletableFuture().get(POLL.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }
}
