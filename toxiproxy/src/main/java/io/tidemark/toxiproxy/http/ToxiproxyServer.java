package io.tidemark.toxiproxy.http;

import io.tidemark.toxiproxy.Proxies;
import io.tidemark.toxiproxy.Proxy;
import io.tidemark.toxiproxy.ToxiproxyException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Toxiproxy server: {@link Proxies} with the HTTP API that all Toxiproxy clients speak.
 *
 * <pre>{@code
 * var server = ToxiproxyServer.start(vertx, "localhost", 0).await();
 * var proxy = server.proxies().create("redis", "localhost:6379").await();
 * proxy.add(Direction.DOWNSTREAM, new Latency(100, 20)).await();
 * }</pre>
 */
public final class ToxiproxyServer {
  /** The version of Shopify's Toxiproxy that this one is compatible with. */
  public static final String VERSION = "2.12.0";

  /** Above the 5 s for which the JDK's HTTP client keeps a connection. */
  private static final int IDLE_TIMEOUT_SECONDS = 60;

  private static final String EVERYWHERE = "0.0.0.0";

  private final Proxies proxies;
  private final HttpServer http;
  private final String host;

  private ToxiproxyServer(Proxies proxies, HttpServer http, String host) {
    this.proxies = proxies;
    this.http = http;
    this.host = host;
  }

  /**
   * Starts one without proxies.
   *
   * @param port 0: any free one
   */
  public static Future<ToxiproxyServer> start(Vertx vertx, String host, int port) {
    return start(vertx, ServerSettings.at(host, port));
  }

  /** Starts one without proxies. */
  public static Future<ToxiproxyServer> start(Vertx vertx, ServerSettings settings) {
    var proxies = Proxies.none(vertx, settings.seed());
    var routes = new Routes(proxies, settings);
    return vertx
        .createHttpServer(
            new HttpServerOptions()
                .setIdleTimeout(IDLE_TIMEOUT_SECONDS)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setHandle100ContinueAutomatically(true)
                .setHttp2ClearTextEnabled(false))
        .requestHandler(new RequestHandler(routes))
        .listen(settings.port(), settings.isEverywhere() ? EVERYWHERE : settings.host())
        .map(
            http ->
                new ToxiproxyServer(
                    proxies,
                    http,
                    settings.isEverywhere() ? ServerSettings.DEFAULT_HOST : settings.host()));
  }

  /** Its proxies, the same that clients see. */
  public Proxies proxies() {
    return proxies;
  }

  /** Where its API listens. */
  public int port() {
    return http.actualPort();
  }

  /** Where its API listens, for clients. */
  public String url() {
    var literal = host.contains(":") ? "[" + host + "]" : host;
    return "http://" + literal + ":" + port();
  }

  /**
   * Makes the proxies of a configuration: the body of a request to {@code /populate}.
   *
   * @return fails with a {@link ToxiproxyException} or a {@link
   *     io.tidemark.toxiproxy.PopulateException}
   */
  public Future<List<Proxy>> populate(Buffer json) {
    return Future.<Void>succeededFuture().compose(now -> proxies.populate(Bodies.populate(json)));
  }

  /** Ends: removes all proxies, closes all connections. */
  public Future<Void> close() {
    return http.close().eventually(proxies::clear);
  }
}
