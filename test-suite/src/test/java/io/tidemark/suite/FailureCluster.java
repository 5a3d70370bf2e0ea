package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Json;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.common.refresh.Visibility;
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
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Nodes {@code a} (leads), {@code b} (stands by, and works), {@code c} (works) and {@code d} (only
 * a frontend), behind proxies. Asks whichever frontend answers.
 */
final class FailureCluster implements AutoCloseable {
  private static final Pattern READY = Pattern.compile("listens on");
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration ANSWER = Duration.ofSeconds(3);

  final Cluster cluster;
  private final Databases databases;
  private final Path folder;
  private final Visibility visibility;
  private final int rowsPerSecond;
  private final List<String> members = new ArrayList<>();
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(ANSWER).build();

  FailureCluster(
      Databases databases,
      Path folder,
      Visibility visibility,
      int rowsPerSecond,
      boolean isolated) {
    this.rowsPerSecond = rowsPerSecond;
    this.databases = databases;
    this.folder = folder;
    this.visibility = visibility;
    this.cluster = isolated ? Cluster.isolated() : Cluster.local();
  }

  /** All nodes that are needed, ready. */
  void start(boolean withFrontend) throws Exception {
    begin("a", "frontend,meta").awaitOutput(READY, START);
    var b = begin("b", "frontend,meta,executor");
    // A frontend too: a zombie's refused writes are counted where they were refused.
    begin("c", "frontend,executor");
    if (withFrontend) {
      begin("d", "frontend").awaitOutput(READY, START);
    }
    b.awaitOutput(READY, START);
    Until.holds("two executors are known", () -> liveExecutors() == 2);
  }

  Node node(String name) {
    return cluster.node(name);
  }

  /** Asks for a refresh; its id. */
  long refresh() throws Exception {
    var location = ask("POST", "/api/v1/tables/t/refreshes", 202).headers().firstValue("Location");
    return Long.parseLong(location.orElseThrow().replaceFirst(".*/", ""));
  }

  void approve(long id) throws Exception {
    ask("POST", "/api/v1/refreshes/" + id + "/approve", 200);
  }

  RefreshView view(long id) throws Exception {
    return Json.MAPPER.readValue(
        ask("GET", "/api/v1/refreshes/" + id, 200).body(), RefreshView.class);
  }

  /** Of the nodes that answer. */
  double fencedWrites() {
    return cluster.nodes().stream().mapToDouble(this::fencedWrites).sum();
  }

  /** Whether a node has noticed that its lease is over. */
  boolean someoneLeadsNoMore() {
    return cluster.nodes().stream().anyMatch(node -> node.err().contains("leads no more"));
  }

  /** Whether this node's frontend answers with the refresh. */
  boolean answers(String node, long id) {
    try {
      return send(node(node), "GET", "/api/v1/refreshes/" + id).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** What all nodes got from the source so far; 0 where a foreign server has the proxies. */
  long bytesFromSource() {
    return cluster.nodes().stream().mapToLong(node -> node.bytesFrom("source").orElse(0)).sum();
  }

  private long liveExecutors() throws Exception {
    var live = 0;
    for (var executor : Json.MAPPER.readTree(ask("GET", "/api/v1/executors", 200).body())) {
      live += executor.path("live").asBoolean() ? 1 : 0;
    }
    return live;
  }

  /** Asks one frontend after another, until one says this. */
  private HttpResponse<String> ask(String method, String path, int status) throws Exception {
    var answers = new ArrayList<HttpResponse<String>>();
    var said = new ArrayList<String>();
    Until.holds(
        method + " " + path,
        () -> {
          for (var node : frontends()) {
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

  private List<Node> frontends() {
    return cluster.nodes().stream().filter(it -> !it.name().equals("c")).toList();
  }

  private double fencedWrites(Node node) {
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

  private HttpResponse<String> send(Node node, String method, String path) throws IOException {
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

  private Node begin(String name, String roles) {
    return cluster.start(
        NodeSpec.of(name, at -> command(name, roles, at))
            .reaching("home", "127.0.0.1:" + databases.homeAddress.port())
            .reaching("source", "127.0.0.1:" + databases.sourceAddress.port())
            .listening("bus")
            .listening("member")
            .listening("http"));
  }

  private List<String> command(String name, String roles, Addresses at) {
    var member = at.gateway() + ":" + at.announcedPort("member");
    if (!members.contains(member)) {
      members.add(member);
    }
    return List.of(
        "env",
        "SOURCE=" + url(at.link("source"), databases.sourceAddress),
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx192m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "--enable-native-access=ALL-UNNAMED",
        "-cp",
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
        "io.tidemark.launcher.Tidemark",
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
        Integer.toString(at.port("http")));
  }

  private static String url(String hostPort, PostgresAddress address) {
    return "postgresql://postgres@%s/%s".formatted(hostPort, address.database());
  }

  private Path config(String name, Addresses at) {
    var yaml =
        """
        home: "%s"
        meta: {barrier-interval: 200ms, lease: 2s}
        executor: {lanes: 2, retry-for: 30s, chunk-rows: 50}
        cluster:
          members: [%s]
          host: %s
          port: %d
          bus-port: %d
          public-host: %s
          public-port: %d
          public-bus-port: %d
          failure-detection: {lost-after: 3s, merge: 2s}
        tables:
          - name: t
            source: {type: postgres, url: "${env:SOURCE}", table: public.t}
            target: public.t
            vnodes: 32
            visibility: %s
            throttle: {rows-per-second: %d}
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
                visibility.name().toLowerCase(Locale.ROOT),
                rowsPerSecond);
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
