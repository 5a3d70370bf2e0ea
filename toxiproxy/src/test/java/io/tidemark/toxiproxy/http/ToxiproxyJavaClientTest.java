package io.tidemark.toxiproxy.http;

import static eu.rekawek.toxiproxy.model.ToxicDirection.DOWNSTREAM;
import static eu.rekawek.toxiproxy.model.ToxicDirection.UPSTREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import eu.rekawek.toxiproxy.Proxy;
import eu.rekawek.toxiproxy.ToxiproxyClient;
import eu.rekawek.toxiproxy.model.Toxic;
import eu.rekawek.toxiproxy.model.toxic.Bandwidth;
import eu.rekawek.toxiproxy.model.toxic.Latency;
import eu.rekawek.toxiproxy.model.toxic.LimitData;
import eu.rekawek.toxiproxy.model.toxic.ResetPeer;
import eu.rekawek.toxiproxy.model.toxic.Slicer;
import eu.rekawek.toxiproxy.model.toxic.SlowClose;
import eu.rekawek.toxiproxy.model.toxic.Timeout;
import io.tidemark.toxiproxy.Futures;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything that the official Java client can ask for. */
class ToxiproxyJavaClientTest extends ApiFixture {
  private ToxiproxyClient client;

  @BeforeEach
  void connect() {
    client = new ToxiproxyClient("127.0.0.1", server.port());
  }

  @Test
  void aProxyIsMadeAndFound() throws IOException {
    var made = create("a");

    assertThat(made.isEnabled()).isTrue();
    assertThat(made.getName()).isEqualTo("a");
    assertThat(made.getUpstream()).isEqualTo("localhost:6379");
    assertThat(made.getListen()).matches("127\\.0\\.0\\.1:[1-9][0-9]*");
    assertThat(client.getProxy("a").getListen()).isEqualTo(made.getListen());
    assertThat(client.getProxyOrNull("b")).isNull();
    assertThatThrownBy(() -> client.getProxy("b")).hasMessage("[404] proxy not found");
  }

  @Test
  void proxiesAreListedByName() throws IOException {
    create("b");
    create("c");
    create("a");

    assertThat(client.getProxies()).extracting(Proxy::getName).containsExactly("a", "b", "c");
  }

  @Test
  void aDeletedProxyIsGone() throws IOException {
    var proxy = create("a");
    proxy.delete();

    assertThat(client.getProxies()).isEmpty();
    assertThatThrownBy(proxy::delete).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void aProxyIsDisabledEnabledAndMoved() throws IOException {
    var proxy = create("a");
    var listen = proxy.getListen();

    proxy.disable();
    assertThat(proxy.isEnabled()).isFalse();
    proxy.enable();
    assertThat(proxy.isEnabled()).isTrue();
    assertThat(proxy.getListen()).isEqualTo(listen);
    proxy.setUpstream("localhost:1");
    assertThat(proxy.getUpstream()).isEqualTo("localhost:1");
    proxy.setListen("localhost:0");
    assertThat(proxy.getListen()).startsWith("127.0.0.1:").isNotEqualTo("127.0.0.1:0");
  }

  @Test
  void errorsArriveWithStatusAndText() throws IOException {
    var proxy = create("a");
    proxy.toxics().latency("l", UPSTREAM, 1);

    assertThatThrownBy(() -> create("a")).hasMessage("[409] proxy already exists");
    assertThatThrownBy(() -> proxy.toxics().latency("l", DOWNSTREAM, 1))
        .hasMessage("[409] toxic already exists");
    assertThatThrownBy(() -> proxy.toxics().get("m")).hasMessage("[404] toxic not found");
    assertThatThrownBy(() -> client.createProxy("b", proxy.getListen(), "localhost:1"))
        .hasMessage("[500] listen tcp " + proxy.getListen() + ": bind: address already in use");
  }

  @Test
  void theVersionIsShown() throws IOException {
    assertThat(client.version()).contains("2.12.0");
  }

  @Test
  void resetHealsWhatTheClientHolds() throws IOException {
    var proxy = create("a");
    proxy.toxics().latency("down", DOWNSTREAM, 10);
    proxy.toxics().latency("up", UPSTREAM, 10);
    proxy.disable();

    client.reset();

    assertThat(proxy.isEnabled()).isTrue();
    assertThat(proxy.toxics().getAll()).isEmpty();
  }

  @Test
  void everyToxicKeepsWhatItIsGiven() throws IOException {
    var toxics = create("a").toxics();

    var bandwidth = toxics.bandwidth("bandwidth", DOWNSTREAM, 100).setRate(200);
    var latency = toxics.latency("latency", UPSTREAM, 100).setLatency(200).setJitter(10);
    var slicer =
        toxics
            .slicer("slicer", UPSTREAM, 100, 10)
            .setAverageSize(200)
            .setDelay(20)
            .setSizeVariation(7);
    var slowClose = toxics.slowClose("slow", UPSTREAM, 100).setDelay(200);
    var timeout = toxics.timeout("timeout", DOWNSTREAM, 100).setTimeout(200);
    var limit = toxics.limitData("limit", DOWNSTREAM, 100).setBytes(200);
    var reset = toxics.resetPeer("reset", UPSTREAM, 100).setTimeout(200);

    assertThat(bandwidth.getRate()).isEqualTo(200);
    assertThat(latency.getLatency()).isEqualTo(200);
    assertThat(latency.getJitter()).isEqualTo(10);
    assertThat(slicer.getAverageSize()).isEqualTo(200);
    assertThat(slicer.getDelay()).isEqualTo(20);
    assertThat(slicer.getSizeVariation()).isEqualTo(7);
    assertThat(slowClose.getDelay()).isEqualTo(200);
    assertThat(timeout.getTimeout()).isEqualTo(200);
    assertThat(limit.getBytes()).isEqualTo(200);
    assertThat(reset.getTimeout()).isEqualTo(200);
    assertThat(toxics.getAll())
        .hasExactlyElementsOfTypes(
            (Class<?>) Latency.class,
            Slicer.class,
            SlowClose.class,
            ResetPeer.class,
            Bandwidth.class,
            Timeout.class,
            LimitData.class);
  }

  @Test
  void toxicityIsKept() throws IOException {
    var toxic = create("a").toxics().bandwidth("b", UPSTREAM, 1);
    assertThat(toxic.getToxicity()).isEqualTo(1);

    toxic.setToxicity(0.1f);

    assertThat(toxic.getToxicity()).isEqualTo(0.1f);
    assertThat(toxic.getStream()).isEqualTo(UPSTREAM);
  }

  @Test
  void aRemovedToxicIsGone() throws IOException {
    var proxy = create("a");
    Toxic toxic = proxy.toxics().timeout("t", UPSTREAM, 1);
    toxic.remove();

    assertThat(proxy.toxics().getAll()).isEmpty();
    assertThatThrownBy(toxic::remove).isInstanceOf(FileNotFoundException.class);
  }

  @Test
  void toxicsActOnAConnectionThatIsOpen() throws IOException {
    try (var upstream = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      var proxy = client.createProxy("a", "127.0.0.1:0", "127.0.0.1:" + upstream.getLocalPort());
      var port = Integer.parseInt(proxy.getListen().replaceFirst(".*:", ""));
      try (var socket = new Socket(InetAddress.getLoopbackAddress(), port);
          var accepted = upstream.accept()) {
        accepted.setSoTimeout((int) Futures.PATIENCE.toMillis());
        var cut = proxy.toxics().bandwidth("cut", UPSTREAM, 0);
        socket.getOutputStream().write(7);
        accepted.setSoTimeout(100);
        assertThatThrownBy(() -> accepted.getInputStream().read())
            .isInstanceOf(SocketTimeoutException.class);

        cut.remove();

        accepted.setSoTimeout((int) Futures.PATIENCE.toMillis());
        assertThat(accepted.getInputStream().read()).isEqualTo(7);
      }
    }
  }

  private Proxy create(String name) throws IOException {
    return client.createProxy(name, "localhost:0", "localhost:6379");
  }
}
