package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MedianIntervalTest {
  private static MedianInterval upTo(int count) {
    return MedianInterval.of(IntStream.rangeClosed(1, count).asDoubleStream().toArray());
  }

  @Test
  void leavesOutAsManyAtEitherEndAsTheSignTestAllowsAtFivePercent() {
    assertThat(upTo(6)).isEqualTo(new MedianInterval(3.5, 1, 6));
    assertThat(upTo(9)).isEqualTo(new MedianInterval(5, 2, 8));
    assertThat(upTo(12)).isEqualTo(new MedianInterval(6.5, 3, 10));
    assertThat(upTo(20)).isEqualTo(new MedianInterval(10.5, 6, 15));
  }

  @Test
  void isAllOfTheValuesWhereThereAreTooFew() {
    assertThat(upTo(1)).isEqualTo(new MedianInterval(1, 1, 1));
    assertThat(upTo(4)).isEqualTo(new MedianInterval(2.5, 1, 4));
  }
}
