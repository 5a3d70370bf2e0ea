package io.tidemark.executor.staging;

import static io.tidemark.executor.staging.StagedRefresh.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.plan.KeyRange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a comparison inside the home finds, and what it must not find. */
class StagedMergeTest {
  private StagedRefresh refresh;

  @BeforeEach
  void start() throws Exception {
    refresh = new StagedRefresh();
  }

  @AfterEach
  void stop() throws Exception {
    refresh.close();
  }

  @Test
  void insertsUpdatesAndDeletesAreFoundAndApplied() throws Exception {
    refresh
        .home(
            "CREATE TABLE public.t (id int PRIMARY KEY, v text)",
            "INSERT INTO public.t VALUES (1, 'same'), (2, 'old'), (3, 'gone')")
        .columns("id int", "v text")
        .key("id");
    assertThat(refresh.refresh(text("1\tsame", "2\tnew"), text("4\tmore")))
        .isEqualTo(new RowCounts(3, 1, 1, 1));
    assertThat(refresh.query("SELECT t::text FROM public.t ORDER BY id"))
        .containsExactly("(1,same)", "(2,new)", "(4,more)");
  }

  @Test
  void firstLoadBecomesTheTargetWithItsKey() throws Exception {
    refresh.columns("v text", "a int", "b numeric(10,2)").key("b", "a");
    var first = refresh.refresh(text("1.50\t1\tx", "1.50\t2\t\\N"));
    assertThat(first).isEqualTo(new RowCounts(2, 2, 0, 0));
    assertThat(refresh.query("SELECT t::text FROM public.t ORDER BY a"))
        .containsExactly("(x,1,1.50)", "(,2,1.50)");
    assertThat(
            refresh.query(
                "SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
                    + " WHERE conrelid = 'public.t'::regclass AND contype = 'p'"))
        .containsExactly("t_pkey PRIMARY KEY (b, a)");
    assertThat(refresh.refresh(text("1.5\t1\tx", "1.50\t2\t")))
        .isEqualTo(new RowCounts(2, 0, 1, 0));
  }

  /** Values as a source may write them, and their like in the same type: no difference. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float8 | 0.1 | 1e-1",
        "float4 | 16777216 | 1.6777216e7",
        "float8 | NaN | nan",
        "numeric(12,4) | 1.5 | 1.5000",
        "char(5) | ab | 'ab   '",
        "timestamptz | 2024-03-31 01:30:00+00 | 2024-03-31T03:30:00+02:00",
        "timestamp | 2024-01-01 | 2024-01-01 00:00:00.000000",
        "date | 2024-01-01 | 'January 1, 2024'",
        "timetz | 10:00+02 | 10:00:00+02:00",
        "interval | 1 mon 3 days | 3 days 1 month",
        "boolean | t | yes",
        "uuid | A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11 | a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "jsonb | '{\"a\":1,\"b\":[2]}' | '{ \"b\": [2], \"a\": 1 }'",
        "int[] | {1,2} | '{ 1, 2 }'",
        "inet | 10.0.0.1 | 10.0.0.1/32",
        "point | (1,2) | '1, 2'",
        "int4range | [1,5] | '[1,6)'",
        "bytea | \\\\x6162 | ab",
        "money | 1.00 | $1.00",
      })
  void spellingIsNoDifference(String type, String written, String otherwise) throws Exception {
    refresh.columns("id int", "v " + type).key("id");
    refresh.refresh(text("1\t" + written, "2\t\\N"));
    assertThat(refresh.refresh(text("1\t" + otherwise, "2\t\\N")))
        .isEqualTo(new RowCounts(2, 0, 0, 0));
  }

  /** Values that their type's own equality may confuse, but that are not the same bytes. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "numeric | 1.0 | 1.00",
        "float8 | 0 | -0",
        "json | '{\"a\":1}' | '{\"a\": 1}'",
        "xml | <a/> | <a></a>",
        "interval | 1 month | 30 days",
        "jsonb | '{\"a\":1.0}' | '{\"a\":1.00}'",
        "text | e\u0301 | \u00e9",
        "point | (1,2) | '(1,2.0000000001)'",
        "text | '' | \\N",
      })
  void whatDiffersIsFoundOnceAndThenEqual(String type, String before, String after)
      throws Exception {
    refresh.columns("id int", "v " + type).key("id");
    refresh.refresh(text("1\t" + before));
    assertThat(refresh.refresh(text("1\t" + after))).isEqualTo(new RowCounts(1, 0, 1, 0));
    assertThat(refresh.refresh(text("1\t" + after))).isEqualTo(new RowCounts(1, 0, 0, 0));
  }

  @Test
  void typesOfUsersAreComparedByText() throws Exception {
    refresh
        .home(
            "CREATE TYPE public.mood AS ENUM ('sad', 'ok')",
            "CREATE TYPE public.pair AS (a int, b text)",
            "CREATE DOMAIN public.positive AS int NOT NULL CHECK (VALUE > 0)",
            "CREATE TABLE public.t (id int PRIMARY KEY, m public.mood, p public.pair,"
                + " d public.positive)",
            "INSERT INTO public.t VALUES (1, 'sad', '(1,x)', 1), (9, 'ok', '(1,x)', 1)")
        .columns("id int", "m text", "p text", "d int")
        .key("id");
    assertThat(refresh.refresh(text("1\tok\t(1,y)\t2", "2\tsad\t(,)\t3")))
        .isEqualTo(new RowCounts(2, 1, 1, 1));
    assertThat(refresh.query("SELECT t::text FROM public.t ORDER BY id"))
        .containsExactly("(1,ok,\"(1,y)\",2)", "(2,sad,\"(,)\",3)");
    assertThat(refresh.refresh(text("1\tok\t(1,y)\t2", "2\tsad\t(,)\t3")))
        .isEqualTo(new RowCounts(2, 0, 0, 0));
  }

  /** The key's own equality finds the row, and its bytes follow the source. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "numeric | 1.0 | 1.00",
        "float8 | 0 | -0",
        "text COLLATE public.blind | a | A",
        "bpchar | a | 'a '",
      })
  void keysThatAreEqualButNotTheSameAreUpdated(String type, String before, String after)
      throws Exception {
    refresh
        .home(
            "CREATE COLLATION public.blind (provider = icu, locale = 'und-u-ks-level2',"
                + " deterministic = false)",
            "CREATE TABLE public.t (id " + type + " PRIMARY KEY, v int)")
        .columns("id text", "v int")
        .key("id");
    refresh.refresh(text(before + "\t1"));
    assertThat(refresh.refresh(text(after + "\t1"))).isEqualTo(new RowCounts(1, 0, 1, 0));
    assertThat(refresh.refresh(text(after + "\t1"))).isEqualTo(new RowCounts(1, 0, 0, 0));
    assertThat(refresh.query("SELECT 'x' || id || 'x' FROM public.t"))
        .isEqualTo(
            refresh.query(
                "SELECT 'x' || '" + after + "'::text::" + type.split(" ", 2)[0] + " || 'x'"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "text | md5(i::text)",
        "text COLLATE \"und-x-icu\" | md5(i::text)",
        "text COLLATE \"C\" | md5(i::text)",
        "varchar(40) | i::text",
        "uuid | md5(i::text)::uuid",
        "numeric | i * 1.25",
        "float8 | i / 3.0",
        "timestamptz | timestamptz '2024-01-01' + i * interval '1 hour'",
        "char(12) | i::text",
        "date | date '2024-01-01' + i",
        "bytea | decode(md5(i::text), 'hex')",
        "int[] | ARRAY[i % 7, i]",
        "boolean | i = 1",
        "name | i::text::name",
        "interval | i * interval '1 minute'",
        "inet | inet '10.0.0.0' + i",
        "bit varying(24) | i::bit(24)",
      })
  void rangesOfAnyKeyTypeCoverEveryRowOnce(String type, String value) throws Exception {
    var rows = type.equals("boolean") ? 2 : 3_000;
    refresh
        .home(
            "CREATE TABLE public.t (k " + type + " PRIMARY KEY, v int)",
            "INSERT INTO public.t SELECT " + value + ", i FROM generate_series(1, " + rows + ") i")
        .columns("k text", "v int")
        .key("k")
        .vnodes(16);
    var source =
        refresh.query("SELECT k::text || E'\\t' || v FROM public.t").stream()
            .map(row -> row.replace("\\", "\\\\"))
            .collect(Collectors.toCollection(ArrayList::new));
    assertThat(refresh.refresh(text(source.toArray(String[]::new))))
        .isEqualTo(new RowCounts(rows, 0, 0, 0));
    refresh.home(
        "DELETE FROM public.t WHERE v % 100 = 7", "UPDATE public.t SET v = -v WHERE v % 100 = 1");
    source.removeIf(row -> row.endsWith("\t999"));
    var expected = rows == 2 ? new RowCounts(2, 0, 1, 0) : new RowCounts(2_999, 30, 30, 1);
    assertThat(refresh.refresh(text(source.toArray(String[]::new)))).isEqualTo(expected);
  }

  @Test
  void compositeKeyFollowsTheTargetsIndex() throws Exception {
    refresh
        .home(
            "CREATE TABLE public.t (v text, a int, b text, PRIMARY KEY (b, a))",
            "INSERT INTO public.t SELECT 'x', i % 50, (i / 50)::text FROM generate_series(0, 4999) i",
            "ANALYZE public.t")
        .columns("a int", "b text", "v text")
        .key("a", "b")
        .vnodes(8);
    var plan = refresh.plan();
    assertThat(plan.keyColumns().stream().map(it -> it.name())).containsExactly("b", "a");
    var id = refresh.begin(plan);
    var rows =
        IntStream.range(0, 5_000)
            .mapToObj(i -> i / 50 + "\t" + i % 50 + "\tx")
            .toArray(String[]::new);
    refresh.load(id, plan, 0, text(rows));
    var prepared = refresh.prepare(id, plan, 5_000);
    assertThat(prepared.vnodes()).hasSize(8);
    var vnode = prepared.vnodes().get(3);
    var explain =
        String.join(
            "\n",
            refresh.query(
                "EXPLAIN "
                    + new StagedMerge(id, plan, false)
                        .differences(
                            3,
                            KeyRange.predicate(
                                plan,
                                Optional.ofNullable(vnode.lower()),
                                Optional.ofNullable(vnode.upper())),
                            true)));
    assertThat(explain)
        .contains("staging_" + id + "_b_a_idx")
        .contains("t_pkey")
        .doesNotContain("Seq Scan");
  }

  @Test
  void thousandColumnsAndRowsOfAMegabyte() throws Exception {
    var columns = new ArrayList<>(List.of("id int"));
    IntStream.range(1, 1_000)
        .forEach(i -> columns.add("c" + i + (i % 2 == 0 ? " numeric" : " text")));
    refresh.columns(columns.toArray(String[]::new)).key("id").vnodes(2);
    var values = new String[1_000];
    Arrays.setAll(values, i -> String.valueOf(i));
    values[1] = "y".repeat(1 << 20);
    var row = String.join("\t", values);
    refresh.refresh(text(row));
    assertThat(refresh.refresh(text(row))).isEqualTo(new RowCounts(1, 0, 0, 0));
    assertThat(refresh.refresh(text(row.replace("\t999", "\t9990"))))
        .isEqualTo(new RowCounts(1, 0, 1, 0));
    assertThat(refresh.query("SELECT length(c1) || ' ' || c999 FROM public.t"))
        .containsExactly((1 << 20) + " 9990");
  }

  @Test
  void emptiedSourceDeletesAndFilledAgainInserts() throws Exception {
    refresh.columns("id int", "v text").key("id");
    refresh.refresh(text("1\ta", "2\tb"));
    assertThat(refresh.refresh()).isEqualTo(new RowCounts(0, 0, 0, 2));
    assertThat(refresh.refresh(text("1\ta"))).isEqualTo(new RowCounts(1, 1, 0, 0));
  }
}
