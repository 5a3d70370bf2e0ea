package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RowCounts;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Each key that can be merged is sliced, ordered and compared as Postgres does; others are refused.
 */
class KeysTest {
  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "smallint | (i * 37 % 30000 - 15000)::smallint",
        "int | CASE WHEN i < 400 THEN i - 200 ELSE i * 1000003 - 1000000 END",
        "bigint | (i - 250) * 9007199254740993",
        "uuid | gen_random_uuid()",
        "date | CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' WHEN 3 THEN '4713-01-01 BC' ELSE '0001-06-01'::date - 250 + i END",
        "timestamp | CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE '0001-01-01'::timestamp + (i - 250) * interval '7 hours 0.000001 seconds' END",
        "timestamptz | CASE i WHEN 1 THEN 'infinity' WHEN 2 THEN '-infinity' ELSE '1999-12-31 00:00+14'::timestamptz + (i - 250) * interval '1 day 0.5 seconds' END",
        "bytea | decode(md5(i::text) ** repeat('61', i % 5), 'hex')",
        "text COLLATE \"C\" | CASE i % 4 WHEN 0 THEN repeat('z', i) WHEN 1 THEN 'Ü' ** i WHEN 2 THEN '🐘\\''' ** i ELSE chr(i + 40) ** '~' ** i END",
        "varchar(9) COLLATE \"C\" | 'v' ** i"
      })
  void aKeyOfThisTypeIsRefreshed(String type, String value) throws Exception {
    // Given
    fixture.source(
        "CREATE TABLE public.t (k " + type + " PRIMARY KEY, v int)",
        "INSERT INTO public.t SELECT "
            + value.replace("**", "||") // which the table above cannot hold
            + ", i FROM generate_series(1, 500) i");
    fixture.vnodes(16);
    // When / Then
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(500, 500, 0, 0));
    fixture.source(
        "UPDATE public.t SET v = -v WHERE v % 50 = 0",
        "DELETE FROM public.t WHERE v % 50 = 1 OR v = -500");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(489, 0, 9, 11));
    fixture.assertEqual();
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(489, 0, 0, 0));
  }

  @Test
  void aCompositeKeyInAnotherOrderThanItsColumnsIsRefreshed() throws Exception {
    fixture.source(
        """
        CREATE DOMAIN public.no AS int;
        CREATE TABLE public.t (v text, a text COLLATE "C", b public.no, c date, PRIMARY KEY (c, a, b));
        INSERT INTO public.t
        SELECT 'v' || i, CASE i % 3 WHEN 0 THEN '' WHEN 1 THEN ',"' ELSE 'NULL' END, i % 7,
               '2000-01-01'::date + i / 21 FROM generate_series(0, 2099) i
        """);
    fixture.home("CREATE DOMAIN public.no AS int").vnodes(32);
    assertThat(fixture.refresh().inserted()).isEqualTo(2100);
    fixture.source(
        "DELETE FROM public.t WHERE b = 3 AND a = ''", "UPDATE public.t SET v = '' WHERE b = 4");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2000, 0, 300, 100));
    fixture.assertEqual("SELECT a, b, c, v FROM public.t", "SELECT a, b, c, v FROM public.t");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3})
  void aTableOfFewerRowsThanVNodesIsRefreshed(int rows) throws Exception {
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY)",
        "INSERT INTO public.t SELECT generate_series(1, " + rows + ")");
    fixture.vnodes(8);
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(rows, rows, 0, 0));
    fixture.source("INSERT INTO public.t VALUES (-5), (2000000000)");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(rows + 2, 2, 0, 0));
    fixture.assertEqual();
  }

  @Test
  void anIntegerKeyWidensToBigintAndTheTargetKeepsColumnsOfItsOwn() throws Exception {
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY, v smallint)",
        "INSERT INTO public.t SELECT i, i FROM generate_series(-100, 100) i");
    fixture.home(
        "CREATE TABLE public.t (own text DEFAULT 'd', v numeric(9,2), id bigint PRIMARY KEY)",
        "INSERT INTO public.t VALUES ('mine', 1, 50), ('gone', 1, 5000000000)");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(201, 200, 1, 1));
    assertThat(fixture.homeValue("SELECT own || v FROM public.t WHERE id = 50"))
        .isEqualTo("mine50.00");
    fixture.assertEqual("SELECT id, v::numeric(9,2) FROM public.t", "SELECT id, v FROM public.t");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(201, 0, 0, 0));
  }

  @Test
  void partitionedTablesOnBothSidesAreRefreshedAlsoAcrossPartitions() throws Exception {
    fixture.source(
        """
        CREATE TABLE public.t (id int, region text COLLATE "C", v int, PRIMARY KEY (id)) PARTITION BY RANGE (id);
        CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES FROM (MINVALUE) TO (500);
        CREATE TABLE public.t2 PARTITION OF public.t FOR VALUES FROM (500) TO (MAXVALUE);
        INSERT INTO public.t SELECT i, 'r' || i % 3, i FROM generate_series(1, 1000) i
        """);
    fixture.home(
        """
        CREATE TABLE public.t (id int, region text, v int, PRIMARY KEY (id)) PARTITION BY HASH (id);
        CREATE TABLE public.t1 PARTITION OF public.t FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE public.t2 PARTITION OF public.t FOR VALUES WITH (MODULUS 2, REMAINDER 1)
        """);
    assertThat(fixture.refresh().inserted()).isEqualTo(1000);
    fixture.source(
        "UPDATE public.t SET v = 0 WHERE id IN (1, 999)", "DELETE FROM public.t WHERE id = 500");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(999, 0, 2, 1));
    fixture.assertEqual();
  }

  @Test
  void aViewWithAKeyGivenIsRefreshed() throws Exception {
    fixture.source(
        """
        CREATE DOMAIN public.key AS bigint NOT NULL;
        CREATE TABLE public.base (id int PRIMARY KEY, v text);
        INSERT INTO public.base SELECT i, 'v' || i FROM generate_series(1, 300) i;
        CREATE VIEW public.t AS SELECT id::public.key AS id, upper(v) AS v FROM public.base WHERE id % 2 = 0
        """);
    fixture.home("CREATE TABLE public.t (id bigint PRIMARY KEY, v text)").key("id");
    assertThat(fixture.refresh().inserted()).isEqualTo(150);
    fixture.assertEqual();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "numeric",
        "float8",
        "text COLLATE \"en-x-icu\"",
        "char(5) COLLATE \"C\"",
        "jsonb",
        "interval",
        "bool",
        "inet",
        "int4range"
      })
  void aKeyWhoseOrderIsInDoubtCannotBeStreamed(String type) throws Exception {
    fixture.source("CREATE TABLE public.t (k " + type + " PRIMARY KEY)");
    var failure = fixture.streaming().refused();
    assertThat(failure.code()).isEqualTo(ErrorCode.KEY_TYPE_UNORDERED);
    assertThat(failure.message()).contains("key column k is").contains("merge: auto");
  }

  @Test
  void skewedKeysAreSlicedIntoVNodesOfAboutAsManyRows() throws Exception {
    // Given: most rows within a sliver of the key space
    fixture.source(
        "CREATE TABLE public.t (id bigint PRIMARY KEY)",
        "INSERT INTO public.t SELECT CASE WHEN i <= 9000 THEN i ELSE i::bigint * 1000000007 END FROM generate_series(1, 10000) i");
    fixture.vnodes(20);
    // When
    fixture.refresh();
    // Then
    assertThat(
            fixture.homeValue(
                "SELECT max(rows_read) <= 1000 AND min(rows_read) >= 250 AND count(*) = 20"
                    + " FROM tidemark.refresh_progress"))
        .isEqualTo("t");
    assertThat(
            fixture.homeValue(
                "SELECT count(*) FILTER (WHERE lower_bound IS NULL) || ' ' ||"
                    + " count(*) FILTER (WHERE upper_bound IS NULL) FROM tidemark.refresh_progress"))
        .isEqualTo("1 1");
  }
}
