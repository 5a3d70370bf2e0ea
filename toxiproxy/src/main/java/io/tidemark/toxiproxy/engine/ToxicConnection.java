package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Chunk;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A client, a server, and a link each way. The end of one direction closes the whole connection:
 * when the chain is empty, the receiver is closed, which ends the other direction.
 *
 * <pre>
 *   client ──inlet── upstream link ──outlet──▶ server
 *          ◀─outlet── downstream link ──inlet──
 * </pre>
 */
final class ToxicConnection {
  private final ProxySocket client;
  private final ProxySocket server;
  private final ToxicLink up;
  private final ToxicLink down;
  private final LinkObserver observer;
  private final Runnable gone;

  /**
   * @param toxics of both directions
   * @param gone runs when both sockets are closed
   */
  ToxicConnection(
      ProxySocket client,
      ProxySocket server,
      List<PlacedToxic> toxics,
      Clock clock,
      RandomGenerator random,
      LinkObserver observer,
      Runnable gone) {
    this.client = client;
    this.server = server;
    this.observer = observer;
    this.gone = gone;
    up = link(client, server, Direction.UPSTREAM, toxics, clock, random);
    down = link(server, client, Direction.DOWNSTREAM, toxics, clock, random);
    client.handle(new Side(Direction.UPSTREAM, up, down));
    server.handle(new Side(Direction.DOWNSTREAM, down, up));
  }

  /** Lets bytes flow. */
  void start() {
    observer.connected();
    adjustClose();
    up.advance();
    down.advance();
  }

  void add(PlacedToxic toxic) {
    link(toxic).add(toxic);
    adjustClose();
  }

  void update(PlacedToxic toxic) {
    link(toxic).update(toxic);
    adjustClose();
  }

  void remove(PlacedToxic toxic) {
    link(toxic).remove(toxic.name());
    adjustClose();
  }

  /** Closes both sockets at once. */
  void kill() {
    client.kill();
    server.kill();
  }

  private ToxicLink link(
      ProxySocket from,
      ProxySocket to,
      Direction direction,
      List<PlacedToxic> toxics,
      Clock clock,
      RandomGenerator random) {
    var own = toxics.stream().filter(toxic -> toxic.stream() == direction).toList();
    return new ToxicLink(from, new Counted(to, direction), own, clock, random);
  }

  private ToxicLink link(PlacedToxic toxic) {
    return switch (toxic.stream()) {
      case UPSTREAM -> up;
      case DOWNSTREAM -> down;
    };
  }

  private void adjustClose() {
    var reset = up.resets() || down.resets();
    client.closeByReset(reset);
    server.closeByReset(reset);
  }

  /** A socket that counts what goes out. */
  private final class Counted implements Receiver {
    private final ProxySocket socket;
    private final Direction direction;
    private long sent;
    private boolean ended;

    Counted(ProxySocket socket, Direction direction) {
      this.socket = socket;
      this.direction = direction;
    }

    @Override
    public boolean hasRoom() {
      return socket.hasRoom();
    }

    @Override
    public void accept(Chunk chunk) {
      // Counted first: whoever has received a byte finds it counted.
      sent += chunk.size();
      observer.passed(direction, chunk.size());
      socket.accept(chunk);
    }

    @Override
    public void end() {
      if (!ended && socket.isOpen()) {
        ended = true;
        observer.sentAll(direction, sent);
        socket.end();
      }
    }
  }

  /** What happens on one of the sockets. */
  private final class Side implements ProxySocket.Events {
    private final Direction direction;
    private final ToxicLink from;
    private final ToxicLink to;
    private long received;

    /**
     * @param from carries what the socket receives
     * @param to carries what the socket is to send
     */
    Side(Direction direction, ToxicLink from, ToxicLink to) {
      this.direction = direction;
      this.from = from;
      this.to = to;
    }

    @Override
    public void received(Buffer bytes) {
      received += bytes.length();
      from.receive(bytes);
    }

    @Override
    public void ended() {
      observer.receivedAll(direction, received);
      from.end();
    }

    @Override
    public void drained() {
      to.advance();
    }

    @Override
    public void closed() {
      to.discard();
      if (!client.isOpen() && !server.isOpen()) {
        from.discard();
        gone.run();
      }
    }
  }
}
