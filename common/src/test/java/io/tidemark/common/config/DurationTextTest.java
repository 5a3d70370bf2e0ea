package io.tidemark.common.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationTextTest {
  @ParameterizedTest
  @CsvSource({"500ms,PT0.5S", "0s,PT0S", "90s,PT1M30S", "15m,PT15M", "36h,PT36H", "1d,PT24H"})
  void aNumberAndAUnit(String text, Duration duration) {
    assertThat(DurationText.parse(text)).contains(duration);
    assertThat(DurationText.parse(DurationText.of(duration))).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "m", "1.5h", "-1s", "1w", "1h30m", "9999999999999s", "PT5M"})
  void nothingElse(String text) {
    assertThat(DurationText.parse(text)).isEmpty();
  }
}
