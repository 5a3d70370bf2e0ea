package io.tidemark.meta.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DueTest {
  private static final Instant DEFINED = Instant.parse("2026-03-01T10:07:00Z");

  @Test
  void onDemandIsNeverDue() {
    assertThat(due(new Schedule.OnDemand(), Optional.empty(), "2099-01-01T00:00:00Z")).isFalse();
  }

  @Test
  void anIntervalIsDueAtOnceAndThenThatLongAfterTheLastRequest() {
    var every = new Schedule.Every(Duration.ofMinutes(15));
    var last = Optional.of(Instant.parse("2026-03-01T11:00:00Z"));
    assertThat(due(every, Optional.empty(), "2026-03-01T10:07:00Z")).isTrue();
    assertThat(due(every, last, "2026-03-01T11:14:59Z")).isFalse();
    assertThat(due(every, last, "2026-03-01T11:15:00Z")).isTrue();
  }

  @Test
  void aCronTimeIsDueOnceHoweverLateItIsNoticed() {
    var cron = new Schedule.Cron("0 */4 * * *");
    assertThat(due(cron, Optional.empty(), "2026-03-01T11:59:59Z")).isFalse();
    assertThat(due(cron, Optional.empty(), "2026-03-01T12:00:00Z")).isTrue();
    var noticedLate = Optional.of(Instant.parse("2026-03-01T17:30:00Z"));
    assertThat(due(cron, noticedLate, "2026-03-01T19:59:00Z")).isFalse();
  }

  private static boolean due(Schedule schedule, Optional<Instant> last, String now) {
    return Due.isDue(schedule, last, DEFINED, Instant.parse(now));
  }
}
