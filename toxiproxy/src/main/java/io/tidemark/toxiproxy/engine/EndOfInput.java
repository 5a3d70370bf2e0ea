package io.tidemark.toxiproxy.engine;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;

/**
 * Turns the event that a peer has ended its sending into a message, which Vert.x then delivers
 * after the bytes before it, also where the socket is paused.
 */
final class EndOfInput extends ChannelInboundHandlerAdapter {
  static final String NAME = "end-of-input";

  /** The message. */
  record Mark() {}

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
    if (event instanceof ChannelInputShutdownEvent) {
      context.fireChannelRead(new Mark());
      context.fireChannelReadComplete();
    } else {
      super.userEventTriggered(context, event);
    }
  }
}
