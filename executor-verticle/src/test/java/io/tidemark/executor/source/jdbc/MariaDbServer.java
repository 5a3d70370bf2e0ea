package io.tidemark.executor.source.jdbc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A MariaDB of its own, on a free port and a new folder. Where it is not installed: none. */
public final class MariaDbServer implements AutoCloseable {
  public static final String USER = "reader";
  public static final String PASSWORD = "hunter2";
  public static final String MISSING =
      "SKIPPED: no MariaDB is installed here (Debian: apt-get install mariadb-server)";

  private static final Duration START_TIMEOUT = Duration.ofSeconds(60);

  private final Path folder;
  private final int port;
  private final Process process;

  /** Whether there is one to start. */
  public static boolean isInstalled() {
    return program("mariadbd").isPresent() && program("mariadb-install-db").isPresent();
  }

  public MariaDbServer(Path folder) throws IOException, InterruptedException, SQLException {
    this.folder = folder;
    this.port = freePort();
    var data = folder.resolve("data");
    run(
        program("mariadb-install-db").orElseThrow().toString(),
        "--no-defaults",
        "--user=" + System.getProperty("user.name"),
        "--datadir=" + data,
        "--skip-test-db",
        "--auth-root-authentication-method=normal");
    var users = folder.resolve("users.sql");
    Files.writeString(
        users,
        """
        CREATE DATABASE erp;
        CREATE USER %1$s@'%%' IDENTIFIED BY '%2$s';
        GRANT ALL ON *.* TO %1$s@'%%';
        """
            .formatted(USER, PASSWORD));
    this.process =
        new ProcessBuilder(
                program("mariadbd").orElseThrow().toString(),
                "--no-defaults",
                "--user=" + System.getProperty("user.name"),
                "--datadir=" + data,
                "--socket=" + folder.resolve("s"),
                "--pid-file=" + folder.resolve("pid"),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--skip-name-resolve",
                "--init-file=" + users,
                "--default-time-zone=+03:00",
                "--innodb-buffer-pool-size=64M",
                "--innodb-flush-log-at-trx-commit=0",
                "--max-allowed-packet=64M")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    await();
  }

  /** For the driver, without user and password. */
  public String url() {
    return "jdbc:mariadb://127.0.0.1:" + port + "/erp";
  }

  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url(), USER, PASSWORD);
  }

  private void await() throws IOException, InterruptedException, SQLException {
    var end = System.nanoTime() + START_TIMEOUT.toNanos();
    while (true) {
      try {
        connect().close();
        return;
      } catch (SQLException e) {
        if (!process.isAlive() || System.nanoTime() > end) {
          throw new IOException(Files.readString(folder.resolve("log")), e);
        }
        TimeUnit.MILLISECONDS.sleep(50);
      }
    }
  }

  private void run(String... command) throws IOException, InterruptedException {
    var log = folder.resolve("install.log");
    var started =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    if (started.waitFor() != 0) {
      throw new IOException(Files.readString(log));
    }
  }

  private static Optional<Path> program(String name) {
    return Stream.of("/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin")
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
