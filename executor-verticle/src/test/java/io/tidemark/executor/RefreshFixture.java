package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.plan.TwoDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;

/**
 * A source, a home, an executor and whoever leads it. Source table and target are {@code public.t}
 * unless a test says otherwise.
 */
final class RefreshFixture implements AutoCloseable {
  static final TidemarkConfig.Executor WORK =
      new TidemarkConfig.Executor(2, Duration.ofSeconds(10), 1_000);

  final TwoDatabases databases;
  final SoloLeader leader;
  private final ObjectNode definition = Json.MAPPER.createObjectNode();
  private String visibility = "ATOMIC";

  RefreshFixture() throws Exception {
    this(new TwoDatabases(), WORK);
  }

  RefreshFixture(TwoDatabases databases, TidemarkConfig.Executor work) throws Exception {
    this(databases, databases.homeAddress, work);
  }

  /** Whose executor reaches the home at another address. */
  RefreshFixture(TwoDatabases databases, PostgresAddress home, TidemarkConfig.Executor work)
      throws Exception {
    this.databases = databases;
    leader = new SoloLeader(databases.homeAddress, home, work);
    definition.put("name", "t").put("target", "public.t").put("vnodes", 4);
    definition
        .putObject("source")
        .put("type", "postgres")
        .put("url", databases.sourceAddress.url())
        .put("table", "public.t");
  }

  RefreshFixture source(String... statements) throws SQLException {
    databases.atSource(statements);
    return this;
  }

  RefreshFixture home(String... statements) throws SQLException {
    databases.atHome(statements);
    return this;
  }

  RefreshFixture both(String... statements) throws SQLException {
    return source(statements).home(statements);
  }

  RefreshFixture key(String... columns) {
    var key = definition.putArray("key");
    List.of(columns).forEach(key::add);
    return this;
  }

  RefreshFixture vnodes(int number) {
    definition.put("vnodes", number);
    return this;
  }

  RefreshFixture where(String condition) {
    ((ObjectNode) definition.get("source")).put("where", condition);
    return this;
  }

  RefreshFixture consistency(String consistency) {
    definition.put("consistency", consistency);
    return this;
  }

  RefreshFixture sourceUrl(String url) {
    ((ObjectNode) definition.get("source")).put("url", url);
    return this;
  }

  RefreshFixture tables(String source, String target) {
    ((ObjectNode) definition.get("source")).put("table", source);
    definition.put("target", target);
    return this;
  }

  RefreshFixture progressive() {
    visibility = "PROGRESSIVE";
    definition.put("visibility", "progressive");
    return this;
  }

  /** Both sides in key order, or not at all. */
  RefreshFixture streaming() {
    definition.put("merge", "streaming");
    return this;
  }

  String definition() {
    return definition.toString();
  }

  long request() throws SQLException {
    return leader.request(definition(), visibility);
  }

  /** 20,000 rows; the target lacks 2,000, has 1,000 too many, and 400 others differ. */
  RefreshFixture differing() throws SQLException {
    var rows =
        "INSERT INTO public.t SELECT i * 2, i, repeat('x', 50) FROM generate_series(1, 20000) i";
    both(
        "CREATE TABLE public.t (id int PRIMARY KEY, v bigint, pad text)", rows, "ANALYZE public.t");
    return home(
        "DELETE FROM public.t WHERE id % 20 = 0",
        "UPDATE public.t SET v = -1 WHERE id % 100 = 2",
        "INSERT INTO public.t SELECT i * 40 + 1, i FROM generate_series(0, 999) i");
  }

  long completed(long id) throws SQLException {
    return Long.parseLong(
        homeValue(
            "SELECT count(*) FROM tidemark.refresh_progress WHERE is_completed AND refresh_id = "
                + id));
  }

  /** Cuts all connections of the executor to one of the databases. */
  static void terminate(Connection database) throws SQLException {
    TwoDatabases.column(
        database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            + " WHERE datname = current_database() AND application_name ~ '^tidemark'");
  }

  /** A whole refresh that must succeed; returns what it counted. */
  RowCounts refresh() throws Exception {
    var id = request();
    var end = leader.lead(id);
    assertThat(end).as(() -> "failure: " + leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    return counts(id);
  }

  /** A whole refresh that must fail; returns why. */
  ErrorReport refused() throws Exception {
    var id = request();
    assertThat(leader.lead(id)).isEqualTo(RefreshState.FAILED);
    return leader.failure(id).orElseThrow();
  }

  /** {@link #differing} as a refresh counts it. */
  static final RowCounts DIFFERENCES = new RowCounts(20_000, 2_000, 400, 1_000);

  RowCounts counts(long id) throws SQLException {
    try (var statement = databases.home.createStatement();
        var row =
            statement.executeQuery(
                "SELECT sum(rows_read), sum(rows_inserted), sum(rows_updated), sum(rows_deleted)"
                    + " FROM tidemark.refresh_progress WHERE refresh_id = "
                    + id)) {
      row.next();
      return new RowCounts(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    }
  }

  String homeValue(String query) throws SQLException {
    return TwoDatabases.column(databases.home, query).getFirst();
  }

  /** Both tables have the same rows, compared as text in every column of the source. */
  void assertEqual() throws SQLException {
    assertEqual("SELECT * FROM public.t", "SELECT * FROM public.t");
  }

  /** What the source's rows are. */
  List<String> digest() throws SQLException {
    return digest(databases.source, "SELECT * FROM public.t");
  }

  List<String> targetDigest() throws SQLException {
    return digest(databases.home, "SELECT * FROM public.t");
  }

  void assertEqual(String sourceQuery, String homeQuery) throws SQLException {
    assertThat(digest(databases.home, homeQuery)).isEqualTo(digest(databases.source, sourceQuery));
  }

  private static List<String> digest(Connection connection, String query) throws SQLException {
    return TwoDatabases.column(
        connection,
        "SELECT count(*) || ' ' || coalesce(md5(string_agg(row, E'\\n' ORDER BY row)), '')"
            + " FROM (SELECT md5(q::text) COLLATE \"C\" AS row FROM ("
            + query
            + ") q) r");
  }

  @Override
  public void close() throws SQLException, TimeoutException {
    leader.close();
    databases.close();
  }
}
