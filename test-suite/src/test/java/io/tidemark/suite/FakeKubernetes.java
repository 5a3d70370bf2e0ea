package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.tidemark.common.bus.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * As much of the Kubernetes API as discovery asks for, over TLS: the slices of one service's
 * endpoints. It holds whoever asks to a role, as the real one does.
 */
final class FakeKubernetes implements AutoCloseable {
  private static final String TOKEN = "secret";
  private static final String PASSWORD = "changeit";
  private static final Pattern PATH =
      Pattern.compile("/(?:api|apis/([^/]+))/v1(?:/namespaces/([^/]+))?/([^/]+)(?:/([^/]+))?");

  /** Another than that by which nodes meet. */
  private static final Map<String, Object> PORT =
      Map.of("name", "http", "port", 7070, "protocol", "TCP");

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String certificate;
  private final String namespace;
  private final String service;
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private volatile JsonNode rules = JsonNodeFactory.instance.arrayNode();
  private volatile List<String> addresses = List.of();
  private volatile boolean away;

  /**
   * Listens on a port of its own.
   *
   * @param folder for its certificate
   */
  FakeKubernetes(Path folder, String namespace, String service) throws Exception {
    this.namespace = namespace;
    this.service = service;
    var keys = keys(folder);
    certificate =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getCertificate("api").getEncoded())
            + "\n-----END CERTIFICATE-----\n";
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
    server.setExecutor(threads);
    server.createContext("/", this::answer);
    server.start();
  }

  /** What a pod finds where its service account is mounted, as properties of its JVM. */
  Map<String, String> properties() {
    return Map.of(
        "hazelcast.kubernetes.kubernetes-master",
        "https://127.0.0.1:" + server.getAddress().getPort(),
        "hazelcast.kubernetes.api-token",
        TOKEN,
        "hazelcast.kubernetes.ca-certificate",
        certificate);
  }

  /** Pods that are behind the service from now on. */
  void pods(List<String> pods) {
    addresses = List.copyOf(pods);
  }

  /**
   * What those who ask may do from now on; nothing before.
   *
   * @param allowed as in a {@code Role}
   */
  void allow(JsonNode allowed) {
    rules = allowed;
  }

  /** Whether it only says that it cannot answer. */
  void away(boolean is) {
    away = is;
  }

  /** What it has answered, such as {@code list endpointslices}. */
  Set<String> answered() {
    return Set.copyOf(answered);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = PATH.matcher(exchange.getRequestURI().getPath());
      if (!path.matches()) {
        send(exchange, 404, failure(404, "NotFound"));
        return;
      }
      var group = path.group(1) == null ? "" : path.group(1);
      var resource = path.group(3);
      var verb = path.group(4) == null ? "list" : "get";
      var isOurs = namespace.equals(path.group(2));
      var token = exchange.getRequestHeaders().getFirst("Authorization");
      if (away) {
        send(exchange, 503, failure(503, "ServiceUnavailable"));
      } else if (!("Bearer " + TOKEN).equals(token)) {
        send(exchange, 401, failure(401, "Unauthorized"));
      } else if (!isOurs || !allows(group, resource, verb)) {
        send(exchange, 403, failure(403, "Forbidden"));
      } else {
        answered.add(verb + " " + resource);
        found(exchange, resource, path.group(4));
      }
    }
  }

  private void found(HttpExchange exchange, String resource, String name) throws IOException {
    var query = exchange.getRequestURI().getQuery();
    var ours = query == null || query.equals("labelSelector=kubernetes.io/service-name=" + service);
    if (resource.equals("endpointslices") && name == null) {
      send(
          exchange,
          200,
          Map.of("kind", "EndpointSliceList", "items", ours ? List.of(slice()) : List.of()));
    } else if (resource.equals("endpoints") && service.equals(name)) {
      send(exchange, 200, endpoints());
    } else {
      send(exchange, 404, failure(404, "NotFound"));
    }
  }

  private Map<String, Object> slice() {
    return Map.of(
        "metadata",
        Map.of("name", service + "-x7k2p"),
        "addressType",
        "IPv4",
        "endpoints",
        addresses.stream()
            .map(
                address ->
                    Map.of(
                        "addresses", List.of(address),
                        "conditions", Map.of("ready", false, "serving", false),
                        "nodeName", "node-1",
                        "targetRef", pod(address)))
            .toList(),
        "ports",
        List.of(PORT));
  }

  private Map<String, Object> endpoints() {
    return Map.of(
        "kind",
        "Endpoints",
        "metadata",
        Map.of("name", service),
        "subsets",
        List.of(
            Map.of(
                "notReadyAddresses",
                addresses.stream()
                    .map(address -> Map.of("ip", address, "targetRef", pod(address)))
                    .toList(),
                "ports",
                List.of(PORT))));
  }

  private Map<String, Object> pod(String address) {
    return Map.of(
        "kind", "Pod", "namespace", namespace, "name", service + "-" + address.replace('.', '-'));
  }

  private boolean allows(String group, String resource, String verb) {
    for (var rule : rules) {
      if (has(rule, "apiGroups", group)
          && has(rule, "resources", resource)
          && has(rule, "verbs", verb)) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(JsonNode rule, String list, String what) {
    return StreamSupport.stream(rule.path(list).spliterator(), false)
        .anyMatch(it -> it.asText().equals(what));
  }

  private static Map<String, Object> failure(int code, String reason) {
    return Map.of("kind", "Status", "status", "Failure", "reason", reason, "code", code);
  }

  private static void send(HttpExchange exchange, int status, Map<String, Object> body)
      throws IOException {
    var bytes = Json.MAPPER.writeValueAsBytes(body);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static KeyStore keys(Path folder) throws Exception {
    var file = folder.resolve("kubernetes.p12");
    var made =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "api",
                "-keyalg",
                "EC",
                "-dname",
                "CN=kubernetes",
                "-ext",
                "san=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .start();
    var said = new String(made.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(made.waitFor()).as(said).isZero();
    var keys = KeyStore.getInstance("PKCS12");
    try (var in = Files.newInputStream(file)) {
      keys.load(in, PASSWORD.toCharArray());
    }
    return keys;
  }

  private static SSLContext context(KeyStore keys) throws Exception {
    var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, PASSWORD.toCharArray());
    var context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
