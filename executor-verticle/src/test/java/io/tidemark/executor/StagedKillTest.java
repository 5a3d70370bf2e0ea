package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An executor is killed in the middle; another goes on, and reads nothing twice. */
class StagedKillTest {
  private static final long LIMIT_SECONDS = 60;
  private static final int NEVER = -1;

  @TempDir Path folder;
  private StagedFixture fixture;
  private long id;

  @BeforeEach
  void open() throws Exception {
    fixture = new StagedFixture(Files.createDirectory(folder.resolve("source")));
    fixture.rows("a", 0, 300, "").refresh();
    fixture.rows("a", 0, 400, "y").rows("b", 400, 500, "");
    id = fixture.request();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void whileItLoads() throws Exception {
    // Given
    var before = fixture.opened.all().size();
    // When
    killWhen(
        200,
        "SELECT sum(rows_loaded) = 300 AND count(*) FILTER (WHERE is_completed) = 1"
            + " FROM tidemark.refresh_splits WHERE refresh_id = "
            + id);
    // Then
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("500 200 300 0");
    assertThat(fixture.opened.all().subList(before, fixture.opened.all().size()))
        .containsExactly("a@200");
    fixture.assertEqual();
  }

  @Test
  void whileItMerges() throws Exception {
    // Given
    var before = fixture.opened.all().size();
    // When
    try (var holder = holder()) {
      killWhen(
          NEVER,
          "SELECT count(*) > 0 FROM tidemark.refresh_progress WHERE owner IS NOT NULL"
              + " AND NOT is_completed AND refresh_id = "
              + id,
          () -> lock(holder, "tidemark.delta_" + id));
    }
    // Then
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("500 200 300 0");
    assertThat(fixture.opened.all()).hasSize(before);
    fixture.assertEqual();
  }

  @Test
  void whileItFinishes() throws Exception {
    // When
    try (var holder = holder()) {
      killWhen(
          NEVER,
          "SELECT state = 'FINISHING' AND work_owner IS NOT NULL FROM tidemark.refreshes"
              + " WHERE id = "
              + id,
          () -> lock(holder, "public.t"));
    }
    // Then
    assertThat(fixture.homeValue("SELECT count(*) FROM public.t WHERE v LIKE '%y'")).isEqualTo("0");
    assertThat(fixture.succeed(id, () -> {})).isEqualTo("500 200 300 0");
    fixture.assertEqual();
  }

  private interface Step {
    void run() throws Exception;
  }

  private void killWhen(int heldAt, String condition) throws Exception {
    killWhen(heldAt, condition, () -> {});
  }

  /** A process works on it until this holds; then it is killed, and released as a leader does. */
  private void killWhen(int heldAt, String condition, Step planned) throws Exception {
    var child = start(heldAt);
    try {
      await(child, "SELECT plan IS NOT NULL FROM tidemark.refreshes WHERE id = " + id);
      planned.run();
      await(child, condition);
    } finally {
      child.destroyForcibly().waitFor();
    }
    fixture.home(
        "UPDATE tidemark.refresh_splits SET owner = NULL, generation = generation + 1"
            + " WHERE NOT is_completed AND owner IS NOT NULL",
        "UPDATE tidemark.refresh_progress SET owner = NULL, generation = generation + 1"
            + " WHERE NOT is_completed AND owner IS NOT NULL",
        "UPDATE tidemark.refreshes SET work_owner = NULL, work_generation = work_generation + 1"
            + " WHERE work_owner IS NOT NULL");
  }

  private Process start(int heldAt) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            StagedProcess.class.getName(),
            fixture.address.url(),
            fixture.folder.toString(),
            Long.toString(id),
            Integer.toString(heldAt))
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  private void await(Process child, String condition) throws Exception {
    var deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!"t".equals(fixture.homeValue(condition))) {
      assertThat(child.isAlive()).as(() -> log()).isTrue();
      assertThat(System.nanoTime()).as(() -> condition + "\n" + log()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private String log() {
    try {
      return Files.readString(folder.resolve("log"));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private Connection holder() throws Exception {
    var holder = fixture.address.connect("test lock");
    holder.setAutoCommit(false);
    return holder;
  }

  private static void lock(Connection holder, String table) throws Exception {
    try (var statement = holder.createStatement()) {
      statement.execute("LOCK TABLE " + table + " IN SHARE MODE");
    }
  }
}
