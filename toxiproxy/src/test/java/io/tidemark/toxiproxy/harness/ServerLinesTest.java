package io.tidemark.toxiproxy.harness;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.toxiproxy.Futures;
import io.tidemark.toxiproxy.http.ToxiproxyServer;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Latency;
import io.vertx.core.Vertx;
import java.net.URI;
import org.junit.jupiter.api.Test;

class ServerLinesTest {
  @Test
  void aForeignServersProxiesAreCutSlowedHealedAndTakenAway() {
    var vertx = Vertx.vertx();
    var server = Futures.await(ToxiproxyServer.start(vertx, "localhost", 0));
    try (var lines = new ServerLines(URI.create("http://localhost:" + server.port()))) {
      var line = lines.open("a", "127.0.0.1", "127.0.0.1:1");
      var proxy = server.proxies().all().getFirst();
      assertThat(line.port()).isEqualTo(proxy.port()).isPositive();
      line.put(Direction.UPSTREAM, new Latency(5, 0));
      line.put(Direction.UPSTREAM, new Latency(7, 0));
      assertThat(proxy.state().toxics())
          .singleElement()
          .satisfies(toxic -> assertThat(toxic.toxic()).isEqualTo(new Latency(7, 0)));
      line.cut();
      assertThat(proxy.state().enabled()).isFalse();
      line.heal();
      assertThat(proxy.state().enabled()).isTrue();
      assertThat(proxy.state().toxics()).isEmpty();
      assertThat(line.port()).isEqualTo(proxy.port());
    }
    assertThat(server.proxies().all()).isEmpty();
    Futures.await(vertx.close());
  }
}
