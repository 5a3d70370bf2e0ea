package io.tidemark.launcher;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.node.Node;
import io.tidemark.toxiproxy.PopulateException;
import io.tidemark.toxiproxy.ToxiproxyException;
import io.tidemark.toxiproxy.http.ServerSettings;
import io.tidemark.toxiproxy.http.ToxiproxyServer;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;

/**
 * {@code tidemark toxiproxy}: runs until a signal comes. Its options may be written with one dash
 * too, as those of Shopify's {@code toxiproxy-server}.
 */
@Command(
    name = "toxiproxy",
    versionProvider = ToxiproxyCommand.Version.class,
    description = {
      "Runs a Toxiproxy server: TCP proxies that are slow, break or lie, on command.",
      "Speaks the HTTP API of Shopify's Toxiproxy "
          + ToxiproxyServer.VERSION
          + "; any of its"
          + " clients will do. LOG_LEVEL=debug in the environment says more."
    },
    exitCodeList = {"0:ended by a signal", "1:failed", "2:wrong usage or configuration"})
final class ToxiproxyCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Option(
      names = {"--host", "-host"},
      paramLabel = "ADDR",
      description = "Address that the API listens on.")
  String host = ServerSettings.DEFAULT_HOST;

  @Option(
      names = {"--port", "-port"},
      paramLabel = "P",
      description = "Port that the API listens on; 0: any free one.")
  int port = ServerSettings.DEFAULT_PORT;

  @Option(
      names = {"--config", "-config"},
      paramLabel = "FILE",
      description = "Proxies to begin with: JSON as for POST /populate.")
  @Nullable Path config;

  @Option(
      names = {"--seed", "-seed"},
      paramLabel = "N",
      description = "Makes toxicity, jitter and slices the same each time.")
  @Nullable Long seed;

  @Option(
      names = {"--proxy-metrics", "-proxy-metrics"},
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "false",
      description = "GET /metrics shows bytes by proxy.")
  boolean proxyMetrics;

  @Option(
      names = {"--runtime-metrics", "-runtime-metrics"},
      arity = "0..1",
      fallbackValue = "true",
      defaultValue = "false",
      description = "GET /metrics shows the process.")
  boolean runtimeMetrics;

  @Option(names = "-version", versionHelp = true, hidden = true)
  boolean version;

  @Override
  public Integer call() throws Exception {
    Optional.ofNullable(System.getenv("LOG_LEVEL"))
        .ifPresentOrElse(Logging::level, Logging::atLeastInfo);
    var proxies = Optional.ofNullable(config).map(ToxiproxyCommand::read);
    return Shutdown.run(asked -> serve(proxies, asked));
  }

  private int serve(Optional<Buffer> proxies, CompletionStage<Void> asked) {
    var vertx = Vertx.vertx();
    try {
      var server = start(vertx);
      proxies.ifPresent(json -> populate(server, json));
      System.out.println("toxiproxy listens on " + server.url());
      asked.toCompletableFuture().join();
      Node.await(server.close(), PATIENCE);
    } finally {
      Node.await(vertx.close(), PATIENCE);
    }
    return ExitCode.DONE;
  }

  private ToxiproxyServer start(Vertx vertx) {
    var settings =
        new ServerSettings(
            host,
            port,
            proxyMetrics,
            runtimeMetrics,
            Optional.ofNullable(seed).orElseGet(System::nanoTime));
    return Node.await(
        ToxiproxyServer.start(vertx, settings)
            .recover(
                cause -> {
                  throw cause instanceof BindException
                      ? wrong(
                          "port %d of %s cannot be listened on: %s"
                              .formatted(port, host, cause.getMessage()),
                          "Name another one with --port, or end what uses it.",
                          cause)
                      : new IllegalStateException(cause);
                }),
        PATIENCE);
  }

  private void populate(ToxiproxyServer server, Buffer json) {
    Node.await(
        server
            .populate(json)
            .recover(
                cause -> {
                  throw cause instanceof ToxiproxyException || cause instanceof PopulateException
                      ? wrong(
                          config + ": " + cause.getMessage(),
                          "It is a list as for POST /populate:"
                              + " [{\"name\": …, \"listen\": …, \"upstream\": …}].",
                          cause)
                      : new IllegalStateException(cause);
                }),
        PATIENCE);
  }

  private static Buffer read(Path file) {
    try {
      return Buffer.buffer(Files.readAllBytes(file));
    } catch (IOException e) {
      throw wrong(file + " cannot be read: " + e, "Name a file with --config.", e);
    }
  }

  private static TidemarkException wrong(String what, String hint, Throwable cause) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.CONFIG_INVALID, what).withHint(hint), cause);
  }

  /** As that of the original, which scripts may read. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"toxiproxy-server version " + ToxiproxyServer.VERSION};
    }
  }
}
