package io.tidemark.toxiproxy.harness;

import io.tidemark.toxiproxy.Futures;
import io.vertx.core.Vertx;

/** A server that answers with what it is asked. */
final class EchoStore implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final int port;

  EchoStore() {
    port =
        Futures.await(
                vertx
                    .createNetServer()
                    .connectHandler(socket -> socket.handler(socket::write))
                    .listen(0, "127.0.0.1"))
            .actualPort();
  }

  String address() {
    return "127.0.0.1:" + port;
  }

  @Override
  public void close() {
    Futures.await(vertx.close());
  }
}
