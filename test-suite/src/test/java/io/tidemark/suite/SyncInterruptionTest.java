package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RefreshState;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sync that is ended in the middle, and what those after it make of what it left. */
class SyncInterruptionTest {
  private static final int ROWS = 8_000;

  /** A refresh takes some seconds. */
  private static final String SLOW = "throttle: {rows-per-second: 2000}";

  private static final Duration INTERRUPT_LIMIT = Duration.ofSeconds(10);

  @TempDir Path folder;
  private SyncCommands sync;

  @BeforeEach
  void open() throws Exception {
    sync = new SyncCommands(folder);
    sync.create("t", ROWS);
    sync.adopt("t", ROWS);
    Databases.execute(sync.databases.source, "UPDATE public.t SET v = 'new' WHERE id % 100 = 0");
  }

  @AfterEach
  void close() throws Exception {
    sync.close();
  }

  @Test
  void anInterruptSaysHowFarItIsAndHowToGoOnAndTheSameCommandDoes() throws Exception {
    // Given
    sync.create("u", 10);
    sync.configure("2s", Map.of("t", SLOW, "u", ""));
    try (var process = startAndMerge("t", "--json")) {
      // When
      var begun = System.nanoTime();
      var interrupted = SyncCommands.ended(process, process.interrupt());
      // Then
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(INTERRUPT_LIMIT);
      assertThat(interrupted.exitCode()).as(interrupted.err()).isEqualTo(4);
      assertThat(interrupted.view().vnodes().completed()).isEqualTo((int) sync.completed());
      assertThat(interrupted.view().rows().read()).isEqualTo(sync.rowsRead());
      assertThat(interrupted.err())
          .contains("t: interrupted: refresh 1 is at ")
          .contains("%d of %d VNodes are complete".formatted(sync.completed(), SyncCommands.VNODES))
          .contains("Next: `tidemark sync -f " + sync.config() + " t` goes on from there.")
          .doesNotContain("WARN", "ERROR");
    }
    // When
    var completed = sync.completed();
    var resumed = sync.run("t", "--json");
    // Then
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.view().id()).isEqualTo(1);
    assertThat(resumed.view().vnodes().skipped()).isEqualTo((int) completed);
    assertThat(resumed.err())
        .contains(
            "t: resuming refresh 1: %d of %d VNodes".formatted(completed, SyncCommands.VNODES))
        .doesNotContain("WARN", "ERROR");
    sync.assertEqual("t");
  }

  @Test
  void anInterruptedRefreshMakesWayWhereTheFileWasEditedAndGoesOnUnderANewPolicy()
      throws Exception {
    // Given
    sync.configure("2s", Map.of("t", SLOW));
    try (var process = startAndMerge("t")) {
      assertThat(process.interrupt()).isEqualTo(4);
    }
    // When
    sync.configure("2s", Map.of("t", "timeout: 1h"));
    Databases.execute(sync.databases.source, "DELETE FROM public.t WHERE id > 4000");
    var waiting = sync.run("t", "--json");
    // Then
    assertThat(waiting.exitCode()).as(waiting.err()).isEqualTo(3);
    assertThat(waiting.view().id()).isEqualTo(1);
    assertThat(waiting.view().vnodes().skipped()).isPositive();
    // When
    sync.configure("2s", Map.of("t", "key: [id]\nguard: {max-delete-ratio: 1}"));
    var renewed = sync.run("t", "--json");
    // Then
    assertThat(renewed.exitCode()).as(renewed.err()).isZero();
    assertThat(renewed.view().id()).isEqualTo(2);
    assertThat(renewed.err())
        .contains("t: refresh 1 is given up: its table's definition has changed since it began");
    assertThat(
            Databases.column(
                sync.databases.home,
                "SELECT state || ' ' || (error->>'code') FROM tidemark.refreshes WHERE id = 1"))
        .containsExactly("CANCELLED PLAN_OUTDATED");
    sync.assertEqual("t");
  }

  @Test
  void aDryRunNeverGoesOnWithAnInterruptedRefreshWhosesoeverItIs() throws Exception {
    // Given
    sync.create("u", 10);
    sync.configure("2s", Map.of("t", SLOW, "u", ""));
    var before = sync.targetRows("t");
    try (var process = startAndMerge("t")) {
      assertThat(process.interrupt()).isEqualTo(4);
    }
    var completed = sync.completed();
    for (var table : List.of("t", "u")) {
      // When
      var refused = sync.run(table, "--dry-run", "--json");
      // Then
      assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
      assertThat(refused.json().path("code").asText()).isEqualTo("ILLEGAL_STATE");
      assertThat(refused.err())
          .contains("table t: refresh 1 was interrupted and is no dry run")
          .contains("`tidemark sync -f " + sync.config() + " t`, without --dry-run,");
      assertThat(sync.completed()).isEqualTo(completed);
    }
    // When
    var other = sync.run("u");
    // Then
    assertThat(other.exitCode()).as(other.err()).isZero();
    assertThat(sync.targetRows("t")).isEqualTo(before);
    sync.assertEqual("u");
  }

  @Test
  void aDryRunThatWasInterruptedGoesOnAsOne() throws Exception {
    // Given
    sync.configure("2s", Map.of("t", SLOW));
    var before = sync.targetRows("t");
    try (var process = startAndMerge("t", "--dry-run")) {
      assertThat(process.interrupt()).isEqualTo(4);
      assertThat(process.err()).contains(" t --dry-run` goes on from there.");
    }
    // When
    var planned = sync.run("t", "--dry-run", "--json");
    // Then
    assertThat(planned.exitCode()).as(planned.err()).isEqualTo(3);
    assertThat(planned.view().id()).isEqualTo(1);
    assertThat(planned.view().vnodes().skipped()).isPositive();
    assertThat(planned.view().rows().updated()).isEqualTo(ROWS / 100);
    assertThat(sync.targetRows("t")).isEqualTo(before);
  }

  @Test
  void onlyOneSyncRunsAndAfterAKillTheNextWaitsForItsLeaseAndGoesOn() throws Exception {
    // Given
    sync.configure("6s", Map.of("t", SLOW));
    try (var process = startAndMerge("t");
        var lock = sync.databases.homeAddress.connect("test")) {
      // The first one cannot end meanwhile.
      Databases.execute(lock, "BEGIN", "LOCK TABLE public.t IN ACCESS EXCLUSIVE MODE");
      // When
      var second = sync.run("t");
      // Then
      assertThat(second.exitCode()).as(second.err()).isEqualTo(2);
      assertThat(second.err()).contains("another sync (sync-", ") runs on this home");
      process.kill();
    }
    // When
    var completed = sync.completed();
    var resumed = sync.run("t", "--json");
    // Then
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(resumed.err()).contains("for the lease of a lost process (sync-");
    assertThat(resumed.view().state()).isEqualTo(RefreshState.SUCCEEDED);
    // Counted at the last recovery, which may be when the silent executor was given up.
    assertThat(resumed.view().vnodes().skipped())
        .as(resumed.out())
        .isBetween((int) completed, SyncCommands.VNODES - 1);
    assertThat(resumed.view().recoveries()).isNotEmpty();
    sync.assertEqual("t");
  }

  /** Returns when some VNodes are complete. */
  private TidemarkProcess startAndMerge(String... arguments) throws Exception {
    var process = sync.start(arguments);
    Until.holds("some VNodes are complete", () -> !process.isAlive() || sync.completed() >= 2);
    assertThat(process.isAlive()).as(process.err()).isTrue();
    return process;
  }
}
