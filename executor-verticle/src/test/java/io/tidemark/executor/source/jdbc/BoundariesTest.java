package io.tidemark.executor.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BoundariesTest {
  private static List<String> evenly(String least, String most, int splits) {
    return Boundaries.evenly(new BigDecimal(least), new BigDecimal(most), splits);
  }

  @Test
  void numbersAreCutIntoEqualRanges() {
    assertThat(evenly("0", "100", 4)).containsExactly("25", "50", "75");
    assertThat(evenly("-9223372036854775808", "9223372036854775807", 2)).containsExactly("-1");
    assertThat(evenly("0", "18446744073709551615", 2)).containsExactly("9223372036854775807");
    assertThat(evenly("1.5", "2.5", 4)).containsExactly("1");
    assertThat(evenly("7", "7", 8)).containsExactly("7");
  }

  @Test
  void rangesLeaveNoGapAndHaveNoEnds() {
    var ranges = KeyRange.between("id", List.of("10", "20"));
    assertThat(ranges)
        .containsExactly(
            new KeyRange(Optional.of("id"), Optional.empty(), Optional.of("10")),
            new KeyRange(Optional.of("id"), Optional.of("10"), Optional.of("20")),
            new KeyRange(Optional.of("id"), Optional.of("20"), Optional.empty()));
    assertThat(ranges.getFirst().conditions("`id`")).containsExactly("(`id` <= ? OR `id` IS NULL)");
    assertThat(ranges.get(1).name("parts")).isEqualTo("parts, 10 < id <= 20");
    assertThat(KeyRange.between("id", List.of())).containsExactly(KeyRange.ALL);
  }

  @Test
  void aTablesNameIsReadInParts() {
    assertThat(TableName.parse("a.\"b.c\".`d`").orElseThrow().parts())
        .containsExactly(
            new TableName.Part("a", false),
            new TableName.Part("b.c", true),
            new TableName.Part("d", true));
    for (var wrong : List.of("", "a.", ".a", "a.b.c.d", "\"a", "\"a\"b")) {
      assertThat(TableName.parse(wrong)).as(wrong).isEmpty();
    }
  }
}
