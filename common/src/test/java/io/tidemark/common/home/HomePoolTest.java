package io.tidemark.common.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class HomePoolTest {
  private static EmbeddedPostgres postgres;
  private static PostgresAddress home;

  private final Vertx vertx = Vertx.vertx();

  @BeforeAll
  static void startServer() throws IOException {
    postgres = EmbeddedPostgres.builder().start();
    home =
        new PostgresAddress(
            "localhost", postgres.getPort(), "postgres", "postgres", Optional.empty(), Map.of());
  }

  @AfterAll
  static void stopServer() throws IOException {
    postgres.close();
  }

  @AfterEach
  void closeVertx() throws TimeoutException {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aServerThatKeepsSilentIsGivenUpAndTheNextStatementGetsAnotherConnection() throws Exception {
    var pool = HomePool.of(vertx, home, "test", 1, Duration.ofMillis(500));

    assertThatThrownBy(
            () -> pool.query("SELECT pg_sleep(60)").execute().await(20, TimeUnit.SECONDS))
        .isNotInstanceOf(TimeoutException.class);

    assertThat(soon(() -> pool.query("SELECT 1").execute())).isEqualTo(1);
  }

  /** To plan what a leader reads at each barrier takes longer than to read it. */
  @Test
  void aLongStatementStaysPrepared() throws Exception {
    var pool = HomePool.of(vertx, home, "test", 1);
    var statement = "SELECT 1 -- " + "long ".repeat(1_000);

    for (var time = 0; time < 2; time++) {
      pool.preparedQuery(statement).execute().await(20, TimeUnit.SECONDS);
    }

    assertThat(
            soon(
                () ->
                    pool.query(
                            "SELECT (generic_plans + custom_plans)::int FROM pg_prepared_statements"
                                + " WHERE statement LIKE 'SELECT 1 -- long%'")
                        .execute()))
        .isEqualTo(2);
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
