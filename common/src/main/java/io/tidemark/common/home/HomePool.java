package io.tidemark.common.home;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.pgclient.PgBuilder;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.internal.SqlConnectionInternal;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The reactive connections of a role to the home, the same for all roles. Every wait has a bound:
 * for the connection, for a place in the pool, and for an answer on a link that may be dead.
 */
public final class HomePool {
  /**
   * No statement of the reactive client takes long: a link without a word for longer is dropped.
   */
  private static final Duration SILENCE = Duration.ofSeconds(20);

  private static final int CONNECT_TIMEOUT_MILLIS = 5_000;
  private static final int PATIENCE_SECONDS = 10;
  private static final int QUEUE = 256;

  private HomePool() {}

  /**
   * @param name of the role, as the server's {@code pg_stat_activity} shows it
   * @param size connections at most
   */
  public static Pool of(Vertx vertx, PostgresAddress home, String name, int size) {
    return of(vertx, home, name, size, SILENCE);
  }

  static Pool of(Vertx vertx, PostgresAddress home, String name, int size, Duration silence) {
    return PgBuilder.pool()
        .connectingTo(home.reactive(name))
        .with(
            new PoolOptions()
                .setMaxSize(size)
                .setMaxWaitQueueSize(QUEUE)
                .setConnectionTimeout(PATIENCE_SECONDS)
                .setConnectionTimeoutUnit(TimeUnit.SECONDS)
                // Before the link is dropped, which must not meet one that is just taken.
                .setIdleTimeout((int) silence.toMillis() / 2)
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS))
        .with(
            new NetClientOptions().setTcpKeepAlive(true).setConnectTimeout(CONNECT_TIMEOUT_MILLIS))
        .withConnectHandler(connection -> watch(connection, silence))
        .using(vertx)
        .build();
  }

  /**
   * The client's own idle timeout does not do it: what it closes says goodbye and waits for the
   * server to close. This one is nearest to the wire, and closes that.
   */
  private static void watch(SqlConnection connection, Duration silence) {
    if (connection instanceof SqlConnectionInternal internal
        && internal.unwrap().unwrap() instanceof SocketConnectionBase link) {
      link.socket().channelHandlerContext().pipeline().addFirst(new Watch(silence));
    }
    connection.close(); // back into the pool
  }

  private static final class Watch extends IdleStateHandler {
    Watch(Duration silence) {
      super(0, 0, silence.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    protected void channelIdle(ChannelHandlerContext wire, IdleStateEvent silent) {
      var unused = wire.close();
    }
  }
}
