package io.tidemark.toxiproxy.harness;

import static java.util.stream.Collectors.joining;

import io.tidemark.toxiproxy.json.JsonText;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Toxic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/** Proxies of a Toxiproxy server, Shopify's or another, through its HTTP API. */
final class ServerLines implements Lines {
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);
  private static final Pattern LISTEN = Pattern.compile("\"listen\":\\s*\"[^\"]*:(\\d+)\"");

  /** So that two runs at one server do not meet. */
  private final String prefix = "harness-" + ProcessHandle.current().pid() + "-" + hashCode() + "-";

  private final HttpClient http = HttpClient.newHttpClient();
  private final URI server;
  private final Collection<Line> open = new ConcurrentLinkedQueue<>();

  ServerLines(URI server) {
    this.server = server;
  }

  @Override
  public Line open(String name, String host, String upstream) {
    var proxy = prefix + name;
    var answer =
        send(
            "POST",
            "/proxies",
            "{\"name\": %s, \"listen\": %s, \"upstream\": %s}"
                .formatted(
                    JsonText.quote(proxy), JsonText.quote(host + ":0"), JsonText.quote(upstream)));
    var listen = LISTEN.matcher(answer);
    if (!listen.find()) {
      throw new IllegalStateException(server + " does not tell where it listens: " + answer);
    }
    var line = new ServerLine("/proxies/" + proxy, Integer.parseInt(listen.group(1)));
    open.add(line);
    return line;
  }

  @Override
  public void close() {
    try {
      open.forEach(Line::close);
    } finally {
      http.close();
    }
  }

  private String send(String method, String path, String body) {
    var answer = exchange(method, path, body);
    if (answer.statusCode() >= 300) {
      throw new IllegalStateException(method + " " + path + ": " + answer.body());
    }
    return answer.body();
  }

  private HttpResponse<String> exchange(String method, String path, String body) {
    var request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(ANSWER_LIMIT)
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    try {
      return http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(server + " does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private final class ServerLine implements Line {
    private final String path;
    private final int port;
    private final Set<String> toxics = new HashSet<>();

    ServerLine(String path, int port) {
      this.path = path;
      this.port = port;
    }

    @Override
    public int port() {
      return port;
    }

    @Override
    public void cut() {
      send("POST", path, "{\"enabled\": false}");
    }

    @Override
    public synchronized void heal() {
      for (var toxic : new ArrayList<>(toxics)) {
        remove(toxic);
      }
      send("POST", path, "{\"enabled\": true}");
    }

    @Override
    public synchronized void put(Direction stream, Toxic toxic) {
      var name = toxic.type() + "_" + stream.text();
      remove(name);
      var attributes =
          toxic.attributes().entrySet().stream()
              .map(it -> JsonText.quote(it.getKey()) + ": " + it.getValue())
              .collect(joining(", ", "{", "}"));
      send(
          "POST",
          path + "/toxics",
          "{\"name\": \"%s\", \"type\": \"%s\", \"stream\": \"%s\", \"attributes\": %s}"
              .formatted(name, toxic.type(), stream.text(), attributes));
      toxics.add(name);
    }

    @Override
    public OptionalLong downstreamBytes() {
      return OptionalLong.empty();
    }

    @Override
    public void close() {
      // Whatever it answers: where someone has cleared the server, gone is gone.
      exchange("DELETE", path, "");
    }

    private void remove(String toxic) {
      if (toxics.remove(toxic)) {
        send("DELETE", path + "/toxics/" + toxic, "");
      }
    }
  }
}
