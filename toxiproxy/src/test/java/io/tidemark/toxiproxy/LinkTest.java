package io.tidemark.toxiproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LinkTest {
  private static final int PATIENCE_MILLIS = 10_000;
  private static final int SILENCE_MILLIS = 200;
  private static final int MEGABYTE = 1 << 20;

  private static Vertx vertx;

  private ByteServer server;
  private Link link;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() {
    await(vertx.close());
  }

  @BeforeEach
  void openLink() throws IOException {
    server = new ByteServer();
    link = await(Link.open(vertx, "127.0.0.1", server.port()));
  }

  @AfterEach
  void closeLink() throws IOException {
    await(link.close());
    server.close();
  }

  @Test
  void bytesPassBothWaysAndAreCounted() throws IOException {
    try (var client = connect()) {
      ask(client, 3 * MEGABYTE);

      assertThat(client.getInputStream().readNBytes(3 * MEGABYTE)).hasSize(3 * MEGABYTE);
      assertThat(link.bytesDownstream()).isEqualTo(3 * MEGABYTE);
      assertThat(link.connectionsOpened()).isEqualTo(1);
    }
  }

  @Test
  void anEndOfTheServerReachesTheClientAfterAllBytes() throws IOException {
    try (var client = connect()) {
      ask(client, MEGABYTE);
      client.shutdownOutput();

      assertThat(client.getInputStream().readAllBytes()).hasSizeLessThanOrEqualTo(MEGABYTE);
    }
  }

  @Test
  void aCutEndsConnectionsAndRefusesNewOnes() throws IOException {
    try (var client = connect()) {
      ask(client, 10);
      client.getInputStream().readNBytes(10);

      await(link.cut());

      assertThat(ended(client)).isTrue();
      try (var late = connect()) {
        assertThat(ended(late)).isTrue();
      }
      assertThat(link.connectionsOpened()).isEqualTo(1);
    }
  }

  @Test
  void aHealedLinkTakesConnectionsAtTheSamePort() throws IOException {
    var port = link.port();
    await(link.cut());

    await(link.heal());

    assertThat(link.port()).isEqualTo(port);
    try (var client = connect()) {
      ask(client, 10);
      assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
    }
  }

  @Test
  void aConnectionDiesAfterExactlySoManyBytes() throws IOException {
    await(link.cutAfter(MEGABYTE + 1));

    for (var attempt = 0; attempt < 2; attempt++) {
      try (var client = connect()) {
        ask(client, 3 * MEGABYTE);
        assertThat(client.getInputStream().readAllBytes()).hasSize(MEGABYTE + 1);
      }
    }
    assertThat(link.bytesDownstream()).isEqualTo(2 * (MEGABYTE + 1));
  }

  @Test
  void theLimitCountsFromNowForConnectionsThatAreOpen() throws IOException {
    try (var client = connect()) {
      ask(client, 100);
      client.getInputStream().readNBytes(100);

      await(link.cutAfter(50));
      ask(client, 100);

      assertThat(client.getInputStream().readAllBytes()).hasSize(50);
    }
  }

  @Test
  void noBytesAtAllMeansAtOnce() throws IOException {
    try (var client = connect()) {
      ask(client, 1);
      client.getInputStream().readNBytes(1);

      await(link.cutAfter(0));

      assertThat(ended(client)).isTrue();
    }
  }

  @Test
  void healingTakesTheLimitAway() throws IOException {
    try (var client = connect()) {
      await(link.cutAfter(10));

      await(link.heal());
      ask(client, 1000);

      assertThat(client.getInputStream().readNBytes(1000)).hasSize(1000);
    }
  }

  @Test
  void aStalledLinkIsSilentAndGoesOnWhenHealed() throws IOException {
    try (var client = connect()) {
      ask(client, 10);
      client.getInputStream().readNBytes(10);
      await(link.stall());

      ask(client, 10);

      assertSilent(client);
      await(link.heal());
      assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
    }
  }

  @Test
  void aStalledLinkTakesNewConnectionsAndAnswersNone() throws IOException {
    await(link.stall());

    try (var client = connect()) {
      ask(client, 10);
      assertSilent(client);
      until(() -> link.connectionsOpened() == 1);
      await(link.heal());
      assertThat(client.getInputStream().readNBytes(10)).hasSize(10);
    }
  }

  @Test
  void aCutReachesStalledConnectionsToo() throws IOException {
    try (var client = connect()) {
      ask(client, 1);
      client.getInputStream().readNBytes(1);
      await(link.stall());

      await(link.cut());

      assertThat(ended(client)).isTrue();
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsTheServerBack() throws IOException {
    var wanted = 256L * MEGABYTE;
    try (var client = connect()) {
      ask(client, wanted);
      until(() -> link.bytesDownstream() > 0);
      var before = new long[] {-1};
      until(
          () -> {
            // Nothing moved between two looks: every buffer on the way is full.
            var now = server.bytesSent();
            var still = now == before[0];
            before[0] = now;
            return still;
          });

      assertThat(server.bytesSent()).isLessThan(wanted / 2);
      long read = 0;
      while (read < wanted) {
        read += client.getInputStream().readNBytes(MEGABYTE).length;
      }
      assertThat(link.bytesDownstream()).isEqualTo(wanted);
    }
  }

  @Test
  void aServerThatIsNotThereLooksLikeACut() throws IOException {
    int nobody;
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = free.getLocalPort();
    }
    var broken = await(Link.open(vertx, "127.0.0.1", nobody));

    try (var client = new Socket(InetAddress.getLoopbackAddress(), broken.port())) {
      client.setSoTimeout(PATIENCE_MILLIS);
      assertThat(ended(client)).isTrue();
    } finally {
      await(broken.close());
    }
  }

  @Test
  void aNegativeLimitIsRefused() {
    assertThatThrownBy(() -> link.cutAfter(-1)).isInstanceOf(IllegalArgumentException.class);
  }

  private Socket connect() throws IOException {
    var client = new Socket(InetAddress.getLoopbackAddress(), link.port());
    client.setSoTimeout(PATIENCE_MILLIS);
    return client;
  }

  private static void ask(Socket client, long bytes) throws IOException {
    client.getOutputStream().write((bytes + "\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static boolean ended(Socket client) throws IOException {
    try {
      return client.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  private static void assertSilent(Socket client) throws IOException {
    client.setSoTimeout(SILENCE_MILLIS);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    client.setSoTimeout(PATIENCE_MILLIS);
  }

  private static void until(BooleanSupplier condition) {
    var end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
    }
  }

  private static <T> T await(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
