package io.tidemark.executor.source.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader.Format;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A position says what was read only where rows come as they lie. */
class RowOrderTest {
  private static final Split SPLIT = new Split(0, "public.t", "", 0, 0);

  @ParameterizedTest
  @EnumSource(Format.class)
  void rowsThatComeOutOfTheirOrderEndTheRead(Format format) throws Exception {
    try (var databases = databases();
        var reader = reader(databases, format, "ORDER BY id DESC", Optional.empty())) {
      assertThatThrownBy(reader::next).satisfies(RowOrderTest::isOrderBroken);
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void aRowThatWasReadBeforeEndsTheReadThatGoesOn(Format format) throws Exception {
    try (var databases = databases();
        var reader = reader(databases, format, "ORDER BY ctid", Optional.of("(0,1)"))) {
      assertThatThrownBy(reader::next).satisfies(RowOrderTest::isOrderBroken);
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void rowsAsTheyLieAreRead(Format format) throws Exception {
    try (var databases = databases();
        var reader =
            reader(databases, format, "WHERE id > 1 ORDER BY ctid", Optional.of("(0,1)"))) {
      var batch = reader.next();
      assertThat(batch).isNotNull();
      assertThat(batch.rows()).isEqualTo(999);
      assertThat(reader.next()).isNull();
    }
  }

  @Test
  void placesAreNumbersInTheirOrder() {
    assertThat(CopiedRows.at("(0,1)")).isOne().isGreaterThan(CopiedRows.NOWHERE);
    assertThat(CopiedRows.at("(9,65535)")).isLessThan(CopiedRows.at("(10,1)"));
    assertThat(CopiedRows.at("(4294967294,7)")).isEqualTo((0xfffffffeL << 16) | 7);
  }

  /** 1,000 rows in a few blocks. */
  private static TwoDatabases databases() throws SQLException {
    return new TwoDatabases()
        .atSource(
            "CREATE TABLE public.t (id int PRIMARY KEY, pad text)",
            "INSERT INTO public.t SELECT i, repeat('x', 100) FROM generate_series(1, 1000) i");
  }

  private static PostgresReader reader(
      TwoDatabases databases, Format format, String order, Optional<String> after)
      throws SQLException {
    return PostgresReader.open(
        databases.sourceAddress.connect("test reader"),
        SPLIT,
        true,
        after,
        format,
        "COPY (SELECT ctid, id, pad FROM public.t %s) TO STDOUT (FORMAT %s)"
            .formatted(order, format.name().toLowerCase(java.util.Locale.ROOT)),
        2);
  }

  private static void isOrderBroken(Throwable error) {
    assertThat(((TidemarkException) error).code()).isEqualTo(ErrorCode.SOURCE_ORDER_BROKEN);
  }
}
