package io.tidemark.toxiproxy;

import static io.tidemark.toxiproxy.Futures.await;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** Proxies, one of them with a server behind it whose connections the test accepts. */
abstract class ProxyFixture {
  static Vertx vertx;

  Proxies proxies;
  ServerSocket upstream;
  Proxy proxy;

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
  }

  @AfterAll
  static void stopVertx() {
    await(vertx.close());
  }

  @BeforeEach
  void openProxy() throws IOException {
    upstream = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    proxies = Proxies.none(vertx, 1);
    proxy = await(proxies.create("p", address(upstream)));
  }

  @AfterEach
  void closeProxy() throws IOException {
    await(proxies.clear());
    upstream.close();
  }

  static String address(ServerSocket socket) {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  Wire wire() throws IOException {
    return Wire.open(proxy, upstream);
  }
}
