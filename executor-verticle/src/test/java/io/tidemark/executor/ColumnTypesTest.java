package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tidemark.common.refresh.RowCounts;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every column type there is goes over, compares equal afterwards, and differs where it differs.
 */
class ColumnTypesTest {
  private static final String USER_TYPES =
      """
      CREATE TYPE public.mood AS ENUM ('sad', 'so so', 'happy''s');
      CREATE DOMAIN public.positive AS int CHECK (VALUE > 0);
      CREATE TYPE public.pair AS (a int, "B c" text, m public.mood);
      CREATE TYPE public.floatrange AS RANGE (subtype = float8);
      CREATE DOMAIN public.pairs AS public.pair;
      """;

  private static final List<List<String>> TYPES =
      List.of(
          of("smallint", "-32768", "32767"),
          of("int", "-2147483648", "2147483647"),
          of("bigint", "-9223372036854775808", "9223372036854775807"),
          of(
              "numeric",
              "NaN",
              "Infinity",
              "-Infinity",
              "1.10",
              "1e-200",
              "-12345678901234567890.5"),
          of("numeric(12,3)", "NaN", "-1.5", "123456789.123"),
          of("real", "NaN", "-0", "Infinity", "1.1"),
          of("float8", "NaN", "-0", "-Infinity", "0.1", "1e308"),
          of("money", "-12.34", "922337203685477.58"),
          of("text", "", " x ", "Ünïcödé 🐘", "a\\tb\nc"),
          of("varchar(5)", "abc", "ab   "),
          of("char(5)", "abc", ""),
          of("\"char\"", "x"),
          of("name", "n"),
          of("bytea", "\\x", "\\x00ff5c"),
          of("date", "infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "2000-02-29"),
          of("time", "00:00", "24:00:00", "12:34:56.789012"),
          of("timetz", "12:34:56.789+05:30"),
          of(
              "timestamp",
              "infinity",
              "-infinity",
              "0044-03-15 12:00:00 BC",
              "2024-01-01 00:00:00.000001"),
          of(
              "timestamptz",
              "infinity",
              "-infinity",
              "2024-01-01 00:00:00+13",
              "294276-12-31 23:59:59+00"),
          of("interval", "1 mon -2 days 03:04:05.6", "-178000000 years"),
          of("bool", "t", "f"),
          of(
              "uuid",
              "00000000-0000-0000-0000-000000000000",
              "ffffffff-ffff-ffff-ffff-ffffffffffff"),
          of("json", "{\"a\": 1,  \"a\": [null]}", "null"),
          of("jsonb", "{\"a\": 1.10, \"b\": [null, \"\\u00fc\"]}", "[]"),
          of("jsonpath", "$.a[*] ? (@ > 1)"),
          of("xml", "<a b=\"c\">d</a>", "text"),
          of("int[]", "{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[2:3]={5,6}"),
          of("text[]", "{\"a,b\",\"\\\"\",NULL,\"NULL\",\"\"}"),
          of("numeric(5,1)[]", "{1.1,NaN}"),
          of("varchar(3)[]", "{abc}"),
          of("public.positive", "1", "2147483647"),
          of("public.positive[]", "{1,2}"),
          of("public.mood", "sad", "happy's"),
          of("public.mood[]", "{\"so so\",sad,NULL}"),
          of("public.pair", "(1,\"x,y\",sad)", "(,,)"),
          of("public.pair[]", "{\"(1,x,sad)\"}"),
          of("public.pairs", "(7,z,)"),
          of("int4range", "empty", "[1,5)", "(,)"),
          of("numrange", "[1.0,2.50]"),
          of("tstzrange", "[2024-01-01,infinity)"),
          of("daterange[]", "{\"[2024-01-01,2024-02-01)\",empty}"),
          of("int8multirange", "{}", "{[1,3),[5,7)}"),
          of("public.floatrange", "[1.5,2.5]"),
          of("public.floatmultirange", "{[1.5,2.5]}"),
          of("bit(3)", "101"),
          of("varbit(9)", "", "10101"),
          of("inet", "10.0.0.1/8", "::1"),
          of("cidr", "10.0.0.0/8", "2001:db8::/32"),
          of("macaddr", "08:00:2b:01:02:03"),
          of("macaddr8", "08:00:2b:01:02:03:04:05"),
          of("tsvector", "'a':1A 'b':2,3"),
          of("tsquery", "a & (b | !c:*)"),
          of("point", "(1,-0)"),
          of("line", "{1,2,3}"),
          of("lseg", "[(0,0),(1,1)]"),
          of("box", "(1,1),(0,0)"),
          of("path", "[(0,0),(1,1)]", "((0,0),(1,1))"),
          of("polygon", "((0,0),(1,1),(1,0))"),
          of("circle", "<(0,0),1.5>"),
          of("oid", "4294967295"),
          of("regclass", "pg_class"),
          of("regtype", "int4", "public.mood"),
          of("regproc", "now"),
          of("regtype[]", "{int4,public.mood}"),
          of("regrole", "postgres"),
          of("regnamespace", "pg_catalog"),
          of("regconfig", "english"),
          of("pg_lsn", "16/B374D848"),
          of("xid8", "5"),
          of("xid", "5"),
          of("cid", "5"),
          of("tid", "(1,2)"),
          of("pg_snapshot", "10:20:10,14"),
          of("txid_snapshot", "10:20:10,14"),
          of("refcursor", "c"));

  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void everyTypeIsLoadedThenFoundUnchangedThenUpdatedWhereItDiffers() throws Exception {
    // Given: the home's user types have other OIDs and its enum another order of creation
    fixture.home("CREATE TYPE public.first AS ENUM ('x')").both(USER_TYPES);
    var columns =
        IntStream.range(0, TYPES.size())
            .mapToObj(i -> "c" + i + " " + TYPES.get(i).getFirst())
            .collect(Collectors.joining(", "));
    fixture.source("CREATE TABLE public.t (id int PRIMARY KEY, " + columns + ")");
    for (var row = 0; row < 7; row++) {
      fixture.source("INSERT INTO public.t VALUES (" + row + ", " + values(row) + ")");
    }
    // When / Then: first load
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(7, 7, 0, 0));
    fixture.assertEqual();
    // When / Then: nothing differs
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(7, 0, 0, 0));
    // When / Then: each column alone differs in its own row
    fixture.source(
        "INSERT INTO public.t (id) SELECT generate_series(100, " + (99 + TYPES.size()) + ")");
    fixture.refresh();
    for (var i = 0; i < TYPES.size(); i++) {
      fixture.source(
          "UPDATE public.t SET c" + i + " = " + literal(i, 0) + " WHERE id = " + (100 + i));
    }
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(7 + TYPES.size(), 0, TYPES.size(), 0));
    fixture.assertEqual();
    // When / Then: deletes and inserts beside updates
    fixture.source(
        "DELETE FROM public.t WHERE id IN (3, 101)", "UPDATE public.t SET c0 = 7 WHERE id = 4");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(5 + TYPES.size(), 0, 1, 2));
    fixture.assertEqual();
  }

  @Test
  void generatedIdentityAndOddlyNamedColumnsAreKept() throws Exception {
    // Given
    var table =
        """
        CREATE TABLE public."Tà ""ble" (
          "Id no." bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          "gone" int,
          "SELECT" text,
          "{fn x}?" int GENERATED BY DEFAULT AS IDENTITY,
          "quo""te's" int,
          twice int GENERATED ALWAYS AS ("quo""te's" * 2) STORED,
          other int GENERATED ALWAYS AS IDENTITY (START 50));
        ALTER TABLE public."Tà ""ble" DROP COLUMN "gone";
        """;
    fixture.both(table).tables("public.\"Tà \"\"ble\"", "public.\"Tà \"\"ble\"");
    fixture.source(
        "INSERT INTO public.\"Tà \"\"ble\" (\"SELECT\", \"quo\"\"te's\") SELECT 'x' || i, i FROM generate_series(1, 50) i");
    var all = "SELECT * FROM public.\"Tà \"\"ble\"";
    // When / Then
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(50, 50, 0, 0));
    fixture.assertEqual(all, all);
    fixture.source(
        "UPDATE public.\"Tà \"\"ble\" SET \"quo\"\"te's\" = 100, \"{fn x}?\" = 9 WHERE \"Id no.\" < 5",
        "UPDATE public.\"Tà \"\"ble\" SET other = DEFAULT WHERE \"Id no.\" = 7",
        "DELETE FROM public.\"Tà \"\"ble\" WHERE \"Id no.\" = 9");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(49, 0, 5, 1));
    fixture.assertEqual(all, all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"hstore | a=>1, b=>NULL | a=>2", "citext | Ab | aB"})
  void aTypeOfAnExtensionIsKeptWhereBothHaveIt(String type, String value, String other)
      throws Exception {
    // Given
    assumeThat(
            fixture.homeValue(
                "SELECT count(*) FROM pg_available_extensions WHERE name = '" + type + "'"))
        .as("this Postgres comes with extension " + type)
        .isEqualTo("1");
    fixture.both("CREATE EXTENSION " + type + " SCHEMA public");
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY, v public.%1$s, w public.%1$s[])"
            .formatted(type),
        "INSERT INTO public.t VALUES (1, '%1$s', ARRAY['%1$s'::public.%2$s]), (2, NULL, '{}')"
            .formatted(value, type));
    // When / Then: a value that its own operator calls equal may differ all the same
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2, 2, 0, 0));
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2, 0, 0, 0));
    fixture.source("UPDATE public.t SET v = '" + other + "' WHERE id = 1");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(2, 0, 1, 0));
    fixture.assertEqual();
  }

  @Test
  void sixteenHundredColumnsFit() throws Exception {
    // Given
    var columns =
        IntStream.range(1, 1600).mapToObj(i -> "c" + i + " bool").collect(Collectors.joining(", "));
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY, " + columns + ")",
        "INSERT INTO public.t (id, c1, c1599) SELECT i, true, false FROM generate_series(1, 20) i");
    // When / Then
    assertThat(fixture.refresh().inserted()).isEqualTo(20);
    fixture.source(
        "UPDATE public.t SET c1599 = NULL WHERE id = 7", "DELETE FROM public.t WHERE id = 8");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(19, 0, 1, 1));
    fixture.assertEqual();
  }

  @Test
  void aTableOfNothingButItsKeyIsRefreshed() throws Exception {
    fixture.source(
        "CREATE TABLE public.t (a int, b uuid, PRIMARY KEY (b, a))",
        "INSERT INTO public.t SELECT i, gen_random_uuid() FROM generate_series(1, 100) i");
    fixture.refresh();
    fixture.source(
        "DELETE FROM public.t WHERE a = 5", "INSERT INTO public.t VALUES (500, gen_random_uuid())");
    assertThat(fixture.refresh()).isEqualTo(new RowCounts(100, 1, 0, 1));
    fixture.assertEqual("SELECT a, b FROM public.t", "SELECT a, b FROM public.t");
  }

  private static String values(int row) {
    return IntStream.range(0, TYPES.size())
        .mapToObj(i -> row == 6 ? "NULL" : literal(i, row))
        .collect(Collectors.joining(", "));
  }

  private static String literal(int column, int row) {
    var type = TYPES.get(column);
    var samples = type.size() - 1;
    return "'" + type.get(1 + row % samples).replace("'", "''") + "'::" + type.getFirst();
  }

  private static List<String> of(String type, String... samples) {
    var all = new ArrayList<String>();
    all.add(type);
    all.addAll(List.of(samples));
    return all;
  }
}
