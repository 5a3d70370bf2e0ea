package io.tidemark.executor.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Loading;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.TimeZone;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A database that Tidemark knows nothing of but what JDBC says. */
class H2Test {
  private static final AtomicInteger NUMBER = new AtomicInteger();

  private String url;
  private Connection shop;
  private TwoDatabases home;

  @BeforeEach
  void open() throws SQLException {
    url = "jdbc:h2:mem:shop" + NUMBER.incrementAndGet();
    shop = DriverManager.getConnection(url, "sa", "hunter2");
    home = new TwoDatabases();
  }

  @AfterEach
  void close() throws SQLException {
    shop.close();
    home.close();
  }

  private void shop(String... statements) throws SQLException {
    TwoDatabases.run(shop, statements);
  }

  private JdbcSources table(String name) {
    return JdbcSources.table(url, name).user("sa", "hunter2");
  }

  private Loading loading(JdbcSources source) throws SQLException {
    return new Loading(home.home, source.connector());
  }

  @Test
  void everyTypeIsReadWithoutLoss() throws SQLException {
    shop(
        """
        CREATE TABLE t (id bigint PRIMARY KEY, flag boolean, tiny tinyint, d numeric(20,5), big decfloat,
          f real, g double precision, d1 date, t time(3), tz time with time zone, ts timestamp,
          tsz timestamp with time zone, c char(5), v varchar, cl clob, j json, u uuid, b binary(2),
          bl blob, e enum('x','y'))
        """,
        """
        INSERT INTO t VALUES (-9223372036854775808, true, -128, 1.5, 1234567890.0123456789, 0.1,
          '-Infinity', '-0043-03-15', '12:34:56.789', '12:34:56+05:30', '2024-03-31 02:30:00.000001',
          '2024-03-31 02:30:00+09:00', 'ab', '', 'é𝄞', JSON '{"a": 1}',
          '123e4567-e89b-12d3-a456-426655440000', x'00ff', x'', 'y')
        """);
    var zone = TimeZone.getDefault();
    TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
    try {
      var loaded = loading(table("t")).all();
      assertThat(loaded.names()).contains("id", "flag");
      assertThat(loaded.row())
          .containsExactly(
              "-9223372036854775808",
              "t",
              "-128",
              "1.50000",
              "1234567890.0123456789",
              "0.1",
              "-Infinity",
              "0044-03-15 BC",
              "12:34:56.789",
              "12:34:56+05:30",
              "2024-03-31 02:30:00.000001",
              "2024-03-30 17:30:00+00",
              "ab   ",
              "",
              "é𝄞",
              "{\"a\":1}",
              "123e4567-e89b-12d3-a456-426655440000",
              "\\x00ff",
              "\\x",
              "y");
    } finally {
      TimeZone.setDefault(zone);
    }
  }

  @Test
  void aSplitGoesOnAfterTheLastKeyThatIsSafe() throws SQLException {
    shop(
        "CREATE TABLE t (v int, d1 date, at1 timestamp with time zone, u uuid, n numeric(10,2),"
            + " PRIMARY KEY (d1, at1, u, n))",
        """
        INSERT INTO t SELECT x, DATE '2024-01-01' + mod(x, 3),
          TIMESTAMP WITH TIME ZONE '2024-01-01 00:00:00+02:00', random_uuid(), x / 2.0
        FROM system_range(1, 60000)
        """);
    var loading = loading(table("t"));
    var position = Optional.<String>empty();
    while (true) {
      try (var reader = loading.open(0, position)) {
        var batch = reader.next();
        if (batch == null) {
          break;
        }
        loading.append(reader, batch);
        position = Optional.of(batch.position());
      }
    }
    assertThat(loading.column("SELECT count(*) || ' ' || count(DISTINCT v) FROM loaded"))
        .containsExactly("60000 60000");
  }

  @Test
  void splitsTogetherHoldEveryRowOnce() throws SQLException {
    shop(
        "CREATE TABLE t (code varchar(10) PRIMARY KEY, n int)",
        "INSERT INTO t SELECT concat('k', x), nullif(mod(x, 50), 7) FROM system_range(1, 1000) ");
    for (var column : List.of(Optional.<String>empty(), Optional.of("n"))) {
      var loading = loading(table("t").splits(4, column));
      assertThat(loading.version.splits()).hasSize(4);
      assertThat(loading.all().column("SELECT count(*) || ' ' || count(DISTINCT code) FROM loaded"))
          .containsExactly("1000 1000");
    }
  }

  @Test
  void columnsAndConditionOfTheSourceHold() throws SQLException {
    shop(
        "CREATE TABLE t (id int PRIMARY KEY, v varchar, w int)",
        "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)");
    var loading =
        loading(table("public.t").reading(List.of("v", "W"), "w = 2 OR w = 3 -- not the first"));
    assertThat(loading.names()).containsExactlyInAnyOrder("v", "w");
    assertThat(loading.version.key()).as("is not read").isEmpty();
    assertThat(loading.all().column("SELECT v FROM loaded ORDER BY 1")).containsExactly("b", "c");
  }

  @Test
  void anEmptyTableHasNoRows() throws SQLException {
    shop("CREATE TABLE t (id int PRIMARY KEY)");
    for (var source : List.of(table("t"), table("t").splits(4, Optional.empty()))) {
      assertThat(loading(source).all().column("SELECT count(*) FROM loaded")).containsExactly("0");
    }
  }

  @Test
  void halfACharacterIsNeverReplaced() throws SQLException {
    shop("CREATE TABLE t (id int PRIMARY KEY, v varchar)");
    try (var insert = shop.prepareStatement("INSERT INTO t VALUES (7, ?)")) {
      insert.setString(1, "a\ud834");
      insert.execute();
    }
    assertThatThrownBy(() -> loading(table("t")).all())
        .isInstanceOfSatisfying(
            TidemarkException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.ROW_MALFORMED))
        .hasMessageContaining("t, id 7");
  }

  @Test
  void namesThatNeedQuotesAreFound() throws SQLException {
    shop(
        "CREATE SCHEMA \"My_Schema\"",
        "CREATE TABLE \"My_Schema\".\"Order%Lines\" (\"Id\" int PRIMARY KEY, \"a b\" int)",
        "INSERT INTO \"My_Schema\".\"Order%Lines\" VALUES (1, 2)");
    var loaded = loading(table("\"My_Schema\".\"Order%Lines\"")).all();
    assertThat(loaded.names()).containsExactlyInAnyOrder("Id", "a b");
    assertThat(loaded.row()).containsExactly("1", "2");
  }

  @Test
  void aWrongPasswordIsSaid() {
    assertThatThrownBy(() -> JdbcSources.table(url, "t").user("sa", "secret1").connector().look())
        .isInstanceOfSatisfying(
            TidemarkException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.CREDENTIALS_REFUSED))
        .hasMessageNotContaining("secret1");
  }
}
