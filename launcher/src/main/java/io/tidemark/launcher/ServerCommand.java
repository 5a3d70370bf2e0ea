package io.tidemark.launcher;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.launcher.node.Home;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.node.NodeSettings;
import io.tidemark.meta.MetaSettings.LeaseKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemark server}: runs until a signal comes. */
@Command(
    name = "server",
    description = {
      "Runs a node: refreshes on schedule and on demand, with an HTTP API.",
      "SIGTERM or Ctrl-C ends it in good order: what is merged is durable, and whoever comes next"
          + " goes on from there."
    },
    exitCodeList = {"0:ended by a signal", "1:failed", "2:wrong usage or configuration"})
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "Configuration, YAML.")
  Path file = Path.of("tidemark.yaml");

  @Option(names = "--node-id", paramLabel = "ID", description = "Names the node in messages.")
  String nodeId = "node";

  @Option(names = "--host", paramLabel = "ADDR", description = "Address to listen on.")
  @Nullable String host;

  @Option(names = "--port", paramLabel = "P", description = "Port to listen on; 0: any free one.")
  @Nullable Integer port;

  @Override
  public Integer call() throws Exception {
    Logging.atLeastInfo();
    var config = ConfigReader.read(file);
    var listen = free(listen(config));
    var settings =
        new NodeSettings(
            NodeSettings.unique(nodeId),
            config,
            LeaseKind.SERVER,
            Optional.of(listen),
            config.tables());
    return Shutdown.run(asked -> serve(settings, listen, asked));
  }

  private static int serve(
      NodeSettings settings, TidemarkConfig.Server listen, CompletionStage<Void> asked) {
    try (var home = Home.open(settings.config());
        var node = Node.start(settings, home)) {
      System.out.println(
          "tidemark listens on "
              + Node.url(new TidemarkConfig.Server(listen.host(), node.port()))
              + ", home "
              + home.address());
      asked.toCompletableFuture().join();
    }
    return ExitCode.DONE;
  }

  private TidemarkConfig.Server listen(TidemarkConfig config) {
    return new TidemarkConfig.Server(
        Optional.ofNullable(host).orElse(config.server().host()),
        Optional.ofNullable(port).orElse(config.server().port()));
  }

  /** Tells before anything is started that a port is taken; puts a number in place of 0. */
  private static TidemarkConfig.Server free(TidemarkConfig.Server listen) {
    try (var socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(listen.host(), listen.port()));
      return new TidemarkConfig.Server(listen.host(), socket.getLocalPort());
    } catch (IOException e) {
      throw Node.portTaken(listen, e);
    }
  }
}
