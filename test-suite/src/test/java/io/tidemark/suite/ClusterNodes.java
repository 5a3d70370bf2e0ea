package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.PostgresAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Nodes in processes of their own, with a source and a home whose table t differs in some rows. */
public final class ClusterNodes implements AutoCloseable {
  private static final int ROWS = 6_000;

  final Databases databases;
  private final Path folder;
  private final List<TidemarkProcess> processes = new ArrayList<>();

  ClusterNodes(Path folder) throws Exception {
    this(folder, new Databases());
  }

  ClusterNodes(Path folder, Databases databases) throws Exception {
    this.folder = folder;
    this.databases = databases;
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, v text NOT NULL)",
          "INSERT INTO public.t SELECT i, md5(i::text) FROM generate_series(1, " + ROWS + ") i");
    }
    Databases.execute(
        databases.source,
        "UPDATE public.t SET v = 'new' WHERE id % 50 = 1",
        "DELETE FROM public.t WHERE id % 50 = 3");
  }

  /** Starts one; its nodes' common list is what {@link #members} gave. */
  TidemarkServer.Starting begin(Path config, String members, String name, String... options)
      throws Exception {
    var all =
        Stream.concat(Stream.of("--node-id", name, "--cluster", members), Stream.of(options))
            .toArray(String[]::new);
    return alone(config, all);
  }

  /** Starts one that is in no cluster, unless the options say so. */
  TidemarkServer.Starting alone(Path config, String... options) throws Exception {
    return alone(config, List.of(), options);
  }

  /**
   * Likewise.
   *
   * @param jvm options of its JVM
   */
  TidemarkServer.Starting alone(Path config, List<String> jvm, String... options) throws Exception {
    var starting = TidemarkServer.begin(folder, config, jvm, options);
    processes.add(starting.process());
    return starting;
  }

  /** Likewise, and it listens where the file says. */
  TidemarkServer.Starting asWritten(Path config, String... options) throws Exception {
    var all =
        Stream.concat(Stream.of("server", "-f", config.toString()), Stream.of(options))
            .toArray(String[]::new);
    var starting = new TidemarkServer.Starting(TidemarkProcess.start(folder, all));
    processes.add(starting.process());
    return starting;
  }

  /** Two addresses that are free at this moment. */
  public static String members() throws IOException {
    var loopback = InetAddress.getLoopbackAddress();
    try (var one = new ServerSocket(0, 1, loopback);
        var other = new ServerSocket(0, 1, loopback)) {
      return "127.0.0.1:" + one.getLocalPort() + ",127.0.0.1:" + other.getLocalPort();
    }
  }

  /** How many executors its leader hears. */
  public static long live(TidemarkServer server) throws Exception {
    var live = 0;
    for (var executor : server.json("/executors")) {
      live += executor.path("live").asBoolean() ? 1 : 0;
    }
    return live;
  }

  static Predicate<String> isNode(String name) {
    return owner -> owner.startsWith(name + "-");
  }

  /** Those that have read something. */
  List<String> owners(long id) throws Exception {
    return owners(id, "rows_read > 0");
  }

  /** Those that work on something. */
  List<String> workers(long id) throws Exception {
    return owners(id, "NOT is_completed");
  }

  private List<String> owners(long id, String condition) throws Exception {
    return Databases.column(
        databases.home,
        "SELECT DISTINCT owner FROM tidemark.refresh_progress WHERE owner IS NOT NULL AND "
            + condition
            + " AND refresh_id = "
            + id);
  }

  long sourceRows() throws Exception {
    return Databases.number(databases.source, "SELECT count(*) FROM public.t");
  }

  void assertEqual() throws Exception {
    var sql = "SELECT t::text FROM public.t t ORDER BY id";
    assertThat(Databases.column(databases.home, sql))
        .isEqualTo(Databases.column(databases.source, sql));
  }

  Path config(int rowsPerSecond) throws Exception {
    return config(rowsPerSecond, "postgres");
  }

  /**
   * 32 VNodes.
   *
   * @param role of the nodes in the home
   */
  Path config(int rowsPerSecond, String role) throws Exception {
    return Files.writeString(
        folder.resolve("tidemark.yaml"),
        """
        home: "%s"
        meta: {barrier-interval: 200ms, lease: 2s}
        executor: {lanes: 2, retry-for: 3s, chunk-rows: 100}
        tables:
          - name: t
            source: {type: postgres, url: "%s", table: public.t}
            target: public.t
            vnodes: 32
            throttle: {rows-per-second: %d}
        """
            .formatted(
                url(role, databases.homeAddress),
                url("postgres", databases.sourceAddress),
                rowsPerSecond));
  }

  private static String url(String role, PostgresAddress address) {
    return "postgresql://%s@localhost:%d/%s".formatted(role, address.port(), address.database());
  }

  @Override
  public void close() throws SQLException {
    processes.forEach(TidemarkProcess::close);
    databases.close();
  }
}
