package io.tidemark.executor.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.merge.ConnectionLoss;
import io.tidemark.executor.merge.CopyBlocks;
import io.tidemark.executor.merge.RowBlocks;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.toxiproxy.Link;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** A silent server is left alone while it works, and given up when it does not. */
@Timeout(60)
@Isolated("measures seconds")
class SilenceWatchTest {
  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(100);

  private final Vertx vertx = Vertx.vertx();
  private TwoDatabases databases;
  private Link link;
  private Connection connection;

  @BeforeEach
  void open() throws Exception {
    databases = new TwoDatabases();
    var address = databases.sourceAddress;
    link = Link.open(vertx, address.host(), address.port()).await(20, TimeUnit.SECONDS);
    connection = linked(Map.of()).connect("watched");
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
    databases.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aServerThatWorksInSilenceIsLeftAlone() throws Exception {
    watched(wait -> wait.during(peer(databases.sourceAddress), () -> run("SELECT pg_sleep(1.5)")));
  }

  @Test
  void aServerThatIsDoneWhileItsAnswerIsLostIsGivenUp() throws Exception {
    var peer = peer(databases.sourceAddress);
    assertThatThrownBy(
            () ->
                watched(
                    wait ->
                        wait.during(
                            peer,
                            () -> {
                              stall();
                              return run("SELECT 1");
                            })))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void aLinkThatDropsEverythingIsGivenUp() throws Exception {
    // Given: also whoever asks over another connection hears nothing
    var peer = peer(linked(Map.of("connectTimeout", "1", "socketTimeout", "1")));
    // When / Then
    assertThatThrownBy(
            () ->
                watched(
                    wait ->
                        wait.during(
                            peer,
                            () -> {
                              stall();
                              return run("SELECT pg_sleep(100)");
                            })))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void aServerThatWaitsForUsToReadWhatNeverComesIsGivenUp() throws Exception {
    // Given: more than the buffers on the way can hold
    var peer = peer(databases.sourceAddress);
    var copy =
        "COPY (SELECT i, repeat('x', 1000) FROM generate_series(1, 200000) i)"
            + " TO STDOUT (FORMAT binary)";
    // When / Then
    assertThatThrownBy(
            () ->
                watched(
                    wait -> {
                      var rows = wait.watch(peer, CopyBlocks.open(connection, copy));
                      assertThat(rows.next()).isNotNull();
                      stall();
                      return drain(rows);
                    }))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void aReadOfASourceThatSaysNothingIsCutAtTheLimitAndLeavesNoInterruptBehind() throws Exception {
    // Given: something that nobody can be asked about
    var wait = new ServerWait(BETWEEN_LOOKS);
    var never = new CountDownLatch(1);
    try (var watch = SilenceWatch.over(List.of(wait), BETWEEN_LOOKS)) {
      assertThat(watch).isNotNull();
      // When / Then
      assertThatThrownBy(() -> wait.limited(() -> {}, () -> awaited(never)))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("silent")
          .matches(ConnectionLoss::isIn, "is tried again");
    }
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void aReadThatCannotBeInterruptedIsAborted() throws Exception {
    var wait = new ServerWait(BETWEEN_LOOKS);
    var aborted = new CountDownLatch(1);
    try (var watch = SilenceWatch.over(List.of(wait), BETWEEN_LOOKS)) {
      assertThat(watch).isNotNull();
      assertThatThrownBy(
              () ->
                  wait.limited(
                      aborted::countDown,
                      () -> {
                        awaitUninterruptibly(aborted);
                        throw new SQLException("cancelled", "57014");
                      }))
          .hasMessageContaining("silent");
    }
  }

  @Test
  void whatAReadSaysAfterItWasAbortedIsNotItsEnd() throws Exception {
    var wait = new ServerWait(BETWEEN_LOOKS);
    var aborted = new CountDownLatch(1);
    try (var watch = SilenceWatch.over(List.of(wait), BETWEEN_LOOKS)) {
      assertThat(watch).isNotNull();
      assertThatThrownBy(
              () ->
                  wait.limited(
                      aborted::countDown,
                      () -> {
                        awaitUninterruptibly(aborted);
                        return Optional.empty();
                      }))
          .hasMessageContaining("silent");
    }
  }

  private static boolean awaited(CountDownLatch latch) throws SQLException {
    try {
      return latch.await(50, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new SQLException("interrupted", e);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    while (true) {
      try {
        assertThat(latch.await(50, TimeUnit.SECONDS)).isTrue();
        return;
      } catch (InterruptedException e) {
        // as native code that does not look
      }
    }
  }

  private interface Talk {
    Object with(ServerWait wait) throws SQLException;
  }

  private static void watched(Talk talk) throws SQLException {
    var wait = new ServerWait();
    try (var watch = SilenceWatch.over(List.of(wait), BETWEEN_LOOKS)) {
      assertThat(watch).isNotNull();
      talk.with(wait);
    }
  }

  private Peer peer(PostgresAddress asked) throws SQLException {
    return Peer.of(connection, asked);
  }

  private PostgresAddress linked(Map<String, String> options) {
    var address = databases.sourceAddress;
    return new PostgresAddress(
        "127.0.0.1", link.port(), address.database(), address.user(), address.password(), options);
  }

  private Object run(String sql) throws SQLException {
    return TwoDatabases.column(connection, sql);
  }

  private static Object drain(RowBlocks rows) throws SQLException {
    var number = 0;
    while (rows.next() != null) {
      number++;
    }
    return number;
  }

  private void stall() {
    try {
      link.stall().await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
