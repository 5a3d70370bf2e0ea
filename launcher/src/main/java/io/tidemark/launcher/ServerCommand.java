package io.tidemark.launcher;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.config.ClusterConfig;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.node.Home;
import io.tidemark.launcher.node.Node;
import io.tidemark.launcher.node.NodeRole;
import io.tidemark.launcher.node.NodeSettings;
import io.tidemark.meta.MetaSettings.LeaseKind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemark server}: runs until a signal comes. */
@Command(
    name = "server",
    description = {
      "Runs a node: refreshes on schedule and on demand, with an HTTP API. Several nodes with"
          + " --cluster, or a section `cluster` in their files, share the work.",
      "SIGTERM or Ctrl-C ends it in good order: what is merged is durable, and whoever comes next"
          + " goes on from there."
    },
    exitCodeList = {"0:ended by a signal", "1:failed", "2:wrong usage or configuration"})
final class ServerCommand implements Callable<Integer> {
  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Configuration, YAML.")
  Path file = Path.of("tidemark.yaml");

  @Option(
      names = "--roles",
      split = ",",
      paramLabel = "ROLE",
      description = "What it does, any of: frontend, meta, executor.")
  Set<NodeRole> roles = EnumSet.allOf(NodeRole.class);

  @Option(names = "--node-id", paramLabel = "ID", description = "Names the node in messages.")
  String nodeId = "node";

  @Option(
      names = "--cluster",
      paramLabel = "ADDR:PORT,...",
      description = {
        "Nodes of the cluster; those that run are enough, and it may be the same list for all.",
        "In place of those that section `cluster` names."
      })
  @Nullable String members;

  @Option(names = "--host", paramLabel = "ADDR", description = "Address to listen on.")
  @Nullable String host;

  @Option(names = "--port", paramLabel = "P", description = "Port to listen on; 0: any free one.")
  @Nullable Integer port;

  @Override
  public Integer call() throws Exception {
    Logging.atLeastInfo();
    var config = ConfigReader.read(file);
    var named = roles.contains(NodeRole.FRONTEND) || port != null;
    var listen = named ? free(listen(config)) : listen(config);
    var settings =
        new NodeSettings(
            NodeSettings.unique(nodeId),
            config,
            LeaseKind.SERVER,
            roles,
            listen,
            cluster(config),
            config.tables(),
            false);
    return Shutdown.run(asked -> serve(settings, asked));
  }

  private static int serve(NodeSettings settings, CompletionStage<Void> asked) {
    try (var home = Home.open(settings.config());
        var node = Node.start(settings, home)) {
      System.out.println("tidemark " + works(settings, node) + ", home " + home.address());
      asked.toCompletableFuture().join();
    }
    return ExitCode.DONE;
  }

  private static String works(NodeSettings settings, Node node) {
    var url = Node.url(new TidemarkConfig.Server(settings.listen().host(), node.port()));
    if (settings.has(NodeRole.FRONTEND)) {
      return "listens on " + url;
    }
    var roles =
        settings.roles().stream()
            .sorted()
            .map(role -> role.name().toLowerCase(Locale.ROOT))
            .collect(joining(" and "));
    return "works as " + roles + (node.port() == 0 ? "" : ", health and metrics on " + url);
  }

  private Optional<ClusterConfig> cluster(TidemarkConfig config) {
    var cluster = Optional.ofNullable(members).map(text -> withMembers(config, text));
    if (cluster.isEmpty()) {
      cluster = config.cluster();
    }
    if (cluster.isPresent() && config.home().isEmpty()) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  config.file()
                      + ": home: is missing, and a cluster needs one that all nodes reach")
              .withHint("Name a Postgres with `home`."));
    }
    return cluster;
  }

  private static ClusterConfig withMembers(TidemarkConfig config, String text) {
    return config
        .cluster()
        .orElse(ClusterConfig.DEFAULT)
        .withMembers(ClusterConfig.parseMembers(text).orElseThrow(() -> notMembers(text)));
  }

  private static TidemarkException notMembers(String text) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.CONFIG_INVALID, "--cluster: \"" + text + "\" is not a list of ADDR:PORT")
            .withHint("Write for example --cluster 10.0.0.5:5701,10.0.0.6:5701"));
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
