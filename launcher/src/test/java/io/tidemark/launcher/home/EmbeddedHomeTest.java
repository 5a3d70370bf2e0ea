package io.tidemark.launcher.home;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.launcher.ChildProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbeddedHomeTest {
  @TempDir Path folder;

  /** Opens the home in its working directory and stays. */
  static final class Squatter {
    public static void main(String[] arguments) throws Exception {
      var home = EmbeddedHome.open(Path.of("data"));
      System.out.println(home.address().port());
      Thread.currentThread().join();
    }
  }

  @Test
  void dataStayFromRunToRunAndTheServerStopsInBetween() throws Exception {
    var data = folder.resolve("data");
    PostgresAddress first;
    try (var home = EmbeddedHome.open(data)) {
      first = home.address();
      execute(first, "CREATE TABLE kept AS SELECT 42 AS n");
      execute(home.database("shop \"1\""), "CREATE TABLE t (id int)");
    }
    assertThatThrownBy(() -> first.connect("test")).isInstanceOf(SQLException.class);

    try (var home = EmbeddedHome.open(data)) {
      assertThat(query(home.address(), "SELECT n FROM kept")).isEqualTo("42");
      assertThat(query(home.address(), "SHOW fsync")).isEqualTo("on");
      assertThat(query(home.database("shop \"1\""), "SELECT count(*) FROM t")).isEqualTo("0");
    }
  }

  @Test
  void nobodyGetsInWithoutThePassword() throws Exception {
    var data = folder.resolve("data");
    try (var home = EmbeddedHome.open(data)) {
      var address = home.address();
      var stranger =
          new PostgresAddress(
              address.host(),
              address.port(),
              address.database(),
              address.user(),
              Optional.of("guess"),
              Map.of());
      assertThatThrownBy(() -> stranger.connect("test"))
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
      assertThat(
              PosixFilePermissions.toString(
                  Files.getPosixFilePermissions(data.resolve("password"))))
          .isEqualTo("rw-------");
      assertThat(Files.readString(data.resolve("postgres.log")))
          .doesNotContain(address.password().orElseThrow());
    }
  }

  @Test
  void aServerWhoseOwnerWasKilledIsAdopted() throws Exception {
    var owner = ChildProcess.start(folder, Map.of(), Squatter.class);
    var port = Integer.parseInt(owner.line());
    owner.process().destroyForcibly().waitFor();

    try (var home = EmbeddedHome.open(folder.resolve("data"))) {
      assertThat(home.address().port()).isEqualTo(port);
      assertThat(query(home.address(), "SELECT 1")).isEqualTo("1");
    }

    assertThat(folder.resolve("data/postgres/postmaster.pid")).doesNotExist();
  }

  @Test
  void aServerThatAnotherProcessUsesIsLeftRunning() throws Exception {
    var other = ChildProcess.start(folder, Map.of(), Squatter.class);
    try {
      var port = Integer.parseInt(other.line());

      PostgresAddress address;
      try (var home = EmbeddedHome.open(folder.resolve("data"))) {
        address = home.address();
      }

      assertThat(address.port()).isEqualTo(port);
      assertThat(query(address, "SELECT 1")).isEqualTo("1");
    } finally {
      other.process().destroyForcibly().waitFor();
      EmbeddedHome.open(folder.resolve("data")).close();
    }
  }

  @Test
  void aPidFileOfAnotherProgramDoesNotStopTheStart() throws Exception {
    var data = folder.resolve("data");
    EmbeddedHome.open(data).close();
    Files.writeString(
        data.resolve("postgres/postmaster.pid"),
        ProcessHandle.current().pid() + "\n" + data + "\n0\n1\n\n127.0.0.1\n\nready\n");

    try (var home = EmbeddedHome.open(data)) {
      assertThat(query(home.address(), "SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void aLostPasswordIsToldWithTheRemedy() throws Exception {
    var data = folder.resolve("data");
    EmbeddedHome.open(data).close();
    Files.delete(data.resolve("password"));

    assertThatThrownBy(() -> EmbeddedHome.open(data))
        .isInstanceOfSatisfying(
            TidemarkException.class, e -> assertThat(e.report().hint()).contains("Restore"));
  }

  private static void execute(PostgresAddress address, String sql) throws SQLException {
    try (var connection = address.connect("test");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(PostgresAddress address, String sql) throws SQLException {
    try (var connection = address.connect("test");
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
