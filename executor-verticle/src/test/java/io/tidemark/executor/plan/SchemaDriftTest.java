package io.tidemark.executor.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.StagingPolicy;
import io.tidemark.common.config.StagingPolicy.OnBadRow;
import io.tidemark.common.config.StagingPolicy.OnDuplicate;
import io.tidemark.common.config.StagingPolicy.OnNullKey;
import io.tidemark.common.config.StagingPolicy.SchemaChange;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of columns that the source adds, drops or retypes between two refreshes. */
class SchemaDriftTest {
  private TwoDatabases databases;
  private RefreshPlan last;

  @BeforeEach
  void start() throws Exception {
    databases =
        new TwoDatabases().atHome("CREATE TABLE public.t (id int PRIMARY KEY, a text, b int)");
    last = planned(SchemaChange.FAIL, Optional.empty(), "id int", "a text", "b int");
  }

  @AfterEach
  void stop() throws Exception {
    databases.close();
  }

  private PlanResult examine(SchemaChange change, Optional<RefreshPlan> before, String... columns)
      throws Exception {
    var policy = new StagingPolicy(OnDuplicate.FAIL, OnNullKey.FAIL, change, OnBadRow.FAIL, 0);
    var version =
        new SourceVersion(
            Arrays.stream(columns)
                .map(it -> it.split(" ", 2))
                .map(it -> new SourceColumn(it[0], it[1], false, it[1].contains("guessed")))
                .map(
                    it ->
                        new SourceColumn(
                            it.name(), it.type().replace(" guessed", ""), false, it.guessed()))
                .toList(),
            List.of("id"),
            List.of(),
            Optional.empty(),
            "");
    return StagedPlanner.examine(
        TwoDatabases.with(TwoDatabases.table("x", "public.t"), policy),
        version,
        before,
        databases.home);
  }

  private RefreshPlan planned(SchemaChange change, Optional<RefreshPlan> before, String... columns)
      throws Exception {
    var result = examine(change, before, columns);
    assertThat(result).isInstanceOf(PlanResult.Planned.class);
    return ((PlanResult.Planned) result).plan();
  }

  private List<Problem> refused(
      SchemaChange change, Optional<RefreshPlan> before, String... columns) throws Exception {
    var result = examine(change, before, columns);
    assertThat(result).isInstanceOf(PlanResult.Refused.class);
    return ((PlanResult.Refused) result).problems();
  }

  private static List<ErrorCode> codes(List<Problem> problems) {
    return problems.stream().map(it -> it.report().code()).toList();
  }

  @Test
  void newColumnFailsIsAddedOrIsIgnored() throws Exception {
    String[] columns = {"id int", "a text", "b int", "c numeric(5,1)"};
    assertThat(codes(refused(SchemaChange.FAIL, Optional.of(last), columns)))
        .containsExactly(ErrorCode.SCHEMA_CHANGED);
    assertThat(codes(refused(SchemaChange.FAIL, Optional.empty(), columns)))
        .containsExactly(ErrorCode.COLUMN_MISSING);
    var ignoring = planned(SchemaChange.IGNORE_NEW, Optional.of(last), columns);
    assertThat(ignoring.columns()).extracting(PlannedColumn::name).containsExactly("id", "a", "b");
    assertThat(ignoring.staged().orElseThrow().ignored()).containsExactly("c");
    var adding = planned(SchemaChange.ADD_COLUMNS, Optional.of(last), columns);
    assertThat(adding.columns())
        .extracting(PlannedColumn::name)
        .containsExactly("id", "a", "b", "c");
    StagedPlanner.addColumns(databases.home, adding);
    assertThat(
            TwoDatabases.column(
                databases.home,
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                    + " WHERE attrelid = 'public.t'::regclass AND attname = 'c'"))
        .containsExactly("numeric(5,1)");
  }

  @Test
  void droppedColumnAlwaysStopsUntilTheTargetHasFollowed() throws Exception {
    for (var change : SchemaChange.values()) {
      assertThat(codes(refused(change, Optional.of(last), "id int", "a text")))
          .containsExactly(ErrorCode.SCHEMA_CHANGED);
    }
    databases.atHome("ALTER TABLE public.t DROP COLUMN b");
    planned(SchemaChange.FAIL, Optional.of(last), "id int", "a text");
  }

  @Test
  void renamedColumnIsADroppedAndANewOne() throws Exception {
    assertThat(codes(refused(SchemaChange.FAIL, Optional.of(last), "id int", "a2 text", "b int")))
        .containsExactlyInAnyOrder(ErrorCode.SCHEMA_CHANGED, ErrorCode.SCHEMA_CHANGED);
  }

  @Test
  void retypedColumnAlwaysStopsUntilTheTargetHasFollowed() throws Exception {
    for (var change : SchemaChange.values()) {
      assertThat(codes(refused(change, Optional.of(last), "id int", "a text", "b bigint")))
          .contains(ErrorCode.SCHEMA_CHANGED);
    }
    databases.atHome("ALTER TABLE public.t ALTER COLUMN b TYPE bigint");
    planned(SchemaChange.FAIL, Optional.of(last), "id int", "a text", "b bigint");
  }

  @Test
  void aGuessThatChangesIsNoChange() throws Exception {
    planned(SchemaChange.FAIL, Optional.of(last), "id int", "a text", "b text guessed");
  }

  @Test
  void allProblemsAreNamedAtOnce() throws Exception {
    assertThat(
            codes(refused(SchemaChange.FAIL, Optional.empty(), "a bytea", "b nosuchtype", "d int")))
        .contains(ErrorCode.KEY_MISSING, ErrorCode.TYPE_INCOMPATIBLE, ErrorCode.COLUMN_MISSING);
  }

  @Test
  void anEmptySourceHasTheColumnsThatItHadOrThoseOfTheTarget() throws Exception {
    assertThat(names(planned(SchemaChange.FAIL, Optional.of(last))))
        .containsExactly("id", "a", "b");
    assertThat(names(planned(SchemaChange.FAIL, Optional.empty()))).containsExactly("id", "a", "b");
    databases.atHome("DROP TABLE public.t");
    assertThat(codes(refused(SchemaChange.FAIL, Optional.empty())))
        .containsExactly(ErrorCode.COLUMN_MISSING);
  }

  private static List<String> names(RefreshPlan plan) {
    return plan.columns().stream().map(PlannedColumn::name).toList();
  }

  @Test
  void keysThatCannotBeOrderedAreRefused() throws Exception {
    databases.atHome("DROP TABLE public.t");
    assertThat(codes(refused(SchemaChange.FAIL, Optional.empty(), "id json")))
        .containsExactly(ErrorCode.KEY_TYPE_UNORDERED);
  }
}
