package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ChaosScheduleTest {
  private static final List<String> NODES = List.of("a", "b", "c", "d", "e");
  private static final int SECONDS = 120;

  @Test
  void aScheduleFollowsFromItsSeed() {
    assertThat(ChaosSchedule.of(7, SECONDS, NODES)).isEqualTo(ChaosSchedule.of(7, SECONDS, NODES));
    assertThat(ChaosSchedule.of(7, SECONDS, NODES))
        .isNotEqualTo(ChaosSchedule.of(8, SECONDS, NODES));
  }

  @Test
  void itEndsInTimeAndLeavesSomebodyToGoOn() {
    for (var seed = 0L; seed < 200; seed++) {
      var strikes = ChaosSchedule.of(seed, SECONDS, NODES).strikes();
      assertThat(strikes).hasSizeGreaterThan(10);
      for (var strike : strikes) {
        assertThat(strike.end()).isLessThan(SECONDS * 1_000);
        var atOnce =
            strikes.stream()
                .filter(it -> it.at() <= strike.at() && it.end() >= strike.at())
                .map(ChaosSchedule.Strike::victim)
                .toList();
        assertThat(atOnce).hasSizeLessThanOrEqualTo(2).doesNotHaveDuplicates();
      }
    }
  }

  @Test
  void allFaultsHappen() {
    assertThat(
            LongStream.range(0, 20)
                .boxed()
                .flatMap(seed -> ChaosSchedule.of(seed, SECONDS, NODES).strikes().stream())
                .map(ChaosSchedule.Strike::fault)
                .collect(Collectors.toSet()))
        .containsExactlyInAnyOrder(ChaosFault.values());
  }
}
