package io.tidemark.executor;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.TargetVersions;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.Unchanged;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.iceberg.Lake;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A source whose version its target holds is not read again, and is read wherever that is not sure.
 */
class UnchangedTest {
  private static final Schema ORDERS =
      new Schema(
          List.of(
              required(1, "id", Types.LongType.get()), optional(2, "v", Types.StringType.get())),
          Set.of());

  @TempDir Path warehouse;
  private TwoDatabases databases;
  private SoloLeader leader;
  private Lake lake;
  private ObjectNode definition;
  private final AtomicInteger batches = new AtomicInteger();

  @BeforeEach
  void open() throws Exception {
    databases = new TwoDatabases();
    leader =
        SoloLeader.observed(databases.homeAddress, RefreshFixture.WORK, batches::incrementAndGet);
    lake = Lake.hadoop(warehouse, ORDERS);
    definition =
        Json.MAPPER.createObjectNode().put("name", "t").put("target", "public.t").put("vnodes", 4);
    definition.putArray("key").add("id");
    definition.set("source", lake.written());
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(0, 300, ""));
  }

  @AfterEach
  void close() throws Exception {
    leader.close();
    databases.close();
  }

  private long request() throws SQLException {
    var id = leader.request(definition.toString(), "ATOMIC");
    leader.execute("UPDATE tidemark.refreshes SET target = '\"public\".\"t\"' WHERE id = " + id);
    return id;
  }

  /** Returns the id of one that has succeeded. */
  private long refresh() throws Exception {
    var id = request();
    assertThat(leader.lead(id))
        .as(() -> "failure: " + leader.failure(id))
        .isEqualTo(RefreshState.SUCCEEDED);
    return id;
  }

  private String home(String sql) throws SQLException {
    return TwoDatabases.column(databases.home, sql).getFirst();
  }

  /** Which refresh it says has read its version before. */
  private String since(long id) throws SQLException {
    return home(
        "SELECT coalesce(unchanged ->> 'refresh', 'read') FROM tidemark.refreshes WHERE id = "
            + id);
  }

  private void assertRead(long id) throws SQLException {
    assertThat(since(id)).isEqualTo("read");
    assertThat(home("SELECT rows_read > 0 FROM tidemark.history WHERE refresh_id = " + id))
        .isEqualTo("t");
  }

  private void removeDataFiles() throws Exception {
    try (var files = Files.walk(warehouse)) {
      for (var file : files.filter(it -> it.toString().endsWith(".parquet")).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void theSameSnapshotIsNotReadTwiceAndSaysSo() throws Exception {
    // Given
    var first = refresh();
    removeDataFiles();
    batches.set(0);
    // When
    var second = refresh();
    var third = refresh();
    // Then
    assertThat(batches).hasValue(0);
    assertThat(List.of(since(second), since(third))).containsOnly(Long.toString(first));
    assertThat(
            home(
                """
                SELECT concat_ws(' ', h.state, h.rows_read, h.rows_inserted, h.rows_updated,
                                 h.rows_deleted, t.percent, r.feed_last IS NULL)
                  FROM tidemark.history h
                  JOIN tidemark.refresh_totals t USING (refresh_id)
                  JOIN tidemark.refreshes r ON r.id = refresh_id
                 WHERE refresh_id =
                """
                    + second))
        .isEqualTo("SUCCEEDED 0 0 0 0 100.0 t");
    assertThat(home("SELECT unchanged FROM tidemark.history WHERE refresh_id = " + second))
        .startsWith("snapshot " + lake.table().currentSnapshot().snapshotId() + " of table ")
        .endsWith(" was already refreshed by refresh " + first + ": nothing was read");
    assertThat(home("SELECT count(*) FROM public.t")).isEqualTo("300");
  }

  @Test
  void anotherSnapshotIsReadAndTheNextTimeNotAgain() throws Exception {
    refresh();
    lake.append(lake.row(300L, "new"));
    var second = refresh();
    assertRead(second);
    assertThat(home("SELECT count(*) FROM public.t")).isEqualTo("301");
    assertThat(since(refresh())).isEqualTo(Long.toString(second));
  }

  @Test
  void aTargetThatIsNotWhatWasWrittenIsRead() throws Exception {
    refresh();
    for (var happens :
        List.of(
            "TRUNCATE public.t",
            "DELETE FROM public.t",
            "CREATE TABLE public.u (LIKE public.t INCLUDING ALL); DROP TABLE public.t;"
                + " ALTER TABLE public.u RENAME TO t",
            "ALTER TABLE public.t ALTER COLUMN v TYPE varchar(40)",
            "UPDATE tidemark.target_versions SET table_name = 'u'",
            "UPDATE tidemark.target_versions SET incarnation = incarnation + 1")) {
      databases.atHome(happens);
      assertRead(refresh());
      assertThat(home("SELECT count(*) FROM public.t")).as(happens).isEqualTo("300");
    }
  }

  @Test
  void anUnloggedTargetIsReadEachTime() throws Exception {
    refresh();
    databases.atHome("ALTER TABLE public.t SET UNLOGGED");
    assertRead(refresh());
    assertRead(refresh());
  }

  @Test
  void whatWasLeftOutIsReadAgain() throws Exception {
    // Given: a delete that was skipped
    refresh();
    lake.deleteWhere("id", 7L);
    var skips = request();
    leader.lead(
        skips,
        () ->
            leader.execute(
                "UPDATE tidemark.refreshes SET skip_deletes = true WHERE id = " + skips));
    assertThat(home("SELECT count(*) FROM public.t")).isEqualTo("300");
    // When, then
    assertRead(refresh());
    assertThat(home("SELECT count(*) FROM public.t")).isEqualTo("299");
    // Given: rows that were skipped
    definition.put("on-duplicate", "first");
    lake.append(lake.row(8L, "again"));
    assertRead(refresh());
    // When, then
    assertRead(refresh());
  }

  @Test
  void anotherDefinitionIsReadAnotherPolicyIsNot() throws Exception {
    var first = refresh();
    definition.putObject("guard").put("max-delete-ratio", 0.5);
    assertThat(since(refresh())).isEqualTo(Long.toString(first));
    definition.put("on-duplicate", "last");
    assertRead(refresh());
  }

  @Test
  void whoAsksForAFullReadGetsIt() throws Exception {
    // Given
    refresh();
    databases.atHome("UPDATE public.t SET v = 'by hand' WHERE id = 3");
    refresh();
    assertThat(home("SELECT v FROM public.t WHERE id = 3")).isEqualTo("by hand");
    // When
    var full = request();
    leader.execute("UPDATE tidemark.refreshes SET full_read = true WHERE id = " + full);
    leader.lead(full);
    // Then
    assertRead(full);
    assertThat(home("SELECT v FROM public.t WHERE id = 3")).isEqualTo("v3");
    assertThat(since(refresh())).isEqualTo(Long.toString(full));
  }

  @Test
  void aDryRunSaysSoTooAndTakesNothingAway() throws Exception {
    var first = refresh();
    var dry = request();
    leader.execute("UPDATE tidemark.refreshes SET dry_run = true WHERE id = " + dry);
    assertThat(leader.lead(dry)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(since(dry)).isEqualTo(Long.toString(first));
    assertThat(since(refresh())).isEqualTo(Long.toString(first));
  }

  @Test
  void whatARefreshMayHaveWrittenThatDidNotSucceedIsReadAgain() throws Exception {
    // Given: another snapshot is read, in part; then the source goes back to the first
    refresh();
    var before = lake.table().currentSnapshot().snapshotId();
    lake.append(FileFormat.PARQUET, Map.of(), lake.numbered(300, 400, ""));
    var broken = request();
    leader.execute("UPDATE tidemark.refreshes SET visibility = 'PROGRESSIVE' WHERE id = " + broken);
    leader.lead(
        broken,
        () ->
            leader.execute(
                "UPDATE tidemark.refreshes SET state = 'CANCELLED' WHERE state = 'FINISHING' AND id = "
                    + broken));
    lake.table().manageSnapshots().rollbackTo(before).commit();
    // When, then
    assertRead(refresh());
    assertThat(home("SELECT count(*) FROM public.t")).isEqualTo("300");
  }

  @Test
  void anotherNameMappingIsAnotherVersion() throws Exception {
    var first = lake.connector().look().identity();
    lake.table().updateProperties().set(TableProperties.DEFAULT_NAME_MAPPING, "[]").commit();
    assertThat(lake.connector().look().identity()).isPresent().isNotEqualTo(first);
  }

  @Test
  void aStalePlannerEndsNothing() throws Exception {
    // Given
    refresh();
    var id = request();
    leader.execute(
        "UPDATE tidemark.refreshes SET work_owner = 'e2', work_generation = 7 WHERE id = " + id);
    var versions = new TargetVersions(id, new QualifiedName("public", "t"));
    var identity = home("SELECT identity FROM tidemark.target_versions");
    var reading = home("SELECT reading::text FROM tidemark.target_versions");
    databases.home.setAutoCommit(false);
    // When, then
    assertThat(versions.since(databases.home, 6, identity, reading)).isEmpty();
    assertThat(versions.since(databases.home, 7, identity, reading)).isPresent();
    assertThat(versions.end(databases.home, 6, "{}", Unchanged.since(1, ""))).isFalse();
    assertThat(home("SELECT state FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo("REFRESHING");
  }
}
