package io.tidemark.common.config;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;

/** {@code {every: 15m}} or {@code {cron: "0 *}{@code /4 * * *"}}. */
final class ScheduleReader {
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3650);

  /** Any moment will do to see whether a cron expression ever comes. */
  private static final ZonedDateTime SOME_TIME =
      ZonedDateTime.of(2000, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private static final String REMEDY =
      "write five fields (minute hour day month weekday) such as \"0 */4 * * *\"";

  private ScheduleReader() {}

  /** The schedule; empty where anything was wrong. */
  static Optional<Schedule> read(Section section) {
    var every = section.duration("every", SHORTEST, LONGEST, "15m");
    var cron = section.resolved("cron").filter(text -> comes(section, text));
    if (section.has("every") && section.has("cron")) {
      section.problem("cron", "stands next to every", "keep one of them");
    } else if (!section.has("every") && !section.has("cron")) {
      section.require("every", "write `schedule: {every: 15m}` or `{cron: \"0 */4 * * *\"}`");
    }
    section.end();
    return every.<Schedule>map(Schedule.Every::new).or(() -> cron.map(Schedule.Cron::new));
  }

  private static boolean comes(Section section, String expression) {
    try {
      var cron =
          new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX))
              .parse(expression)
              .validate();
      if (ExecutionTime.forCron(cron).nextExecution(SOME_TIME).isPresent()) {
        return true;
      }
      section.problem("cron", section.shownValue("cron") + " never comes", REMEDY);
    } catch (IllegalArgumentException e) {
      section.problem(
          "cron", section.shownValue("cron") + " is not a cron expression of five fields", REMEDY);
    }
    return false;
  }
}
