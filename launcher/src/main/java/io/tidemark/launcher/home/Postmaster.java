package io.tidemark.launcher.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.io.file.PathUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts, finds and stops the server of one folder. Whoever calls holds the folder's gate, so that
 * at most one process does so at a time.
 */
final class Postmaster {
  private static final Logger LOG = LoggerFactory.getLogger(Postmaster.class);

  /** A port may be taken between looking and starting; backends may outlive a killed server. */
  private static final int START_ATTEMPTS = 5;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final Duration RECOVERY_PATIENCE = Duration.ofSeconds(60);
  private static final Duration RECOVERY_POLL = Duration.ofMillis(100);
  private static final int STOP_SECONDS = 5;
  private static final long LOG_BYTES = 10 << 20;
  private static final String HOST = "127.0.0.1";

  /** Reachable on this machine only, and only with the password. */
  private static final List<String> SETTINGS =
      List.of(
          "listen_addresses=" + HOST,
          "unix_socket_directories=",
          "max_connections=200",
          "max_wal_size=4GB",
          "jit=off",
          "timezone=UTC",
          "log_timezone=UTC",
          "lc_messages=C");

  private final Path folder;
  private final Path data;
  private final Path log;
  private final ServerUser user;

  Postmaster(Path folder, ServerUser user) {
    this.folder = folder;
    this.data = folder.resolve("postgres");
    this.log = folder.resolve("postgres.log");
    this.user = user;
  }

  /** The address of database postgres, once the server answers. */
  PostgresAddress start() {
    try {
      var password = Password.of(folder.resolve("password"), Files.exists(data));
      for (int attempt = 1; ; attempt++) {
        var living = adopt(password);
        if (living.isPresent()) {
          return living.get();
        }
        if (!Files.exists(data)) {
          initialize(password);
        }
        var address = address(freePort(), password);
        var start = launch(address.port());
        if (start.succeeded() && answers(address)) {
          return address;
        }
        if (attempt == START_ATTEMPTS) {
          throw failed("the embedded Postgres does not start", start.lastLine(log));
        }
        LOG.atInfo().addKeyValue("attempt", attempt).log("embedded Postgres did not start");
        pause(RETRY_AFTER);
      }
    } catch (IOException e) {
      throw failed("the embedded Postgres does not start", Optional.ofNullable(e.getMessage()));
    }
  }

  /** Stops it: its clients are cut off, what is committed is safe. */
  void stop() {
    try {
      if (PostmasterFile.ofLiving(data).filter(PostmasterFile::isPostgres).isEmpty()) {
        return;
      }
      if (!control("stop", "-m", "fast").succeeded()) {
        LOG.warn("embedded Postgres does not stop in time: stopping it at once");
        control("stop", "-m", "immediate");
      }
    } catch (IOException e) {
      LOG.atWarn().addKeyValue("cause", e.getMessage()).log("embedded Postgres was not stopped");
    }
  }

  /** The server that a process before left running. */
  private Optional<PostgresAddress> adopt(String password) throws IOException {
    var end = System.nanoTime() + RECOVERY_PATIENCE.toNanos();
    while (true) {
      var living = PostmasterFile.ofLiving(data);
      if (living.isEmpty()) {
        return Optional.empty();
      }
      var address = address(living.get().port(), password);
      if (answers(address)) {
        LOG.atInfo().addKeyValue("port", address.port()).log("embedded Postgres was still running");
        return Optional.of(address);
      }
      if (!living.get().isPostgres()) {
        // Its number was given to another program since: left by a server that was killed.
        Files.deleteIfExists(living.get().path());
        return Optional.empty();
      }
      if (System.nanoTime() - end > 0) {
        throw failed(
            "the embedded Postgres (process " + living.get().process().pid() + ") does not answer",
            Optional.empty());
      }
      pause(RECOVERY_POLL);
    }
  }

  /** Into a folder that then takes its name: half a cluster is never taken for one. */
  private void initialize(String password) throws IOException {
    var half = folder.resolve("postgres.new");
    if (Files.exists(half)) {
      PathUtils.deleteDirectory(half);
    }
    Files.createDirectory(half);
    var secret = Password.temporary(folder, password);
    try {
      user.give(half);
      user.give(secret);
      var result =
          PostgresProgram.run(
              user,
              PostgresBinaries.unpacked(user),
              "initdb",
              List.of(
                  "-D",
                  half.toString(),
                  "-U",
                  EmbeddedHome.USER,
                  "--pwfile=" + secret,
                  "-A",
                  "scram-sha-256",
                  "-E",
                  "UTF8",
                  "--locale=C",
                  "--locale-provider=builtin",
                  "--builtin-locale=C.UTF-8"));
      if (!result.succeeded()) {
        throw failed("the embedded Postgres cannot be set up", result.lastLine());
      }
      Files.move(half, data);
    } finally {
      Files.delete(secret);
    }
  }

  private PostgresProgram.Result launch(int port) throws IOException {
    if (Files.exists(log) && Files.size(log) > LOG_BYTES) {
      Files.delete(log);
    }
    if (!Files.exists(log)) {
      Files.createFile(log);
    }
    user.give(data);
    user.give(log);
    var options = new StringBuilder("-p ").append(port);
    SETTINGS.forEach(setting -> options.append(" -c ").append(setting));
    return control("start", "-l", log.toString(), "-o", options.toString());
  }

  private PostgresProgram.Result control(String action, String... arguments) throws IOException {
    var seconds = action.equals("stop") ? STOP_SECONDS : (int) RECOVERY_PATIENCE.toSeconds();
    var all = new ArrayList<>(List.of(action, "-D", data.toString(), "-w"));
    all.addAll(List.of("-t", Integer.toString(seconds)));
    all.addAll(List.of(arguments));
    return PostgresProgram.run(user, PostgresBinaries.unpacked(user), "pg_ctl", all);
  }

  private static boolean answers(PostgresAddress address) {
    try (var connection = address.connect("tidemark home")) {
      return connection.isValid(0);
    } catch (SQLException e) {
      LOG.atDebug().addKeyValue("cause", e.getMessage()).log("embedded Postgres does not answer");
      return false;
    }
  }

  private static PostgresAddress address(int port, String password) {
    return new PostgresAddress(
        HOST, port, "postgres", EmbeddedHome.USER, Optional.of(password), Map.of());
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TidemarkException(ErrorCode.HOME_FAILED, "interrupted", e);
    }
  }

  private TidemarkException failed(String message, Optional<String> detail) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.HOME_FAILED, message + detail.map(text -> ": " + text).orElse(""))
            .withHint("Look into " + log + ", or name a Postgres of your own with `home:`."));
  }
}
