package io.tidemark.executor.staging;

import io.tidemark.common.bus.Json;
import io.tidemark.common.config.StagingPolicy;
import io.tidemark.common.config.StagingPolicy.OnBadRow;
import io.tidemark.common.config.StagingPolicy.OnDuplicate;
import io.tidemark.common.config.StagingPolicy.OnNullKey;
import io.tidemark.common.config.StagingPolicy.SchemaChange;
import io.tidemark.common.refresh.LoadReport;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.delta.DeltaApply;
import io.tidemark.executor.delta.DeltaTable;
import io.tidemark.executor.delta.LoadTable;
import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlanner;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader.Format;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A home, and refreshes of {@code public.t} in it: each step as an executor takes it, without
 * executor, source and progress.
 */
final class StagedRefresh implements AutoCloseable {
  final TwoDatabases databases;
  final Connection home;
  private final List<SourceColumn> columns = new ArrayList<>();
  private List<String> key = List.of();
  private int vnodes = 4;
  private StagingPolicy policy = StagingPolicy.DEFAULT;
  private Optional<RefreshPlan> last = Optional.empty();
  LoadReport report = LoadReport.NOTHING;

  StagedRefresh() throws SQLException {
    databases = new TwoDatabases();
    home = databases.home;
  }

  StagedRefresh home(String... statements) throws SQLException {
    databases.atHome(statements);
    return this;
  }

  /** The source's columns: {@code "id int"}; key columns are those of the first refresh. */
  StagedRefresh columns(String... declarations) {
    columns.clear();
    for (var declaration : declarations) {
      var parts = declaration.split(" ", 2);
      columns.add(new SourceColumn(parts[0], parts[1], false, false));
    }
    return this;
  }

  StagedRefresh guessed() {
    columns.replaceAll(it -> new SourceColumn(it.name(), it.type(), it.notNull(), true));
    return this;
  }

  StagedRefresh key(String... names) {
    key = List.of(names);
    return this;
  }

  StagedRefresh vnodes(int number) {
    vnodes = number;
    return this;
  }

  StagedRefresh on(OnDuplicate duplicate) {
    return policy(duplicate, policy.onNullKey(), policy.schemaChange(), policy.onBadRow(), 100);
  }

  StagedRefresh on(OnNullKey nullKey) {
    return policy(policy.onDuplicate(), nullKey, policy.schemaChange(), policy.onBadRow(), 100);
  }

  StagedRefresh on(SchemaChange change) {
    return policy(policy.onDuplicate(), policy.onNullKey(), change, policy.onBadRow(), 100);
  }

  StagedRefresh quarantine(long limit) {
    return policy(
        policy.onDuplicate(),
        policy.onNullKey(),
        policy.schemaChange(),
        OnBadRow.QUARANTINE,
        limit);
  }

  private StagedRefresh policy(
      OnDuplicate duplicate, OnNullKey nullKey, SchemaChange change, OnBadRow bad, long limit) {
    policy = new StagingPolicy(duplicate, nullKey, change, bad, limit);
    return this;
  }

  /** Rows in COPY's text format, one batch. */
  static RowBatch text(String... rows) {
    var bytes = String.join("", Arrays.stream(rows).map(row -> row + "\n").toList());
    return new RowBatch(
        java.nio.ByteBuffer.wrap(bytes.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
        rows.length,
        bytes.length(),
        "end",
        row -> "a.csv, line " + (row + 1));
  }

  static RowBatch rows(List<List<@Nullable String>> rows) {
    var copy = new CopyText();
    for (var row : rows) {
      row.forEach(copy::value);
      copy.endRow();
    }
    return new RowBatch(
        copy.rows(), rows.size(), copy.length(), "end", row -> "a.csv, line " + (row + 1));
  }

  RefreshPlan plan() throws Exception {
    var definition =
        TwoDatabases.with(
            TwoDatabases.table("public.t", "public.t", key.toArray(String[]::new)), policy);
    var version = new SourceVersion(columns, List.of(), List.of(), Optional.empty(), "{}");
    var plan = StagedPlanner.plan(definition, version, last, home);
    // As whoever resumes reads it.
    return Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(plan), RefreshPlan.class);
  }

  /** One row of {@code refreshes}, with its tables. */
  long begin(RefreshPlan plan) throws SQLException {
    try (var statement = home.createStatement();
        var rows =
            statement.executeQuery(
                "INSERT INTO tidemark.refreshes (table_name, visibility, definition, state)"
                    + " VALUES ('t', 'ATOMIC', '{}', 'FAILED') RETURNING id")) {
      rows.next();
      var id = rows.getLong(1);
      inTransaction(
          () -> {
            StagedPlanner.addColumns(home, plan);
            new StagingTable(id, plan).create(home);
            if (!plan.firstLoad()) {
              new DeltaTable(id, plan).create(home);
            }
          });
      return id;
    }
  }

  StagingTable.Appended load(long id, RefreshPlan plan, int split, RowBatch batch)
      throws SQLException {
    return load(id, plan, split, Format.TEXT, batch);
  }

  StagingTable.Appended load(long id, RefreshPlan plan, int split, Format format, RowBatch batch)
      throws SQLException {
    var appended = new StagingTable.Appended[1];
    inTransaction(
        () ->
            appended[0] =
                new StagingTable(id, plan)
                    .append(home, new Split(split, "a.csv", "{}", 0, 0), format, batch));
    return appended[0];
  }

  Preparation.Prepared prepare(long id, RefreshPlan plan, long rows) throws SQLException {
    var prepared = new Preparation.Prepared[1];
    inTransaction(() -> prepared[0] = new Preparation(id, plan, vnodes).prepare(home, rows));
    report = prepared[0].report();
    return prepared[0];
  }

  /** A whole refresh of one split for each batch; returns what it counted. */
  RowCounts refresh(RowBatch... batches) throws Exception {
    var plan = plan();
    var id = begin(plan);
    var loaded = 0L;
    for (var split = 0; split < batches.length; split++) {
      loaded += load(id, plan, split, batches[split]).rows();
    }
    return finish(id, plan, loaded);
  }

  RowCounts finish(long id, RefreshPlan plan, long loaded) throws SQLException {
    var prepared = prepare(id, plan, loaded);
    var counts = new RowCounts[] {RowCounts.ZERO};
    if (plan.firstLoad()) {
      counts[0] = new RowCounts(prepared.rows(), prepared.rows(), 0, 0);
      inTransaction(() -> new LoadTable(id, plan).becomeTarget(home));
    } else {
      var merge = new StagedMerge(id, plan, false);
      for (var vnode : prepared.vnodes()) {
        inTransaction(
            () ->
                counts[0] =
                    counts[0]
                        .plus(
                            merge.merge(
                                home,
                                vnode.vnode(),
                                Optional.ofNullable(vnode.lower()),
                                Optional.ofNullable(vnode.upper())))
                        .plus(new RowCounts(vnode.rowsPlanned(), 0, 0, 0)));
      }
      inTransaction(() -> new DeltaApply(id, plan).applyAll(home));
    }
    TwoDatabases.run(home, "DROP TABLE IF EXISTS " + new StagingTable(id, plan).name());
    last = Optional.of(plan);
    return counts[0];
  }

  interface Step {
    void run() throws SQLException;
  }

  void inTransaction(Step step) throws SQLException {
    home.setAutoCommit(false);
    try {
      step.run();
      home.commit();
    } finally {
      home.rollback();
      home.setAutoCommit(true);
    }
  }

  /** The first column of each row. */
  List<String> query(String sql) throws SQLException {
    return TwoDatabases.column(home, sql);
  }

  @Override
  public void close() throws SQLException {
    databases.close();
  }
}
