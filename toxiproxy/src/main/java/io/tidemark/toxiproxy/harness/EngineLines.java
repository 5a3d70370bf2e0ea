package io.tidemark.toxiproxy.harness;

import io.tidemark.toxiproxy.Proxies;
import io.tidemark.toxiproxy.Proxy;
import io.tidemark.toxiproxy.ProxyRequest;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.Toxic;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Proxies in this process. */
final class EngineLines implements Lines {
  private static final long COMMAND_SECONDS = 20;

  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2).setInternalBlockingPoolSize(2));
  private final Proxies proxies = Proxies.none(vertx);

  @Override
  public Line open(String name, String host, String upstream) {
    return new EngineLine(
        await(proxies.create(new ProxyRequest(name, host + ":0", upstream, true))));
  }

  @Override
  public void close() {
    await(proxies.clear());
    await(vertx.close());
  }

  private static <T> T await(Future<T> command) {
    try {
      return command.await(COMMAND_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IllegalStateException("a proxy did not obey in " + COMMAND_SECONDS + " s", e);
    }
  }

  private record EngineLine(Proxy proxy) implements Line {
    @Override
    public int port() {
      return proxy.port();
    }

    @Override
    public void cut() {
      await(proxy.cut());
    }

    @Override
    public void heal() {
      await(proxy.removeAll().compose(removed -> proxy.heal()));
    }

    @Override
    public void put(Direction stream, Toxic toxic) {
      await(proxy.put(PlacedToxic.on(stream, toxic)));
    }

    @Override
    public OptionalLong downstreamBytes() {
      return OptionalLong.of(proxy.traffic().downstreamBytes());
    }

    @Override
    public void close() {
      await(proxy.disable());
    }
  }
}
