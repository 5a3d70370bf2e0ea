package io.tidemark.meta.core;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.tidemark.common.config.Schedule;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/** When a table's schedule wants a refresh. */
public final class Due {
  private static final CronParser CRON =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private Due() {}

  /**
   * Decides.
   *
   * @param lastRequested when the table's last refresh was asked for, by whomever; empty: never
   * @param since when the table was defined
   * @param now on the same clock
   */
  public static boolean isDue(
      Schedule schedule, Optional<Instant> lastRequested, Instant since, Instant now) {
    return switch (schedule) {
      case Schedule.OnDemand onDemand -> false;
      case Schedule.Every every ->
          lastRequested.map(last -> !last.plus(every.interval()).isAfter(now)).orElse(true);
      case Schedule.Cron cron ->
          ExecutionTime.forCron(CRON.parse(cron.expression()))
              .nextExecution(lastRequested.orElse(since).atZone(ZoneOffset.UTC))
              .map(next -> !next.toInstant().isAfter(now))
              .orElse(false);
    };
  }
}
