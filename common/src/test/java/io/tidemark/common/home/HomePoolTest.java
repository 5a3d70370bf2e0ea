package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class HomePoolTest {
  @Test
  void aServerThatKeepsSilentIsGivenUpAndTheNextStatementGetsAnotherConnection() throws Exception {
    var vertx = Vertx.vertx();
    try (var postgres = EmbeddedPostgres.builder().start()) {
      var home =
          new PostgresAddress(
              "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
      var pool = HomePool.of(vertx, home, "test", 1, Duration.ofMillis(500));

      assertThatThrownBy(
              () -> pool.query("SELECT pg_sleep(60)").execute().await(20, TimeUnit.SECONDS))
          .isNotInstanceOf(TimeoutException.class);

      assertThat(soon(() -> pool.query("SELECT 1").execute())).isEqualTo(1);
    } finally {
      vertx.close().await(20, TimeUnit.SECONDS);
    }
  }

  /** The pool may hand out what was just closed, until it has heard of it. */
  private static int soon(Supplier<Future<RowSet<Row>>> query) throws TimeoutException {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (true) {
      try {
        return query.get().await(20, TimeUnit.SECONDS).iterator().next().getInteger(0);
      } catch (VertxException lost) {
        assertThat(System.nanoTime()).as(lost.getMessage()).isLessThan(deadline);
      }
    }
  }
}
