package io.tidemark.frontend;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.bus.Json;
import io.tidemark.common.bus.ListExecutors;
import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.bus.ValidationReply;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A frontend on a home of its own, with a leader and an executor that only answer. */
public final class Frontend {
  private static final AtomicInteger NUMBER = new AtomicInteger();
  private static final int LIMIT_SECONDS = 30;
  private static final long TERM = 3;

  public final Vertx vertx = Vertx.vertx();
  public final Connection home;

  /** What the leader was asked for. */
  public final List<Command> commands = new CopyOnWriteArrayList<>();

  /** What the executor was asked to check. */
  public final List<ValidateTables> validations = new CopyOnWriteArrayList<>();

  private final HttpClient client =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(LIMIT_SECONDS)).build();
  private final int port;
  private volatile Function<Command, CommandReply> leader =
      command -> new CommandReply.Done(1, false);
  private volatile List<ErrorReport> problems = List.of();

  public Frontend() throws Exception {
    var address = create("home" + NUMBER.incrementAndGet());
    home = address.connect("test");
    Codecs.register(vertx);
    var meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    meters.counter("tidemark.test").increment();
    var verticle =
        new FrontendVerticle(new FrontendSettings("node", "127.0.0.1", 0, address, meters));
    vertx.deployVerticle(verticle).await(LIMIT_SECONDS, TimeUnit.SECONDS);
    port = verticle.port();
  }

  /** A leader that answers commands like this. */
  public MessageConsumer<Command> leader(Function<Command, CommandReply> answers)
      throws SQLException {
    leader = answers;
    sql(
        "INSERT INTO tidemark.leases (name, holder, kind, term, expires_at)"
            + " VALUES ('meta', 'm1', 'server', "
            + TERM
            + ", now() + interval '1 hour')");
    vertx
        .eventBus()
        .<ListExecutors>consumer(
            Address.executors(TERM),
            request ->
                request.reply(new ExecutorList(List.of(new ExecutorList.Seen("e1", 41, true, 4)))));
    return vertx
        .eventBus()
        .consumer(
            Address.command(TERM),
            request -> {
              commands.add(request.body());
              request.reply(leader.apply(request.body()));
            });
  }

  /** An executor that finds these problems. */
  public Frontend executor(ErrorReport... found) {
    problems = List.of(found);
    vertx
        .eventBus()
        .<ValidateTables>consumer(
            Address.VALIDATE,
            request -> {
              validations.add(request.body());
              request.reply(new ValidationReply(problems));
            });
    return this;
  }

  public Frontend sql(String... statements) throws SQLException {
    try (var statement = home.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
    return this;
  }

  /** Stores a refresh of table t and returns its id. */
  public long refresh(String state, String more) throws SQLException {
    var columns = more.isEmpty() ? "" : ", " + more.replaceAll(" = .*?(, |$)", "$1");
    var values = more.isEmpty() ? "" : ", " + more.replaceAll("[a-z_]+ = ", "");
    try (var statement = home.createStatement();
        var rows =
            statement.executeQuery(
                "INSERT INTO tidemark.refreshes (table_name, incarnation, visibility, definition, state"
                    + columns
                    + ") VALUES ('t', coalesce((SELECT incarnation FROM tidemark.tables"
                    + " WHERE name = 't'), 0), 'ATOMIC', '{}', '"
                    + state
                    + "'"
                    + values
                    + ") RETURNING id")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** An answer; its body as JSON where it is. */
  public record Answer(int status, Map<String, List<String>> headers, String text) {
    public JsonNode json() {
      try {
        return Json.MAPPER.readTree(text);
      } catch (IOException e) {
        throw new UncheckedIOException(text, e);
      }
    }

    public Optional<String> header(String name) {
      return Optional.ofNullable(headers.get(name)).map(List::getFirst);
    }
  }

  public Answer get(String path, String... headers) throws Exception {
    return send("GET", path, "", headers);
  }

  public Answer post(String path) throws Exception {
    return send("POST", path, "");
  }

  public Answer put(String path, String json) throws Exception {
    return send("PUT", path, json, "Content-Type", "application/json");
  }

  public Answer send(String method, String path, String body, String... headers) throws Exception {
    var request =
        HttpRequest.newBuilder(uri("http", path))
            .timeout(Duration.ofSeconds(LIMIT_SECONDS))
            .method(
                method,
                body.isEmpty()
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), response.headers().map(), response.body());
  }

  public URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + port + path);
  }

  public HttpClient client() {
    return client;
  }

  public int port() {
    return port;
  }

  public void stop() throws Exception {
    client.shutdownNow();
    vertx.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    home.close();
  }

  /** A copy of a home that was migrated once. */
  private static PostgresAddress create(String name) throws SQLException {
    try (var admin = Server.ADDRESS.connect("test");
        var statement = admin.createStatement()) {
      statement.execute("CREATE DATABASE " + name + " TEMPLATE " + Server.TEMPLATE);
    }
    return Server.ADDRESS.withDatabase(name);
  }

  /** Started when first used; its own shutdown hook stops it. */
  private static final class Server {
    static final String TEMPLATE = "migrated";
    static final PostgresAddress ADDRESS = start();

    private static PostgresAddress start() {
      try {
        var port = EmbeddedPostgres.builder().start().getPort();
        var address =
            new PostgresAddress(
                "localhost", port, "postgres", "postgres", Optional.empty(), Map.of());
        try (var admin = address.connect("test");
            var statement = admin.createStatement()) {
          statement.execute("CREATE DATABASE " + TEMPLATE);
        }
        HomeSchema.migrate(address.withDatabase(TEMPLATE));
        return address;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (SQLException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
