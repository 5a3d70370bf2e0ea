package io.tidemark.toxiproxy;

import static io.tidemark.toxiproxy.Futures.await;
import static io.tidemark.toxiproxy.Wire.assertEnded;
import static io.tidemark.toxiproxy.Wire.assertReset;
import static io.tidemark.toxiproxy.Wire.assertSilent;
import static io.tidemark.toxiproxy.Wire.say;
import static io.tidemark.toxiproxy.Wire.send;
import static io.tidemark.toxiproxy.toxic.Direction.DOWNSTREAM;
import static io.tidemark.toxiproxy.toxic.Direction.UPSTREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.toxiproxy.toxic.Bandwidth;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Latency;
import io.tidemark.toxiproxy.toxic.LimitData;
import io.tidemark.toxiproxy.toxic.Noop;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.ResetPeer;
import io.tidemark.toxiproxy.toxic.Slicer;
import io.tidemark.toxiproxy.toxic.SlowClose;
import io.tidemark.toxiproxy.toxic.Timeout;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What each toxic does to real connections. Times are lower bounds, or far above what is needed.
 */
class ToxicsOnConnectionsTest extends ProxyFixture {
  private static final Duration AGES = Duration.ofMinutes(10);

  @ParameterizedTest
  @EnumSource
  void latencyDelaysItsDirection(Direction direction) throws IOException {
    await(proxy.add(direction, new Latency(200, 0)));
    try (var wire = wire()) {
      var took =
          direction == UPSTREAM
              ? took(() -> say(wire.client(), wire.server(), "question"))
              : took(() -> say(wire.server(), wire.client(), "answer"));

      assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }
  }

  @ParameterizedTest
  @EnumSource
  void latencyLeavesTheOtherDirectionAlone(Direction direction) throws IOException {
    await(proxy.add(direction, new Latency(AGES.toMillis(), 0)));
    try (var wire = wire()) {
      if (direction == UPSTREAM) {
        say(wire.server(), wire.client(), "answer");
      } else {
        say(wire.client(), wire.server(), "question");
      }
    }
  }

  @Test
  void latencyDoesNotHurtThroughput() throws IOException {
    await(proxy.add(DOWNSTREAM, new Latency(100, 0)));
    try (var wire = wire()) {
      var size = 8 << 20;
      Thread.ofVirtual().start(() -> sendAll(wire, size));

      var took = took(() -> wire.client().getInputStream().readNBytes(size));

      // Chunk by chunk it would be 256 times a tenth of a second.
      assertThat(took).isBetween(Duration.ofMillis(100), Duration.ofSeconds(10));
    }
  }

  @Test
  void severalLatenciesAddUp() throws IOException {
    await(proxy.add(PlacedToxic.on(UPSTREAM, new Latency(100, 0)).named("one")));
    await(proxy.add(PlacedToxic.on(UPSTREAM, new Latency(150, 0)).named("two")));
    try (var wire = wire()) {
      assertThat(took(() -> say(wire.client(), wire.server(), "hello")))
          .isGreaterThanOrEqualTo(Duration.ofMillis(250));
    }
  }

  @Test
  void aToxicActsOnConnectionsThatAreOpenAndItsRemovalToo() throws IOException {
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "before");

      await(proxy.add(UPSTREAM, new Latency(AGES.toMillis(), 0)));
      wire.client().getOutputStream().write("during".getBytes(UTF_8));
      assertSilent(wire.server());

      await(proxy.remove("latency_upstream"));
      assertThat(Wire.hear(wire.server(), 6)).isEqualTo("during");
    }
  }

  @Test
  void bandwidthLimitsTheRate() throws IOException {
    await(proxy.add(DOWNSTREAM, new Bandwidth(1_000)));
    try (var wire = wire()) {
      Thread.ofVirtual().start(() -> sendAll(wire, 500_000));

      var took = took(() -> wire.client().getInputStream().readNBytes(500_000));

      assertThat(took).isBetween(Duration.ofMillis(480), Duration.ofSeconds(15));
    }
  }

  @Test
  void withoutBandwidthNothingPassesUntilItIsGiven() throws IOException {
    await(proxy.add(UPSTREAM, new Bandwidth(0)));
    try (var wire = wire()) {
      wire.client().getOutputStream().write("hello".getBytes(UTF_8));
      assertSilent(wire.server());

      await(proxy.change("bandwidth_upstream", toxic -> toxic.with(new Bandwidth(1_000))));

      assertThat(Wire.hear(wire.server(), 5)).isEqualTo("hello");
    }
  }

  @Test
  void slowCloseHoldsTheEndBack() throws IOException {
    await(proxy.add(DOWNSTREAM, new SlowClose(250)));
    try (var wire = wire()) {
      var took =
          took(
              () -> {
                send(wire.server(), 5);
                wire.server().close();
                assertThat(wire.client().getInputStream().readNBytes(5)).hasSize(5);
                assertEnded(wire.client());
              });

      assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(250));
    }
  }

  @Test
  void timeoutClosesBothSidesOfAnIdleConnection() throws IOException {
    await(proxy.add(UPSTREAM, new Timeout(200)));
    var took =
        took(
            () -> {
              try (var wire = wire()) {
                assertEnded(wire.server());
                assertEnded(wire.client());
              }
            });

    assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(200));
  }

  @Test
  void timeoutZeroNeverClosesUntilItIsRemoved() throws IOException {
    await(proxy.add(UPSTREAM, new Timeout(0)));
    try (var wire = wire()) {
      send(wire.client(), 5);
      assertSilent(wire.server());
      say(wire.server(), wire.client(), "the other way passes");

      await(proxies.reset());

      assertEnded(wire.server());
      assertEnded(wire.client());
    }
  }

  @ParameterizedTest
  @EnumSource
  void resetPeerResetsBothEnds(Direction direction) throws IOException {
    await(proxy.add(direction, new ResetPeer(100)));
    try (var wire = wire()) {
      var sender = direction == UPSTREAM ? wire.client() : wire.server();

      var took =
          took(
              () -> {
                send(sender, 5);
                assertReset(wire.client());
              });

      assertReset(wire.server());
      assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(100));
    }
  }

  @Test
  void resetPeerResetsConnectionsThatAreOlderThanItToo() throws IOException {
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");

      await(proxy.add(DOWNSTREAM, new ResetPeer(0)));
      send(wire.server(), 5);

      assertReset(wire.client());
      assertReset(wire.server());
    }
  }

  @Test
  void resetPeerLeavesIdleConnectionsAlone() throws IOException {
    await(proxy.add(UPSTREAM, new ResetPeer(0)));
    try (var wire = wire()) {
      say(wire.server(), wire.client(), "the other way passes");
      assertSilent(wire.client());

      await(proxy.removeAll());

      say(wire.client(), wire.server(), "hello");
      wire.client().close();
      assertEnded(wire.server());
    }
  }

  @Test
  void aResetPeerThatIsNotAtWorkLeavesTheCloseInOrder() throws IOException {
    await(proxy.add(PlacedToxic.on(UPSTREAM, new ResetPeer(0)).withToxicity(0)));
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
      wire.server().close();

      assertEnded(wire.client());
    }
  }

  @Test
  void aPendingResetDoesNotHoldUpCommands() throws IOException {
    await(proxy.add(UPSTREAM, new ResetPeer(AGES.toMillis())));
    try (var wire = wire()) {
      send(wire.client(), 5);
      assertSilent(wire.server());

      await(proxy.remove("reset_peer_upstream"));

      assertThat(Wire.isOver(wire.client())).isTrue();
      assertThat(Wire.isOver(wire.server())).isTrue();
    }
  }

  @Test
  void slicesArriveOneByOneAndWithAllTheirBytes() throws IOException {
    await(proxy.add(DOWNSTREAM, new Slicer(100, 20, 25_000)));
    try (var wire = wire()) {
      var sizes = new ArrayList<Integer>();
      var buffer = new byte[4_096];
      send(wire.server(), 2_000);

      for (var all = 0; all < 2_000; all += sizes.getLast()) {
        sizes.add(wire.client().getInputStream().read(buffer));
      }

      assertThat(sizes.stream().mapToInt(size -> size).sum()).isEqualTo(2_000);
      // Slices are read together where this machine is busy; hardly all of half a second.
      assertThat(sizes).hasSizeGreaterThan(4);
    }
  }

  @Test
  void pausesOfMicrosecondsAreNotRoundedToMilliseconds() throws IOException {
    await(proxy.add(DOWNSTREAM, new Slicer(100, 0, 20)));
    try (var wire = wire()) {
      Thread.ofVirtual().start(() -> sendAll(wire, 640_000));

      var took = took(() -> wire.client().getInputStream().readNBytes(640_000));

      // More than 6,400 slices.
      assertThat(took).isBetween(Duration.ofMillis(128), Duration.ofMillis(5_000));
    }
  }

  @Test
  void limitDataPassesExactlySoManyBytes() throws IOException {
    await(proxy.add(DOWNSTREAM, new LimitData(100_001)));
    for (var connection = 0; connection < 2; connection++) {
      try (var wire = wire()) {
        Thread.ofVirtual().start(() -> sendAll(wire, 300_000));

        assertThat(wire.client().getInputStream().readAllBytes()).hasSize(100_001);
        assertThat(Wire.isOver(wire.server())).isTrue();
      }
    }
  }

  @Test
  void limitDataZeroClosesAtTheFirstByte() throws IOException {
    await(proxy.add(UPSTREAM, new LimitData(0)));
    try (var wire = wire()) {
      assertSilent(wire.client());

      send(wire.client(), 1);

      assertEnded(wire.server());
      assertEnded(wire.client());
    }
  }

  @Test
  void toxicsActInTheOrderOfTheirCreation() throws IOException {
    await(proxy.add(DOWNSTREAM, new LimitData(3)));
    await(proxy.add(DOWNSTREAM, new SlowClose(200)));
    try (var wire = wire()) {
      var took =
          took(
              () -> {
                send(wire.server(), 10);
                assertThat(wire.client().getInputStream().readAllBytes()).hasSize(3);
              });

      assertThat(took).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }
  }

  @Test
  void toxicsThatComeAndGoLoseNoByte() throws IOException {
    var size = 4 << 20;
    try (var wire = wire()) {
      var sending = Thread.ofVirtual().start(() -> sendAll(wire, size));
      var reading = new FutureTask<>(() -> wire.client().getInputStream().readNBytes(size).length);
      Thread.ofVirtual().start(reading);

      for (var i = 0; i < 50; i++) {
        await(proxy.add(DOWNSTREAM, i % 2 == 0 ? new Latency(1, 1) : new Slicer(500, 100, 10)));
        await(proxy.add(UPSTREAM, new Noop()));
        await(proxy.removeAll());
      }

      Futures.until("all is read", reading::isDone);
      assertThat(reading.resultNow()).isEqualTo(size);
      assertThat(sending.isAlive()).isFalse();
    }
  }

  private static void sendAll(Wire wire, int bytes) {
    try {
      send(wire.server(), bytes);
    } catch (IOException ended) {
      // By the toxic.
    }
  }

  private interface Action {
    void run() throws IOException;
  }

  private static Duration took(Action action) throws IOException {
    var start = System.nanoTime();
    action.run();
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
