package io.tidemark.toxiproxy;

import static io.tidemark.toxiproxy.Futures.await;
import static io.tidemark.toxiproxy.Futures.until;
import static io.tidemark.toxiproxy.Wire.assertEnded;
import static io.tidemark.toxiproxy.Wire.hear;
import static io.tidemark.toxiproxy.Wire.isOver;
import static io.tidemark.toxiproxy.Wire.say;
import static io.tidemark.toxiproxy.Wire.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.toxiproxy.ToxiproxyException.Reason;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Latency;
import io.tidemark.toxiproxy.toxic.LimitData;
import io.tidemark.toxiproxy.toxic.Noop;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.SlowClose;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What a proxy does with connections, and what commands do to it. */
class ProxyTest extends ProxyFixture {
  private static final int MEGABYTE = 1 << 20;

  @Test
  void bytesPassBothWaysAndAreCounted() throws IOException {
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "question");
      say(wire.server(), wire.client(), "answer");

      assertThat(proxy.traffic()).isEqualTo(new Traffic(1, 8, 6));
    }
  }

  @Test
  void megabytesPassUnchanged() throws IOException {
    var bytes = new byte[5 * MEGABYTE];
    for (var i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + i / 257);
    }
    try (var wire = wire()) {
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  wire.server().getOutputStream().write(bytes);
                  wire.server().shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });

      assertThat(wire.client().getInputStream().readAllBytes()).isEqualTo(bytes);
    }
  }

  @Test
  void theEndOfTheClientReachesTheServerAfterItsBytesAndThenClosesTheClient() throws IOException {
    try (var wire = wire()) {
      send(wire.client(), MEGABYTE / 2);
      wire.client().shutdownOutput();

      assertThat(wire.server().getInputStream().readAllBytes()).hasSize(MEGABYTE / 2);
      assertEnded(wire.client());
    }
  }

  @Test
  void theEndOfTheServerReachesTheClientAfterItsBytesAndThenClosesTheServer() throws IOException {
    try (var wire = wire()) {
      send(wire.server(), 10);
      wire.server().shutdownOutput();

      assertThat(wire.client().getInputStream().readAllBytes()).hasSize(10);
      assertEnded(wire.server());
    }
  }

  @Test
  void aClientThatHasEndedItsSendingStillHearsTheServerUntilTheEndIsPassedOn() throws IOException {
    await(proxy.add(Direction.UPSTREAM, new SlowClose(60_000)));
    try (var wire = wire()) {
      send(wire.client(), 10);
      wire.client().shutdownOutput();
      wire.server().getInputStream().readNBytes(10);

      say(wire.server(), wire.client(), "still here");

      await(proxy.removeAll());
      assertEnded(wire.server());
      assertEnded(wire.client());
    }
  }

  @Test
  void aClientThatDiesTakesItsServerConnectionAlong() throws IOException {
    try (var wire = wire()) {
      wire.client().setSoLinger(true, 0);
      wire.client().close();

      assertThat(isOver(wire.server())).isTrue();
    }
  }

  @Test
  void aClientIsTakenAndClosedWhereTheServerCannotBeReached() throws IOException {
    upstream.close();

    try (var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      client.setSoTimeout((int) Futures.PATIENCE.toMillis());
      assertEnded(client);
    }
    assertThat(proxy.traffic().connections()).isZero();
  }

  @Test
  void aServerAddressThatMakesNoSenseClosesClients() throws IOException {
    await(proxy.update(Optional.empty(), Optional.of("nonsense"), Optional.empty()));

    try (var client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      client.setSoTimeout((int) Futures.PATIENCE.toMillis());
      assertEnded(client);
    }
  }

  @Test
  void aSlowServerDoesNotHoldUpOtherClients() throws IOException {
    // A full backlog: connecting to it hangs, as to a host that drops packets.
    try (var full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        var first = new Socket(InetAddress.getLoopbackAddress(), full.getLocalPort());
        var second = new Socket(InetAddress.getLoopbackAddress(), full.getLocalPort())) {
      await(proxy.update(Optional.empty(), Optional.of(address(full)), Optional.empty()));
      try (var hanging = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
        var other = await(proxies.create("other", address(upstream)));
        try (var wire = Wire.open(other, upstream)) {
          say(wire.client(), wire.server(), "hello");
        }
        await(proxy.disable());
        assertThat(isOver(hanging)).isTrue();
        assertThat(first.isConnected() && second.isConnected()).isTrue();
      }
    }
  }

  @Test
  void disablingCutsConnectionsRefusesNewOnesAndFreesThePort() throws IOException {
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
      var port = proxy.port();

      await(proxy.disable());

      assertThat(isOver(wire.client())).isTrue();
      assertThat(isOver(wire.server())).isTrue();
      assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port))
          .isInstanceOf(ConnectException.class);
      assertThat(proxy.state().enabled()).isFalse();
      assertThat(proxy.port()).isEqualTo(port);
      try (var other = new ServerSocket()) {
        other.setReuseAddress(true);
        other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      }
    }
  }

  @Test
  void disablingCutsAConnectionThatIsStuckInBothDirections() throws IOException {
    try (var wire = wire()) {
      var fillers =
          new Thread[] {
            Thread.ofVirtual().start(() -> fill(wire.client())),
            Thread.ofVirtual().start(() -> fill(wire.server()))
          };
      untilQuiet();

      await(proxy.disable());

      for (var filler : fillers) {
        until("the writer is told", () -> !filler.isAlive());
      }
    }
  }

  @Test
  void enablingAgainListensAtTheSamePortWithTheSameToxics() throws IOException {
    var port = proxy.port();
    await(proxy.add(Direction.UPSTREAM, new Noop()));
    await(proxy.disable());

    await(proxy.enable());
    await(proxy.enable());

    assertThat(proxy.port()).isEqualTo(port);
    assertThat(proxy.state().toxics()).hasSize(1);
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
    }
  }

  @Test
  void enablingFailsWhereThePortWasTakenMeanwhile() throws IOException {
    var port = proxy.port();
    await(proxy.disable());
    try (var thief = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(() -> await(proxy.enable()))
          .isInstanceOf(ToxiproxyException.class)
          .hasMessage("listen tcp 127.0.0.1:" + port + ": bind: address already in use");
      assertThat(proxy.state().enabled()).isFalse();
      assertThat(thief.isBound()).isTrue();
    }
    await(proxy.enable());
    assertThat(proxy.port()).isEqualTo(port);
  }

  @Test
  void twoProxiesCannotShareAPort() {
    var address = proxy.state().listen();

    assertThatThrownBy(
            () -> await(proxies.create(new ProxyRequest("q", address, "localhost:1", true))))
        .hasMessage("listen tcp " + address + ": bind: address already in use");
    assertThat(proxies.find("q")).isEmpty();
  }

  @Test
  void anotherServerAddressCutsConnectionsAndKeepsToxics() throws IOException {
    await(proxy.add(Direction.UPSTREAM, new Noop()));
    try (var other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        var wire = wire()) {
      var port = proxy.port();

      await(proxy.update(Optional.empty(), Optional.of(address(other)), Optional.empty()));

      assertThat(isOver(wire.client())).isTrue();
      assertThat(proxy.port()).isEqualTo(port);
      assertThat(proxy.state().toxics()).hasSize(1);
      try (var moved = Wire.open(proxy, other)) {
        say(moved.client(), moved.server(), "hello");
      }
    }
  }

  @Test
  void anUpdateThatChangesNothingCutsNothing() throws IOException {
    try (var wire = wire()) {
      var same = proxy.state().listen().replace("127.0.0.1", "localhost");

      await(proxy.update(Optional.of(same), Optional.of(address(upstream)), Optional.of(true)));

      say(wire.client(), wire.server(), "hello");
    }
  }

  @Test
  void aNewListenAddressThatIsTakenLeavesTheProxyDisabledWithIt() {
    var other = await(proxies.create("q", "localhost:1"));
    var taken = other.state().listen();

    assertThatThrownBy(
            () -> await(proxy.update(Optional.of(taken), Optional.empty(), Optional.empty())))
        .isInstanceOf(ToxiproxyException.class);

    assertThat(proxy.state().enabled()).isFalse();
    assertThat(proxy.state().listen()).isEqualTo(taken);
  }

  @Test
  void aListenAddressThatMakesNoSenseChangesNothing() throws IOException {
    var before = proxy.state();

    assertThatThrownBy(
            () -> await(proxy.update(Optional.of("bad"), Optional.empty(), Optional.empty())))
        .isInstanceOfSatisfying(
            ToxiproxyException.class,
            failure -> assertThat(failure.reason()).isEqualTo(Reason.CANNOT_LISTEN))
        .hasMessage("address bad: missing port in address");

    assertThat(proxy.state()).isEqualTo(before);
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
    }
  }

  @Test
  void aCutClosesConnectionsAndRefusesNewOnesAtAPortThatStays() throws IOException {
    try (var wire = wire()) {
      await(proxy.cut());

      assertThat(isOver(wire.client())).isTrue();
      assertThat(isOver(wire.server())).isTrue();
      try (var late = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
        late.setSoTimeout((int) Futures.PATIENCE.toMillis());
        assertThat(isOver(late)).isTrue();
      }
      assertThat(proxy.state().enabled()).isTrue();
    }
    await(proxy.heal());
    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
    }
  }

  @Test
  void aCutOutlivesDisablingAndResetHealsIt() throws IOException {
    await(proxy.cut());
    await(proxy.disable());
    await(proxy.enable());
    try (var late = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      late.setSoTimeout((int) Futures.PATIENCE.toMillis());
      assertThat(isOver(late)).isTrue();
    }

    await(proxies.reset());

    try (var wire = wire()) {
      say(wire.client(), wire.server(), "hello");
    }
  }

  @Test
  void aToxicThatIsPutTakesThePlaceOfTheOneOfItsName() throws IOException {
    await(proxy.put(PlacedToxic.on(Direction.DOWNSTREAM, new LimitData(100))));
    try (var wire = wire()) {
      say(wire.server(), wire.client(), "1234567890");

      await(proxy.put(PlacedToxic.on(Direction.DOWNSTREAM, new LimitData(20))));
      send(wire.server(), 100);

      assertThat(wire.client().getInputStream().readAllBytes()).hasSize(20);
      assertThat(proxy.state().toxics()).hasSize(1);
    }
  }

  @Test
  void aDeletedProxyStaysDead() throws IOException {
    try (var wire = wire()) {
      await(proxies.delete("p"));

      assertThat(isOver(wire.client())).isTrue();
      assertThatThrownBy(() -> await(proxy.enable())).hasMessage("proxy not found");
      assertThat(proxies.all()).isEmpty();
    }
  }

  @Test
  void aClientThatDoesNotReadHoldsTheServerBack() throws IOException {
    try (var wire = wire()) {
      var sent = new AtomicLong();
      Thread.ofVirtual().start(() -> fill(wire.server(), sent));

      untilQuiet(sent);

      // Buffers of two sockets and of the proxy; far less than without a bound.
      assertThat(sent.get()).isLessThan(32L * MEGABYTE);
      assertThat(hear(wire.client(), MEGABYTE)).hasSize(MEGABYTE);
    }
  }

  @Test
  void toxicsComeAndGoUnderAClientThatDoesNotRead() throws IOException {
    try (var wire = wire()) {
      var sent = new AtomicLong();
      Thread.ofVirtual().start(() -> fill(wire.server(), sent));
      untilQuiet(sent);

      for (var i = 0; i < 20; i++) {
        await(proxy.add(Direction.DOWNSTREAM, new Latency(1, 0)));
        await(proxy.change("latency_downstream", toxic -> toxic.with(new Latency(2, 1))));
        await(proxy.remove("latency_downstream"));
      }

      assertThat(hear(wire.client(), MEGABYTE)).hasSize(MEGABYTE);
    }
  }

  private static void fill(Socket socket) {
    fill(socket, new AtomicLong());
  }

  private static void fill(Socket socket, AtomicLong sent) {
    try {
      while (true) {
        send(socket, 64 * 1024);
        sent.addAndGet(64 * 1024);
      }
    } catch (IOException ended) {
      // The test ended it.
    }
  }

  private void untilQuiet() {
    var before = new Traffic[1];
    until(
        "traffic stops",
        () -> {
          var last = before[0];
          before[0] = proxy.traffic();
          return before[0].downstreamBytes() > 0 && before[0].equals(last) && stays(last);
        });
  }

  private boolean stays(Traffic traffic) {
    var end = System.nanoTime() + 100_000_000;
    while (System.nanoTime() < end) {
      if (!proxy.traffic().equals(traffic)) {
        return false;
      }
      Thread.onSpinWait();
    }
    return true;
  }

  private static void untilQuiet(AtomicLong sent) {
    var seen = new long[] {-1, System.nanoTime()};
    until(
        "the sender is held back",
        () -> {
          if (sent.get() != seen[0]) {
            seen[0] = sent.get();
            seen[1] = System.nanoTime();
          }
          return seen[0] > 0 && System.nanoTime() - seen[1] > 200_000_000;
        });
  }
}
