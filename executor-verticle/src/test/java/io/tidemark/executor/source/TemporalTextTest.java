package io.tidemark.executor.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TemporalTextTest {
  @ParameterizedTest
  @CsvSource({
    "2024-02-29,2024-02-29",
    "0001-01-01,0001-01-01",
    "0000-12-31,0001-12-31 BC",
    "-0043-03-15,0044-03-15 BC",
    "0000-02-29,0001-02-29 BC",
    "+12345-01-01,12345-01-01"
  })
  void yearsOutsideFourDigitsAreWrittenAsPostgresReadsThem(String java, String text) {
    var date = LocalDate.parse(java);
    assertThat(TemporalText.of(date)).isEqualTo(text);
    assertThat(TemporalText.parseDate(text)).isEqualTo(date);
    var at = LocalDateTime.parse(java + "T01:02:03.000004");
    assertThat(TemporalText.parseTimestamp(TemporalText.of(at))).isEqualTo(at);
    var instant = OffsetDateTime.parse(java + "T01:02+05:30");
    assertThat(TemporalText.parseZoned(TemporalText.of(instant))).isEqualTo(instant);
  }
}
