package io.tidemark.executor.staging;

import static io.tidemark.executor.staging.StagedRefresh.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.refresh.RowCounts;
import io.tidemark.executor.source.RowBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text that goes to the home in binary is what the home would have read of it. */
class BinaryRowsTest {
  private StagedRefresh refresh;

  @BeforeEach
  void start() throws Exception {
    refresh = new StagedRefresh();
    refresh
        .home(
            "CREATE DOMAIN public.small AS int CHECK (value < 100)",
            "CREATE TABLE public.t (id bigint PRIMARY KEY, i int, s smallint, v text, c char(5),"
                + " w varchar(3), d public.small)")
        .columns("id bigint", "i int", "s smallint", "v text", "c text", "w text", "d int")
        .key("id");
  }

  @AfterEach
  void stop() throws Exception {
    refresh.close();
  }

  private boolean inBinary(RowBatch batch) throws Exception {
    return BinaryRows.of(refresh.plan())
        .orElseThrow()
        .write(batch.bytes().array(), 0, batch.bytes().limit(), batch.rows());
  }

  @Test
  void numbersTextsAndNullsArriveAsTheyAre() throws Exception {
    // Given
    var batch =
        text(
            "1\t-2147483648\t-32768\ta\\\\b\\tc\\nd\\re\tab\tabc\t99",
            "-999999999999999999\t2147483647\t32767\t\t\\N\t\t\\N",
            "3\t\\N\t\\N\t\\\\N\té世\té世x\t-7",
            "4\t007\t0\t a longer text, of more than a few words \tabcde  \tabc  \t0");
    assertThat(inBinary(batch)).isTrue();

    // When
    assertThat(refresh.refresh(batch)).isEqualTo(new RowCounts(4, 4, 0, 0));

    // Then
    assertThat(
            refresh.query(
                "SELECT concat_ws('|', id, i, s, coalesce(v, 'NULL'), octet_length(c::text),"
                    + " w, d) FROM public.t ORDER BY id"))
        .containsExactly(
            "-999999999999999999|2147483647|32767||",
            "1|-2147483648|-32768|a\\b\tc\nd\re|2|abc|99",
            "3|\\N|5|é世x|-7",
            "4|7|0| a longer text, of more than a few words |5|abc|0");
    assertThat(refresh.refresh(batch)).isEqualTo(new RowCounts(4, 0, 0, 0));
  }

  @Test
  void whatOnlyTheHomeCanReadItReads() throws Exception {
    for (var row :
        new String[] {
          "1\t 7 \t1\tx\tx\tx\t1",
          "1\t+7\t1\tx\tx\tx\t1",
          "1\t0x7\t1\tx\tx\tx\t1",
          "0000000000000000001\t7\t1\tx\tx\tx\t1",
          "1\t7\t1\t\\x78\tx\tx\t1"
        }) {
      var batch = text(row);
      assertThat(inBinary(batch)).as(row).isFalse();
      refresh.refresh(batch);
      assertThat(refresh.query("SELECT id || ' ' || i || ' ' || v FROM public.t"))
          .as(row)
          .containsExactly("1 7 x");
    }
  }

  @Test
  void errorsAreThoseOfTheText() throws Exception {
    for (var wrong :
        new String[] {
          "1\t\t1\tx\tx\tx\t1 | column i: invalid input syntax for type integer",
          "1\t2147483648\t1\tx\tx\tx\t1 | column i: value \"2147483648\" is out of range",
          "1\t1\t1\tx\tx\tabcd\t1 | column w: value too long",
          "1\t1\t1\tx\tx\tx\t100 | column d: value for domain",
          "1\t1\t1\tx | missing data for column",
          "1\t1\t1\tx\tx\tx\t1\t1 | extra data",
          "1\t1\t1\t\0\tx\tx\t1 | invalid byte sequence",
        }) {
      var parts = wrong.split(" \\| ", 2);
      assertThatThrownBy(() -> refresh.refresh(text("7\t1\t1\tx\tx\tx\t1", parts[0])))
          .as(wrong)
          .hasMessageContaining("a.csv, line 2")
          .hasMessageContaining(parts[1]);
    }
  }

  @Test
  void rowsThatGoToQuarantineAreShownAsTheyWereRead() throws Exception {
    refresh.quarantine(10);
    refresh.refresh(text("7\t1\t1\tx\tx\tx\t1", "8\t1\t1\tx\tx\tabcd\t1"));
    assertThat(refresh.query("SELECT row FROM tidemark.quarantine"))
        .containsExactly("8\t1\t1\tx\tx\tabcd\t1");
    assertThat(refresh.query("SELECT id FROM public.t")).containsExactly("7");
  }

  @Test
  void otherTypesGoAsText() throws Exception {
    refresh
        .home("DROP TABLE public.t", "CREATE TABLE public.t (id bigint PRIMARY KEY, n numeric)")
        .columns("id bigint", "n numeric");
    assertThat(BinaryRows.of(refresh.plan())).isEmpty();
  }
}
