package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** {@code tidemark server} in a process of its own, and its HTTP API. */
public final class TidemarkServer implements AutoCloseable {
  private static final Pattern URL = Pattern.compile("(?:listens|metrics) on (http://\\S+?),");

  private final TidemarkProcess process;
  private final String url;
  private final HttpClient http = HttpClient.newHttpClient();

  private TidemarkServer(TidemarkProcess process, String url) {
    this.process = process;
    this.url = url;
  }

  static TidemarkServer start(Path folder, Path config, String... options) throws Exception {
    return begin(folder, config, options).ready();
  }

  /** Starts it, and does not wait for it. */
  public static Starting begin(Path folder, Path config, String... options) throws Exception {
    return begin(folder, config, List.of(), options);
  }

  /**
   * Likewise.
   *
   * @param jvm options of its JVM
   */
  static Starting begin(Path folder, Path config, List<String> jvm, String... options)
      throws Exception {
    var arguments = new ArrayList<>(List.of("server", "-f", config.toString(), "--port", "0"));
    arguments.addAll(List.of(options));
    var environment =
        jvm.isEmpty()
            ? Map.<String, String>of()
            : Map.of("JDK_JAVA_OPTIONS", String.join(" ", jvm));
    return new Starting(
        TidemarkProcess.start(folder, environment, arguments.toArray(String[]::new)));
  }

  /** One that comes up. */
  public record Starting(TidemarkProcess process) {
    public TidemarkServer ready() throws Exception {
      Until.holds(
          "the server is ready", () -> !process.isAlive() || URL.matcher(process.out()).find());
      var ready = URL.matcher(process.out());
      assertThat(ready.find()).as(process.err()).isTrue();
      return new TidemarkServer(process, ready.group(1));
    }
  }

  public TidemarkProcess process() {
    return process;
  }

  /** Asks for a refresh; its id. */
  public long refresh(String table) throws Exception {
    return refresh(table, "");
  }

  long refresh(String table, String query) throws Exception {
    var answer = send("POST", "/tables/" + table + "/refreshes" + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return Long.parseLong(
        answer.headers().firstValue("Location").orElseThrow().replaceFirst(".*/", ""));
  }

  /** approve, reject, cancel, pause or resume; must be accepted. */
  public void command(String command, long id) throws Exception {
    var answer = send("POST", "/refreshes/" + id + "/" + command);
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
  }

  public RefreshView view(long id) throws Exception {
    var answer = send("GET", "/refreshes/" + id);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.MAPPER.readValue(answer.body(), RefreshView.class);
  }

  public RefreshView await(long id, RefreshState state) throws Exception {
    return await(id, "refresh " + id + " is " + state, view -> view.state() == state);
  }

  RefreshView await(long id, String what, Predicate<RefreshView> condition) throws Exception {
    Until.holds(
        what,
        () -> {
          var view = view(id);
          if (!view.state().active() && !condition.test(view)) {
            throw new AssertionError("not " + what + ", but " + view);
          }
          return condition.test(view);
        });
    return view(id);
  }

  JsonNode json(String path) throws Exception {
    return Json.MAPPER.readTree(send("GET", path).body());
  }

  public HttpResponse<String> send(String method, String path)
      throws IOException, InterruptedException {
    return send(request(path).method(method, HttpRequest.BodyPublishers.noBody()));
  }

  public HttpResponse<String> put(String path, JsonNode body)
      throws IOException, InterruptedException {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .PUT(HttpRequest.BodyPublishers.ofString(body.toString())));
  }

  private HttpRequest.Builder request(String path) {
    var prefix = path.startsWith("/health") || path.equals("/metrics") ? "" : "/api/v1";
    return HttpRequest.newBuilder(URI.create(url + prefix + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    http.close();
    process.close();
  }
}
