package io.tidemark.toxiproxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetSocket;
import java.util.function.LongConsumer;

/** One client's connection through a link: two sockets and the pipe each way. */
final class LinkConnection {
  private final NetSocket client;
  private final NetSocket server;
  private final Pipe up;
  private final Pipe down;

  LinkConnection(NetSocket client, NetSocket server, LongConsumer movedDown) {
    this.client = client;
    this.server = server;
    this.up = new Pipe(client, server, bytes -> {}, this::die);
    this.down = new Pipe(server, client, movedDown, this::die);
  }

  void start(Runnable closed) {
    // A reset closes both ends too: what caused it is the tests' business, not an error here.
    client.exceptionHandler(reset -> server.close());
    server.exceptionHandler(reset -> client.close());
    Future.join(closing(client), closing(server)).onComplete(both -> closed.run());
    up.start();
    down.start();
  }

  void stall(boolean on) {
    up.stall(on);
    down.stall(on);
  }

  void limitDown(long bytes) {
    down.limit(bytes);
  }

  void unlimited() {
    down.unlimited();
  }

  void die() {
    client.close();
    server.close();
  }

  private static Future<Void> closing(NetSocket socket) {
    var closed = Promise.<Void>promise();
    socket.closeHandler(closed::complete);
    return closed.future();
  }
}
