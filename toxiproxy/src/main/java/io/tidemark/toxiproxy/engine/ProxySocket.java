package io.tidemark.toxiproxy.engine;

import io.netty.buffer.ByteBuf;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import io.tidemark.toxiproxy.toxic.Chunk;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetSocket;

/**
 * A socket of a proxied connection. Unlike a plain {@link NetSocket} it stays open for writing when
 * its peer has ended its sending, and can close with a reset. Used on its event loop only.
 */
final class ProxySocket implements Receiver, ToxicLink.Inlet {
  /** Bytes that wait in the process for the peer's window; then its link is held back. */
  private static final int MAX_QUEUED_BYTES = 64 * 1024;

  private static final int MIN_READ_BYTES = 64;
  private static final int MAX_READ_BYTES = 32 * 1024;
  private static final int SYSTEM_DEFAULT = -1;

  /** What happens to the socket. */
  interface Events {
    void received(Buffer bytes);

    /** The peer sends no more, or the socket is closed. Once. */
    void ended();

    /** There is room for writing again. */
    void drained();

    /** Once, after {@link #ended}. */
    void closed();
  }

  private final NetSocketInternal socket;

  private Events events = new Ignored();
  private boolean paused = true;
  private boolean inputEnded;
  private boolean inputDropped;
  private boolean outputEnded;
  private boolean open = true;
  private boolean resetting;

  /** Paused until {@link #flow} says otherwise. */
  ProxySocket(NetSocket plain) {
    this.socket = (NetSocketInternal) plain;
    socket.messageHandler(this::onMessage);
    socket.pause();
    socket.setWriteQueueMaxSize(MAX_QUEUED_BYTES);
    var config = channel().config();
    config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    config.setRecvByteBufAllocator(
        new AdaptiveRecvByteBufAllocator(MIN_READ_BYTES, MAX_READ_BYTES, MAX_READ_BYTES));
    var vertx = socket.channelHandlerContext();
    vertx.pipeline().addBefore(vertx.name(), EndOfInput.NAME, new EndOfInput());
    // A reset is followed by the close; what caused it is the users' business, not an error here.
    socket.exceptionHandler(reset -> {});
    socket.closeHandler(closed -> onClosed());
    socket.drainHandler(drained -> events.drained());
  }

  /** Tells from now on what happens. */
  void handle(Events handler) {
    events = handler;
  }

  @Override
  public void flow(boolean on) {
    if (on == paused && open) {
      paused = !on;
      if (on) {
        socket.resume();
      } else {
        socket.pause();
      }
    }
  }

  @Override
  public boolean hasRoom() {
    return open && !outputEnded && !socket.writeQueueFull();
  }

  @Override
  public void accept(Chunk chunk) {
    if (open && !outputEnded) {
      socket.write(chunk.bytes());
    }
  }

  /** Closes it, when all bytes before have been handed to the operating system. */
  @Override
  public void end() {
    if (open && !outputEnded) {
      outputEnded = true;
      socket.close();
    }
  }

  boolean isOpen() {
    return open;
  }

  /** Closes it at once, whatever waits. */
  void kill() {
    outputEnded = true;
    var unused = socket.channelHandlerContext().close();
  }

  /** Whether its close, whenever that comes, is a reset rather than an orderly end. */
  void closeByReset(boolean on) {
    if (on == resetting || !channel().isOpen()) {
      return;
    }
    resetting = on;
    try {
      channel().config().setOption(ChannelOption.SO_LINGER, on ? 0 : SYSTEM_DEFAULT);
    } catch (ChannelException gone) {
      // The peer was quicker: some systems refuse options of a connection that is dead.
    }
  }

  private Channel channel() {
    return socket.channelHandlerContext().channel();
  }

  private void onMessage(Object message) {
    if (message instanceof EndOfInput.Mark) {
      endInput();
    } else if (message instanceof ByteBuf bytes && !inputEnded && !inputDropped) {
      events.received(BufferInternal.safeBuffer(bytes));
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void onClosed() {
    open = false;
    // What came before the peer's close still counts; what came before our own does not.
    inputDropped = outputEnded;
    socket.resume();
    endInput();
    events.closed();
  }

  private void endInput() {
    if (!inputEnded) {
      inputEnded = true;
      events.ended();
    }
  }

  private static final class Ignored implements Events {
    @Override
    public void received(Buffer bytes) {}

    @Override
    public void ended() {}

    @Override
    public void drained() {}

    @Override
    public void closed() {}
  }
}
