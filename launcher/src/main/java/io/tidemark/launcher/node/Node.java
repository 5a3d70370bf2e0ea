package io.tidemark.launcher.node;

import static java.util.stream.Collectors.toSet;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.Codecs;
import io.tidemark.common.bus.NodeLeft;
import io.tidemark.common.bus.Protocol;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Secrets;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.HomePool;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.TableStore;
import io.tidemark.executor.ExecutorSettings;
import io.tidemark.executor.ExecutorVerticle;
import io.tidemark.executor.source.Connectors;
import io.tidemark.frontend.FrontendSettings;
import io.tidemark.frontend.FrontendVerticle;
import io.tidemark.frontend.HealthVerticle;
import io.tidemark.launcher.cluster.ClusterMember;
import io.tidemark.meta.MetaSettings;
import io.tidemark.meta.MetaVerticle;
import io.vertx.core.Deployable;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.sqlclient.Pool;
import java.net.BindException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The roles of one process on one {@link Vertx}. They come up in the order executor, check of the
 * tables, meta, frontend: nothing is stored before all tables are found right, nothing is led
 * before somebody can do the work. They go down frontend first, then the executor, whose lanes
 * checkpoint and give back what they hold while there still is a leader to hear of it, then meta.
 * Where it is in a cluster, it joins before all of them and leaves after all of them.
 *
 * <p>Its methods block; they are for the thread of a command.
 */
public final class Node implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Node.class);

  private static final Duration BUS_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration START_TIMEOUT = Duration.ofMinutes(6);

  /** Together below what a signal leaves to a command. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofSeconds(6);

  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(3);
  private static final int POOL_SIZE = 2;
  private static final Set<String> WILDCARDS = Set.of("0.0.0.0", "::");

  private final NodeSettings settings;
  private final PostgresAddress home;
  private final Optional<ClusterMember> member;
  private final Vertx vertx;
  private final Deque<String> workers = new ArrayDeque<>();
  private final Deque<String> leaders = new ArrayDeque<>();
  private final PrometheusMeterRegistry meters =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Pool pool;
  private int port;

  private Node(
      NodeSettings settings, PostgresAddress home, Optional<ClusterMember> member, Vertx vertx) {
    this.settings = settings;
    this.home = home;
    this.member = member;
    this.vertx = vertx;
    Codecs.register(vertx);
    pool = HomePool.of(vertx, home, "tidemark node", POOL_SIZE);
  }

  /**
   * Brings it up.
   *
   * @throws TidemarkException with all that is wrong with the tables, or what else failed
   */
  public static Node start(NodeSettings settings, Home home) {
    var member =
        settings
            .cluster()
            .map(
                cluster ->
                    ClusterMember.join(
                        cluster, settings.listen().host(), settings.nodeId(), Protocol.VERSION));
    var node = new Node(settings, home.address(), member, vertx(member));
    try {
      await(node.deploy(), START_TIMEOUT);
      return node;
    } catch (RuntimeException e) {
      node.close();
      throw e;
    }
  }

  private static Vertx vertx(Optional<ClusterMember> member) {
    if (member.isEmpty()) {
      return Vertx.vertx();
    }
    try {
      return await(
          Vertx.builder()
              .with(member.get().options())
              .withClusterManager(member.get().clusterManager())
              .buildClustered(),
          BUS_TIMEOUT);
    } catch (RuntimeException e) {
      member.get().close();
      throw e;
    }
  }

  public Vertx vertx() {
    return vertx;
  }

  /** Connections to the home for what a command asks it. */
  public Pool home() {
    return pool;
  }

  /** The port it listens on, with a frontend or for health only; 0: it does not. */
  public int port() {
    return port;
  }

  /** Ends all work and keeps the lease: then what is merged is durable, and can be read. */
  public void drain() {
    stop(undeploy(workers), DRAIN_TIMEOUT);
  }

  /** Takes it down: what is merged is durable, the lease is given back. */
  @Override
  public void close() {
    drain();
    stop(undeploy(leaders).eventually(pool::close).eventually(vertx::close), STOP_TIMEOUT);
    member.ifPresent(ClusterMember::close);
    meters.close();
  }

  private static void stop(Future<Void> down, Duration timeout) {
    try {
      await(down, timeout);
    } catch (TidemarkException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("node did not stop in good order");
    }
  }

  private Future<Void> undeploy(Deque<String> roles) {
    var down = Future.<Void>succeededFuture();
    while (!roles.isEmpty()) {
      var id = roles.pop();
      down = down.compose(before -> undeploy(id));
    }
    return down;
  }

  private Future<Void> undeploy(String id) {
    return vertx
        .undeploy(id)
        .<Void>mapEmpty()
        .recover(
            failure -> {
              LOG.atWarn().addKeyValue("cause", failure.toString()).log("a role did not stop");
              return Future.succeededFuture();
            });
  }

  private Future<Void> deploy() {
    member.ifPresent(
        cluster -> cluster.onLeft(left -> publishHere(Address.NODE_LEFT, new NodeLeft(left))));
    return when(NodeRole.EXECUTOR, () -> deploy(new ExecutorVerticle(executor()), workers))
        .compose(done -> when(NodeRole.META, this::tables))
        .compose(done -> when(NodeRole.META, () -> deploy(new MetaVerticle(meta()), leaders)))
        .compose(done -> when(NodeRole.FRONTEND, () -> deploy(settings.listen())))
        .compose(done -> settings.servesHealthOnly() ? health(settings.listen()) : done());
  }

  private static Future<Void> done() {
    return Future.succeededFuture();
  }

  /** Several nodes on one machine may have one file: then the others listen elsewhere. */
  private Future<Void> health(TidemarkConfig.Server listen) {
    var health = new HealthVerticle(face(listen));
    return deploy(health, workers)
        .onSuccess(done -> port = health.port())
        .recover(
            failure ->
                failure instanceof BindException && listen.port() != 0
                    ? health(new TidemarkConfig.Server(listen.host(), 0))
                        .onSuccess(
                            done ->
                                LOG.atWarn()
                                    .addKeyValue("taken", listen.port())
                                    .addKeyValue("port", port)
                                    .log("health and metrics are served on another port"))
                    : Future.failedFuture(failure));
  }

  private FrontendSettings face(TidemarkConfig.Server listen) {
    return new FrontendSettings(settings.nodeId(), listen.host(), listen.port(), home, meters);
  }

  private Future<Void> when(NodeRole role, Supplier<Future<Void>> then) {
    return settings.has(role) ? then.get() : Future.succeededFuture();
  }

  /** Those who may lead also say what there is to lead. */
  private Future<Void> tables() {
    var file = settings.config().file();
    return Tables.validate(vertx, file, settings.tables())
        .compose(done -> Tables.store(new TableStore(pool), file, settings.tables()));
  }

  private void publishHere(String address, Object message) {
    vertx.eventBus().publish(address, message, new DeliveryOptions().setLocalOnly(true));
  }

  private Future<Void> deploy(TidemarkConfig.Server listen) {
    var frontend = new FrontendVerticle(face(listen));
    return deploy(frontend, workers)
        .onSuccess(done -> port = frontend.port())
        .recover(
            failure ->
                Future.failedFuture(
                    failure instanceof BindException ? portTaken(listen, failure) : failure));
  }

  private Future<Void> deploy(Deployable role, Deque<String> among) {
    return vertx.deployVerticle(role).onSuccess(among::push).mapEmpty();
  }

  private ExecutorSettings executor() {
    var secrets = Secrets.ofEnvironment();
    return new ExecutorSettings(
        settings.nodeId(),
        home,
        settings.config().executor(),
        written -> secrets.resolve("", ConfigReader.readTable("stored definition", written)),
        // Resolved together with the definition that it is part of.
        source -> PostgresAddress.parse(source.url(), source.user(), source.password()),
        Connectors::open,
        meters);
  }

  private MetaSettings meta() {
    return new MetaSettings(
        settings.nodeId(),
        home,
        settings.config().meta(),
        settings.lease(),
        endpoint(),
        meters,
        settings.renews()
            ? settings.tables().stream().map(TableDefinition::name).collect(toSet())
            : Set.of(),
        () -> member.map(ClusterMember::nodes).orElse(Set.of()));
  }

  private Optional<String> endpoint() {
    if (!settings.has(NodeRole.FRONTEND)) {
      return Optional.empty();
    }
    var listen = settings.listen();
    var host =
        member
            .filter(cluster -> WILDCARDS.contains(listen.host()))
            .map(ClusterMember::host)
            .orElse(listen.host());
    return Optional.of(url(new TidemarkConfig.Server(host, listen.port())));
  }

  /** Where a frontend is found by whoever asks on this machine or, if it listens to all, others. */
  public static String url(TidemarkConfig.Server listen) {
    var host = listen.host().contains(":") ? "[" + listen.host() + "]" : listen.host();
    return "http://" + host + ":" + listen.port();
  }

  /** What a start says where the port is not free. */
  public static TidemarkException portTaken(TidemarkConfig.Server listen, Throwable cause) {
    return new TidemarkException(
        ErrorReport.of(
                ErrorCode.CONFIG_INVALID,
                "port "
                    + listen.port()
                    + " of "
                    + listen.host()
                    + " cannot be listened on: "
                    + Optional.ofNullable(cause.getMessage()).orElse("it is taken"))
            .withHint("Name another one with --port or `server.port`, or end what uses it."),
        cause);
  }

  /** Waits for a future; what it fails with comes out as it is. */
  public static <T> T await(Future<T> future, Duration timeout) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof TidemarkException known) {
        throw known;
      }
      if (e.getCause() instanceof TimeoutException) {
        throw new TidemarkException(
            ErrorCode.BUG, "no answer within " + timeout.toSeconds() + " s", e);
      }
      throw e;
    }
  }
}
