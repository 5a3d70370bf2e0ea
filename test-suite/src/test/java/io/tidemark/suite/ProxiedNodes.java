package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Json;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.toxiproxy.harness.Addresses;
import io.tidemark.toxiproxy.harness.Cluster;
import io.tidemark.toxiproxy.harness.Node;
import io.tidemark.toxiproxy.harness.NodeSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/**
 * Server processes of one cluster with a proxy on each link: to the {@code home}, to the {@code
 * source}, and into each for {@code bus}, {@code member} and {@code http}. Asks whichever frontend
 * answers.
 */
final class ProxiedNodes implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("listens on|works as");
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  /**
   * What all nodes have in common.
   *
   * @param cluster lines of section {@code cluster} beside its addresses, YAML, may be empty
   * @param sections other sections, YAML; where a table's source is, stands in {@code
   *     ${env:SOURCE}}
   * @param jvm options of the nodes' JVMs
   */
  record Settings(String cluster, String sections, List<String> jvm) {
    /** For many nodes on one machine that live for seconds. */
    static final List<String> SMALL =
        List.of("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
  }

  final Cluster cluster;
  private final Databases databases;
  private final Path folder;
  private final Settings settings;
  private final List<String> members = new CopyOnWriteArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  /**
   * @param folder for configuration files
   * @param isolated whether nodes have a network each: see {@link Cluster#isolated}
   */
  ProxiedNodes(Databases databases, Path folder, Settings settings, boolean isolated) {
    this.databases = databases;
    this.folder = folder;
    this.settings = settings;
    this.cluster = isolated ? Cluster.isolated() : Cluster.local();
  }

  /** Starts one; see {@link #awaitReady}. */
  Node begin(String name, String roles) {
    return cluster.start(
        NodeSpec.of(name, at -> command(name, roles, at))
            .reaching("home", "127.0.0.1:" + databases.homeAddress.port())
            .reaching("source", "127.0.0.1:" + databases.sourceAddress.port())
            .listening("bus")
            .listening("member")
            .listening("http"));
  }

  /** Until it is of use for the first time. */
  static void awaitReady(Node node) {
    node.awaitOutput(READY, START);
  }

  /** Asks for a refresh; its id. */
  long refresh(String table) throws Exception {
    var location =
        ask("POST", "/api/v1/tables/" + table + "/refreshes", 202).headers().firstValue("Location");
    return Long.parseLong(location.orElseThrow().replaceFirst(".*/", ""));
  }

  void approve(long id) throws Exception {
    ask("POST", "/api/v1/refreshes/" + id + "/approve", 200);
  }

  RefreshView view(long id) throws Exception {
    return Json.MAPPER.readValue(
        ask("GET", "/api/v1/refreshes/" + id, 200).body(), RefreshView.class);
  }

  /** How many executors the leader hears. */
  long liveExecutors() throws Exception {
    var live = 0;
    for (var executor : Json.MAPPER.readTree(ask("GET", "/api/v1/executors", 200).body())) {
      live += executor.path("live").asBoolean() ? 1 : 0;
    }
    return live;
  }

  /** Of the nodes that answer. */
  double fencedWrites() {
    return cluster.nodes().stream().mapToDouble(this::fencedWrites).sum();
  }

  /**
   * Asks one node, once.
   *
   * @throws IOException where it does not answer
   */
  HttpResponse<String> send(Node node, String method, String path) throws IOException {
    var at = node.addresses();
    var uri = URI.create("http://" + at.gateway() + ":" + at.announcedPort("http") + path);
    var request =
        HttpRequest.newBuilder(uri)
            .timeout(ANSWER)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Asks one frontend after another, until one says this. */
  private HttpResponse<String> ask(String method, String path, int status) throws Exception {
    var answers = new ArrayList<HttpResponse<String>>();
    var said = new ArrayList<String>();
    Until.holds(
        method + " " + path,
        () -> {
          for (var node : cluster.nodes()) {
            try {
              var answer = send(node, method, path);
              if (answer.statusCode() == status || answer.statusCode() == 409) {
                answers.add(answer);
                return true;
              }
              said.add(answer.body());
            } catch (IOException e) {
              said.add(e.toString());
            }
          }
          return false;
        });
    var answer = answers.getFirst();
    assertThat(answer.statusCode()).as("%s after %s", answer.body(), said).isEqualTo(status);
    return answer;
  }

  /** That this node has counted; 0 where it does not answer. */
  double fencedWrites(Node node) {
    try {
      return send(node, "GET", "/metrics")
          .body()
          .lines()
          .filter(line -> line.startsWith("tidemark_fenced_writes_total{"))
          .mapToDouble(line -> Double.parseDouble(line.replaceFirst(".* ", "")))
          .sum();
    } catch (IOException e) {
      return 0;
    }
  }

  private List<String> command(String name, String roles, Addresses at) {
    var member = at.gateway() + ":" + at.announcedPort("member");
    if (!members.contains(member)) {
      members.add(member);
    }
    var command = new ArrayList<String>();
    command.add("env");
    command.add("SOURCE=" + url(at.link("source"), databases.sourceAddress));
    command.addAll(TidemarkJvm.command(settings.jvm()));
    command.addAll(
        List.of(
            "server",
            "-f",
            config(name, at).toString(),
            "--roles",
            roles,
            "--node-id",
            name,
            "--host",
            at.host(),
            "--port",
            Integer.toString(at.port("http"))));
    return command;
  }

  private static String url(String hostPort, PostgresAddress address) {
    return "postgresql://postgres@%s/%s".formatted(hostPort, address.database());
  }

  private Path config(String name, Addresses at) {
    var yaml =
        """
        home: "%s"
        cluster:
          members: [%s]
          host: %s
          port: %d
          bus-port: %d
          public-host: %s
          public-port: %d
          public-bus-port: %d
        %s
        %s
        """
            .formatted(
                url(at.link("home"), databases.homeAddress),
                String.join(", ", members.stream().map(it -> '"' + it + '"').toList()),
                at.host(),
                at.port("member"),
                at.port("bus"),
                at.gateway(),
                at.announcedPort("member"),
                at.announcedPort("bus"),
                settings.cluster().indent(2),
                settings.sections());
    try {
      return Files.writeString(folder.resolve(name + ".yaml"), yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      cluster.close();
    } finally {
      http.shutdownNow();
    }
  }
}
