package io.tidemark.executor.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Loading;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A MariaDB is read as it is: no value, row or error changes on the way. */
class MariaDbTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TempDir static Path folder;
  private static MariaDbServer server;
  private Connection erp;
  private TwoDatabases home;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(MariaDbServer.isInstalled(), MariaDbServer.MISSING);
    server = new MariaDbServer(folder);
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void open() throws SQLException {
    home = new TwoDatabases();
    erp = server.connect();
    erp(
        "DROP DATABASE erp",
        "CREATE DATABASE erp CHARACTER SET utf8mb4",
        "USE erp",
        "SET sql_mode = ''");
  }

  @AfterEach
  void close() throws SQLException {
    erp.close();
    home.close();
  }

  private void erp(String... statements) throws SQLException {
    TwoDatabases.run(erp, statements);
  }

  private static JdbcSources table(String name) {
    return JdbcSources.table(server.url(), name).user(MariaDbServer.USER, MariaDbServer.PASSWORD);
  }

  private Loading loading(JdbcSources source) throws SQLException {
    return new Loading(home.home, source.connector());
  }

  private void numbers(int rows) throws SQLException {
    erp(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(100))",
        "INSERT INTO t SELECT seq, concat('value ', seq) FROM seq_1_to_" + rows);
  }

  @Test
  void everyTypeIsReadWithoutLoss() throws SQLException {
    erp(
        """
        CREATE TABLE t (
          id bigint unsigned PRIMARY KEY, flag boolean, tiny tinyint, tinyu tinyint unsigned,
          small smallint, smallu smallint unsigned, medium mediumint, i int, iu int unsigned,
          padded int(8) zerofill, b bigint, d decimal(65,30), f float, g double, b1 bit(1),
          b5 bit(5), b64 bit(64), y year, day date, dt datetime, dt6 datetime(6), ts timestamp(3) NULL,
          t time, t6 time(6), c char(5), vc varchar(50), txt text, js json, e enum('x','y z'),
          s set('a','b'), bin binary(4), vb varbinary(10), bl blob, u uuid, ip inet6)
        """,
        "SET time_zone = '+03:00'",
        """
        INSERT INTO t VALUES (
          18446744073709551615, true, -128, 255, -32768, 65535, -8388608, -2147483648, 4294967295,
          42, -9223372036854775808, 12345678901234567890123456789012345.123456789012345678901234567890,
          0.1, 1.7976931348623157e308, b'1', b'00101', x'8000000000000001', 1901, '9999-12-31',
          '2024-03-31 02:30:00', '2024-03-31 02:30:00.000001', '2024-03-31 02:30:00.120',
          '-838:59:59', '838:59:58.999999', 'ab ', 'tab\\t nl\\n cr\\r back\\\\slash "é𝄞', '', '{"a":  1}',
          'y z', 'a,b', x'00ff', x'5c00', x'', '123e4567-e89b-12d3-a456-426655440000', '::1')
        """);
    var zone = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("America/New_York"));
    try {
      var loaded = loading(table("t")).all();
      assertThat(loaded.types())
          .containsExactly(
              "numeric(20,0)",
              "smallint",
              "smallint",
              "smallint",
              "smallint",
              "integer",
              "integer",
              "integer",
              "bigint",
              "bigint",
              "bigint",
              "numeric(65,30)",
              "real",
              "double precision",
              "boolean",
              "bit(5)",
              "bit(64)",
              "smallint",
              "date",
              "timestamp(0)",
              "timestamp(6)",
              "timestamp(3) with time zone",
              "interval",
              "interval",
              "text",
              "text",
              "text",
              "text",
              "text",
              "text",
              "bytea",
              "bytea",
              "bytea",
              "uuid",
              "inet");
      assertThat(loaded.row())
          .containsExactly(
              "18446744073709551615",
              "1",
              "-128",
              "255",
              "-32768",
              "65535",
              "-8388608",
              "-2147483648",
              "4294967295",
              "42",
              "-9223372036854775808",
              "12345678901234567890123456789012345.123456789012345678901234567890",
              "0.1",
              "1.7976931348623157e+308",
              "t",
              "00101",
              "1" + "0".repeat(62) + "1",
              "1901",
              "9999-12-31",
              "2024-03-31 02:30:00",
              "2024-03-31 02:30:00.000001",
              "2024-03-30 23:30:00.12+00",
              "-838:59:59",
              "838:59:58.999999",
              "ab",
              "tab\t nl\n cr\r back\\slash \"é𝄞",
              "",
              "{\"a\":  1}",
              "y z",
              "a,b",
              "\\x00ff0000",
              "\\x5c00",
              "\\x",
              "123e4567-e89b-12d3-a456-426655440000",
              "::1");
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void theSameTypesComeOutOfAQuery() throws SQLException {
    erp(
        """
        CREATE TABLE t (id int unsigned PRIMARY KEY, d decimal(10,2), f float, b5 bit(5), y year,
          dt6 datetime(6), ts timestamp(3) NULL, t time, vb varbinary(10), e enum('x','y'))
        """,
        "SET time_zone = '+03:00'",
        """
        INSERT INTO t VALUES (4294967295, 1.50, 0.1, b'00101', 1901, '2024-03-31 02:30:00.000001',
          '2024-03-31 02:30:00.120', '-838:59:59', x'5c00', 'y')
        """);
    var loaded = loading(table("t").query("SELECT * FROM t -- all of it\n;")).all();
    assertThat(loaded.types())
        .containsExactly(
            "bigint",
            "numeric(10,2)",
            "real",
            "bit(5)",
            "smallint",
            "timestamp(6)",
            "timestamp(3) with time zone",
            "interval",
            "bytea",
            "text");
    assertThat(loaded.row())
        .containsExactly(
            "4294967295",
            "1.50",
            "0.1",
            "00101",
            "1901",
            "2024-03-31 02:30:00.000001",
            "2024-03-30 23:30:00.12+00",
            "-838:59:59",
            "\\x5c00",
            "y");
  }

  @Test
  void nullAndEmptyTextsStayApart() throws SQLException {
    erp(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar(10), w date)",
        "INSERT INTO t VALUES (1, NULL, NULL), (2, '', '2024-01-01'), (3, '\\\\N', NULL)");
    assertThat(
            loading(table("t"))
                .all()
                .column("SELECT concat(id, quote_nullable(v), w) FROM loaded ORDER BY id"))
        .containsExactly("1NULL", "2''2024-01-01", "3E'\\\\N'");
  }

  @Test
  void aDateOfZerosIsRefusedByTheHomeOrNullIfAskedFor() throws SQLException {
    erp(
        "CREATE TABLE t (id int PRIMARY KEY, d date, dt datetime, ts timestamp NULL)",
        "INSERT INTO t VALUES (1, '2024-00-15', '0000-00-00 00:00:00', '0000-00-00 00:00:00')");
    assertThatThrownBy(() -> loading(table("t")).all())
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("2024-00-15");
    assertThat(loading(table("t").nullZeroDates()).all().row())
        .containsExactly("1", null, null, null);
  }

  @Test
  void aNulCharacterIsRefusedByTheHome() throws SQLException {
    erp("CREATE TABLE t (id int PRIMARY KEY, v text)", "INSERT INTO t VALUES (1, 'a\\0b')");
    assertThatThrownBy(() -> loading(table("t")).all())
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("22021"));
  }

  @Test
  void rowsOfAMegabyteComeThrough() throws SQLException {
    erp(
        "CREATE TABLE t (id int PRIMARY KEY, v longtext)",
        "INSERT INTO t SELECT seq, repeat(char(64 + seq), 1000000) FROM seq_1_to_20");
    assertThat(
            loading(table("t"))
                .all()
                .column("SELECT count(DISTINCT v) || ' ' || sum(length(v)) FROM loaded"))
        .containsExactly("20 20000000");
  }

  @Test
  void splitsTogetherHoldEveryRowOnce() throws SQLException {
    numbers(1_000);
    erp("INSERT INTO t VALUES (2000000, NULL)");
    for (var source :
        List.of(
            table("t").splits(7, Optional.empty()),
            table("t").splits(7, Optional.of("v")),
            table("t").splits(3, Optional.of("id")).query("SELECT * FROM t"))) {
      var loading = loading(source);
      assertThat(loading.version.splits()).hasSizeBetween(2, 7);
      assertThat(loading.all().column("SELECT count(*) || ' ' || count(DISTINCT id) FROM loaded"))
          .containsExactly("1001 1001");
    }
    assertThat(loading(table("t").splits(7, Optional.of("v"))).version.splits())
        .as("of as many rows each")
        .hasSize(7);
  }

  @Test
  void aSplitGoesOnAfterTheLastKeyThatIsSafe() throws SQLException {
    erp(
        """
        CREATE TABLE t (v text, b varchar(20) COLLATE utf8mb4_general_ci, a int,
          ts timestamp(6), bin binary(2), PRIMARY KEY (b, a, ts, bin))
        """,
        """
        INSERT INTO t SELECT 'v', char(65 + seq % 26), seq % 3, '2024-01-01 00:00:00.000001',
          unhex(lpad(hex(seq), 4, '0')) FROM seq_1_to_60000
        """);
    var loading = loading(table("t"));
    var position = Optional.<String>empty();
    var parts = 0;
    while (true) {
      try (var reader = loading.open(0, position)) {
        var batch = reader.next();
        if (batch == null) {
          break;
        }
        loading.append(reader, batch);
        position = Optional.of(batch.position());
        parts++;
      }
    }
    assertThat(parts).isGreaterThan(2);
    assertThat(loading.column("SELECT count(*) || ' ' || count(DISTINCT bin) FROM loaded"))
        .containsExactly("60000 60000");
    assertThat(loading.version.key()).containsExactly("b", "a", "ts", "bin");
  }

  @Test
  void aTableWithoutKeyGoesOnOnlyWhereTheSameRowsComeAgain() throws SQLException {
    erp(
        "CREATE TABLE t (v varchar(20))",
        "INSERT INTO t SELECT concat('v', seq % 100) FROM seq_1_to_40000");
    var loading = loading(table("t"));
    String position;
    try (var reader = loading.open(0, Optional.empty())) {
      var batch = reader.next();
      loading.append(reader, batch);
      position = batch.position();
    }
    loading.from(0, Optional.of(position));
    assertThat(loading.column("SELECT count(*) FROM loaded")).containsExactly("40000");
    erp("DELETE FROM t WHERE v = 'v3' LIMIT 1");
    fails(() -> loading.from(0, Optional.of(position)), ErrorCode.SOURCE_CHANGED, "rows that were");
  }

  @Test
  void aSplitIsOfOneMoment() throws SQLException {
    numbers(60_000);
    var loading = loading(table("t"));
    try (var reader = loading.open(0, Optional.empty())) {
      loading.append(reader, reader.next());
      erp("DELETE FROM t WHERE id > 100", "INSERT INTO t VALUES (50000, 'new')");
      for (var batch = reader.next(); batch != null; batch = reader.next()) {
        loading.append(reader, batch);
      }
    }
    assertThat(loading.column("SELECT count(*) || ' ' || max(id) FROM loaded"))
        .containsExactly("60000 60000");
  }

  @Test
  void strictNeverMixesTwoMoments() throws SQLException {
    numbers(60_000);
    var loading = new Loading(home.home, table("t").strict());
    String position;
    try (var reader = loading.open(0, Optional.empty())) {
      position = reader.next().position();
    }
    fails(() -> loading.open(0, Optional.of(position)), ErrorCode.SOURCE_CHANGED, "that moment");
    fails(
        () -> table("t").splits(2, Optional.empty()).strict().look(),
        ErrorCode.CONFIG_INVALID,
        "splits");
  }

  @Test
  void aConnectionThatIsKilledIsToBeTriedAgainAndNeverEndsASplit() throws SQLException {
    numbers(200_000);
    // More than sockets hold.
    erp("UPDATE t SET v = rpad(v, 100, 'x')");
    var loading = loading(table("t"));
    try (var reader = loading.open(0, Optional.empty())) {
      loading.append(reader, reader.next());
      for (var id :
          TwoDatabases.column(
              erp,
              "SELECT id FROM information_schema.processlist"
                  + " WHERE id <> connection_id() AND db = 'erp'")) {
        erp("KILL " + id);
      }
      assertThatThrownBy(
              () -> {
                while (reader.next() != null) {}
              })
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08006"));
    }
  }

  @Test
  void aReadThatWaitsEndsWhenItIsAborted() throws Exception {
    numbers(10);
    var loading = loading(table("t"));
    try (var reader = loading.open(0, Optional.empty())) {
      erp("LOCK TABLES t WRITE");
      var read =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return reader.next();
                } catch (SQLException e) {
                  throw new IllegalStateException(e);
                }
              });
      var end = System.nanoTime() + SOON.toNanos();
      while (TwoDatabases.column(
              erp, "SELECT 1 FROM information_schema.processlist WHERE state LIKE 'Waiting for%'")
          .isEmpty()) {
        assertThat(System.nanoTime()).as("it waits for the lock").isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(10);
      }
      loading.connector.close();
      assertThat(read.handle((batch, e) -> e).get(SOON.toSeconds(), TimeUnit.SECONDS))
          .hasRootCauseInstanceOf(Exception.class)
          .cause()
          .hasMessageContaining("aborted");
    }
  }

  @Test
  void aColumnThatIsRetypedOrDroppedEndsTheRefresh() throws SQLException {
    numbers(10);
    var loading = loading(table("t"));
    erp("ALTER TABLE t MODIFY v varchar(200)");
    fails(() -> loading.open(0, Optional.empty()), ErrorCode.SOURCE_CHANGED, "column v");
    erp("ALTER TABLE t DROP v");
    fails(() -> loading.open(0, Optional.empty()), ErrorCode.SOURCE_CHANGED, "column v is gone");
  }

  @Test
  void whatTheUserWroteWrongIsSaid() throws SQLException {
    erp("CREATE TABLE Parts (id int PRIMARY KEY, nam geometry)");
    looks(table("Partz"), ErrorCode.SOURCE_TABLE_MISSING, "no table Partz", "Did you mean Parts?");
    looks(table("erp.Parts"), ErrorCode.TYPE_INCOMPATIBLE, "geometry", "source.columns");
    looks(
        table("Parts").reading(List.of("id", "name"), "id > 0"),
        ErrorCode.COLUMN_MISSING,
        "no column name",
        "Did you mean nam?");
    looks(
        table("Parts").user(MariaDbServer.USER, "secret1"),
        ErrorCode.CREDENTIALS_REFUSED,
        "refuses user or password",
        "source.password");
    looks(
        JdbcSources.table(server.url() + "x", "Parts")
            .user(MariaDbServer.USER, MariaDbServer.PASSWORD),
        ErrorCode.CONFIG_INVALID,
        "is no database",
        "source.url");
    looks(table("Parts").query("SELEC 1"), ErrorCode.SOURCE_FAILED, "SQL syntax", "at the source");
  }

  private static void looks(JdbcSources source, ErrorCode code, String message, String hint) {
    assertThatThrownBy(() -> source.connector().look())
        .isInstanceOfSatisfying(
            TidemarkException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage()).contains(message).doesNotContain("secret1");
              assertThat(e.report().hint()).contains(hint);
            });
  }

  @Test
  void aServerThatIsNotThereIsToBeTriedAgain() {
    for (var url :
        List.of("jdbc:mariadb://127.0.0.1:1/erp", "jdbc:mariadb://no-such.invalid/erp")) {
      assertThatThrownBy(() -> JdbcSources.table(url, "t").connector().look())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining(url)
          .hasCauseInstanceOf(TidemarkException.class);
    }
  }

  @Test
  void aThousandColumnsAreRead() throws SQLException {
    erp(
        "CREATE TABLE t ("
            + IntStream.rangeClosed(1, 1_000)
                .mapToObj(i -> "c" + i + " int")
                .collect(Collectors.joining(", "))
            + ", PRIMARY KEY (c1))",
        "INSERT INTO t (c1, c1000) VALUES (1, 2)");
    assertThat(loading(table("t")).all().column("SELECT c1000 FROM loaded")).containsExactly("2");
  }

  private static void fails(ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TidemarkException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.getMessage()).contains(message);
            });
  }
}
