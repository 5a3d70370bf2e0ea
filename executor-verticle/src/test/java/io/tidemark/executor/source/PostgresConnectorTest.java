package io.tidemark.executor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SplitReader.Format;
import io.tidemark.executor.source.postgres.HeldSnapshot;
import io.tidemark.executor.source.postgres.PostgresConnector;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Postgres source that is read by its blocks. */
class PostgresConnectorTest {
  private static final int ROWS = 40_000;
  private static final List<WantedColumn> TEXT =
      List.of(new WantedColumn("id", "text"), new WantedColumn("pad", "text"));
  private static final List<WantedColumn> BINARY =
      List.of(new WantedColumn("id", "integer"), new WantedColumn("pad", "text"));

  private TwoDatabases databases;

  @BeforeEach
  void start() throws Exception {
    databases =
        new TwoDatabases()
            .atSource(
                "CREATE TABLE public.t (id int PRIMARY KEY, pad text)",
                "INSERT INTO public.t SELECT i, repeat('x', 1200) FROM generate_series(1, "
                    + ROWS
                    + ") i ORDER BY md5(i::text)",
                "ANALYZE public.t");
  }

  @AfterEach
  void stop() throws Exception {
    databases.close();
  }

  private PostgresConnector connector(String relation) {
    return connector(TwoDatabases.table(relation, "public.t", "id"));
  }

  private PostgresConnector connector(TableDefinition table) {
    return new PostgresConnector(
        table, (PostgresSource) table.source(), new HeldSnapshot(table, databases.sourceAddress));
  }

  private static List<String> ids(
      Connector connector,
      SourceVersion version,
      Split split,
      Optional<String> position,
      int batches)
      throws SQLException {
    var ids = new ArrayList<String>();
    try (var reader = connector.open(version, split, TEXT, position)) {
      for (var i = 0; i < batches; i++) {
        var batch = reader.next();
        if (batch == null) {
          break;
        }
        ids.addAll(ids(batch));
      }
    }
    return ids;
  }

  private static List<String> ids(RowBatch batch) {
    var text = StandardCharsets.UTF_8.decode(batch.bytes()).toString();
    var ids = text.lines().map(line -> line.substring(0, line.indexOf('\t'))).toList();
    assertThat(ids).hasSize(batch.rows());
    return ids;
  }

  @Test
  void splitsHoldEveryRowOfOneSnapshotOnce() throws Exception {
    try (var connector = connector("public.t")) {
      var version = connector.look();
      databases.atSource(
          "DELETE FROM public.t WHERE id < 100", "INSERT INTO public.t VALUES (0, '')");
      assertThat(version.key()).containsExactly("id");
      assertThat(version.splits()).hasSizeGreaterThan(1);
      var ids = new ArrayList<String>();
      for (var split : version.splits()) {
        ids.addAll(ids(connector, version, split, Optional.empty(), Integer.MAX_VALUE));
      }
      assertThat(ids).hasSize(ROWS).doesNotHaveDuplicates().contains("1").doesNotContain("0");
    }
  }

  @Test
  void aQueryIsOneSplitWithTheTypesThatItsServerSays() throws Exception {
    var table =
        TwoDatabases.query(
            TwoDatabases.table("", "public.t", "id"),
            "SELECT id, pad::varchar(9) AS pad, 1.5::numeric(6,2) AS n, ARRAY[id] AS a, '?' AS \"A b\""
                + " FROM public.t WHERE id <= 3 -- some; ");
    try (var connector = connector(table)) {
      var version = connector.look();
      databases.atSource("DELETE FROM public.t");
      assertThat(version.columns())
          .extracting(column -> column.name() + " " + column.type())
          .containsExactly("id int4", "pad varchar(9)", "n numeric(6,2)", "a _int4", "A b text");
      assertThat(version.key()).isEmpty();
      var split = version.splits().getFirst();
      assertThat(version.splits()).hasSize(1);
      assertThat(ids(connector, version, split, Optional.empty(), 9))
          .containsExactlyInAnyOrder("1", "2", "3");
    }
  }

  @Test
  void whatHasNoPlacesIsLoadedAgainWhereAReadWasCutOff() throws Exception {
    var table =
        TwoDatabases.query(TwoDatabases.table("", "public.t", "id"), "SELECT * FROM public.t");
    try (var connector = connector(table)) {
      var version = connector.look();
      assertThatThrownBy(
              () -> connector.open(version, version.splits().getFirst(), TEXT, Optional.of("some")))
          .satisfies(PostgresConnectorTest::isLoadedAgain);
    }
  }

  @Test
  void aQueryThatCannotBeReadSaysWhy() throws Exception {
    for (var wrong :
        List.of(
            "SELECT nothing FROM public.t",
            "DELETE FROM public.t RETURNING id",
            "SELECT 1; SELECT 2",
            "SELECT id, id FROM public.t",
            "SELECT * FROM t")) {
      try (var connector =
          connector(TwoDatabases.query(TwoDatabases.table("", "public.t", "id"), wrong))) {
        assertThatThrownBy(connector::look)
            .as(wrong)
            .hasMessageStartingWith("source.query: ")
            .isInstanceOfSatisfying(
                TidemarkException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
      }
    }
    assertThat(databases.source.createStatement().executeQuery("SELECT FROM public.t").next())
        .isTrue();
  }

  @Test
  void aReadGoesOnAtAPosition() throws Exception {
    try (var connector = connector("public.t")) {
      var version = connector.look();
      var split = version.splits().getFirst();
      var all = ids(connector, version, split, Optional.empty(), Integer.MAX_VALUE);
      for (var wanted : List.of(TEXT, BINARY)) {
        try (var reader = connector.open(version, split, wanted, Optional.empty())) {
          var batch = reader.next();
          assertThat(batch).isNotNull();
          assertThat(batch.rows()).isLessThan(all.size());
          assertThat(ids(connector, version, split, Optional.of(batch.position()), 9))
              .isEqualTo(all.subList(batch.rows(), all.size()));
        }
      }
    }
  }

  /** By the index that fits the condition, rows would come by id, and most be left out. */
  @Test
  void aReadOfSomeRowsGoesOnAtAPositionWhateverPlanTheSourcePrefers() throws Exception {
    databases.atSource(
        "CREATE INDEX ON public.t (id, pad)",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET enable_seqscan = off';"
            + " EXECUTE 'ALTER DATABASE ' || current_database() || ' SET enable_bitmapscan = off';"
            + " EXECUTE 'ALTER DATABASE ' || current_database() || ' SET enable_tidscan = off';"
            + " END $$");
    try (var connector =
        connector(
            TwoDatabases.where(TwoDatabases.table("public.t", "public.t", "id"), "id <= 20000"))) {
      var version = connector.look();
      var ids = new ArrayList<String>();
      for (var split : version.splits()) {
        var position = Optional.<String>empty();
        do {
          try (var reader = connector.open(version, split, TEXT, position)) {
            var batch = reader.next();
            position = batch == null ? Optional.empty() : Optional.of(batch.position());
            if (batch != null) {
              ids.addAll(ids(batch));
            }
          }
        } while (position.isPresent());
      }
      assertThat(ids).hasSize(20_000).doesNotHaveDuplicates();
    }
  }

  /** Its REFRESH writes rows that all snapshots see: only a lock keeps the old ones. */
  @Test
  void aMaterializedViewIsNotReplacedWhileItIsReadAndOneThatWasIsAnotherVersion() throws Exception {
    databases.atSource(
        "CREATE MATERIALIZED VIEW public.m AS SELECT id, pad FROM public.t WHERE id <= 100");
    var planner = connector("public.m");
    var version = planner.look();
    try (var late = connector("public.m");
        var holder = databases.sourceAddress.connect("holder")) {
      assertThat(ids(planner, version, version.splits().getFirst(), Optional.empty(), 9))
          .hasSize(100);
      databases.atSource("DELETE FROM public.t WHERE id <= 50");
      assertThatThrownBy(
              () ->
                  databases.atSource(
                      "SET lock_timeout = 20",
                      "REFRESH MATERIALIZED VIEW public.m",
                      "RESET lock_timeout"))
          .hasMessageContaining("lock timeout");
      // Given: the snapshot lives, but nobody has locked what it reads
      holder.setAutoCommit(false);
      holder.setTransactionIsolation(java.sql.Connection.TRANSACTION_REPEATABLE_READ);
      TwoDatabases.run(
          holder, "SET TRANSACTION SNAPSHOT '" + PostgresConnector.export(version).id() + "'");
      var held = TwoDatabases.column(holder, "SELECT pg_export_snapshot()").getFirst();
      planner.close();
      // When
      databases.atSource("RESET lock_timeout", "REFRESH MATERIALIZED VIEW public.m");
      var replaced =
          new SourceVersion(
              version.columns(),
              version.key(),
              version.splits(),
              version.identity(),
              version.spec().replace(PostgresConnector.export(version).id(), held));
      // Then
      assertThatThrownBy(
              () -> late.open(replaced, version.splits().getFirst(), TEXT, Optional.empty()))
          .satisfies(PostgresConnectorTest::isSourceChanged);
    }
  }

  @Test
  void equalTypesTravelInBinary() throws Exception {
    try (var connector = connector("public.t")) {
      var version = connector.look();
      try (var reader =
          connector.open(version, version.splits().getLast(), BINARY, Optional.empty())) {
        assertThat(reader.format()).isEqualTo(Format.BINARY);
        var batch = reader.next();
        assertThat(batch).isNotNull();
        // Two fields: an integer of 4 bytes, a text of 1,200.
        assertThat(batch.bytes().getShort(0)).isEqualTo((short) 2);
        assertThat(batch.bytes().getInt(2)).isEqualTo(4);
        assertThat(batch.bytes().getInt(10)).isEqualTo(1_200);
      }
    }
  }

  @Test
  void partitionsAndViewsAreReadToo() throws Exception {
    databases.atSource(
        "CREATE TABLE public.p (id int, pad text) PARTITION BY RANGE (id)",
        "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (100)",
        "CREATE TABLE public.p2 PARTITION OF public.p FOR VALUES FROM (100) TO (200)",
        "INSERT INTO public.p SELECT i, 'x' FROM generate_series(1, 150) i",
        "CREATE VIEW public.v AS SELECT id, pad FROM public.p WHERE id > 50");
    try (var partitioned = connector("public.p");
        var view = connector("public.v")) {
      var version = partitioned.look();
      assertThat(version.splits()).hasSize(2);
      assertThat(ids(partitioned, version, version.splits().get(0), Optional.empty(), 9))
          .hasSize(99);
      assertThat(ids(partitioned, version, version.splits().get(1), Optional.empty(), 9))
          .hasSize(51);
      var seen = view.look();
      assertThat(ids(view, seen, seen.splits().getFirst(), Optional.empty(), 9)).hasSize(100);
      assertThatThrownBy(() -> view.open(seen, seen.splits().getFirst(), TEXT, Optional.of("x")))
          .satisfies(PostgresConnectorTest::isLoadedAgain);
    }
  }

  @Test
  void aSnapshotOutlivesWhoTookItWhereAnotherHasJoinedAndIsMissedElsewhere() throws Exception {
    var planner = connector("public.t");
    var version = planner.look();
    var split = version.splits().getLast();
    try (var other = connector("public.t");
        var late = connector("public.t")) {
      ids(other, version, split, Optional.empty(), 1);
      planner.close();
      databases.atSource("DELETE FROM public.t");
      assertThat(ids(other, version, split, Optional.empty(), 9)).isNotEmpty();
      assertThatThrownBy(() -> late.open(version, split, TEXT, Optional.empty()))
          .satisfies(PostgresConnectorTest::isSourceChanged);
    }
  }

  private static void isLoadedAgain(Throwable error) {
    assertThat(((TidemarkException) error).code()).isEqualTo(ErrorCode.STAGING_LOST);
  }

  private static void isSourceChanged(Throwable error) {
    assertThat(((TidemarkException) error).code()).isEqualTo(ErrorCode.SOURCE_CHANGED);
  }
}
