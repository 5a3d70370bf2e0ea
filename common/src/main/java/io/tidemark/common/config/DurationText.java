package io.tidemark.common.config;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** Durations as users write them: a whole number and one unit of ms, s, m, h, d. */
public final class DurationText {
  private static final Pattern FORM = Pattern.compile("(\\d{1,12})\\s?(ms|s|m|h|d)");

  private DurationText() {}

  /** Empty where the text is not a duration. */
  public static Optional<Duration> parse(String text) {
    var parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      return Optional.empty();
    }
    long amount = Long.parseLong(parts.group(1));
    return Optional.of(
        switch (parts.group(2)) {
          case "ms" -> Duration.ofMillis(amount);
          case "s" -> Duration.ofSeconds(amount);
          case "m" -> Duration.ofMinutes(amount);
          case "h" -> Duration.ofHours(amount);
          default -> Duration.ofDays(amount);
        });
  }

  /** The shortest form that {@link #parse} reads back. */
  public static String of(Duration duration) {
    if (duration.toMillisPart() != 0) {
      return duration.toMillis() + "ms";
    } else if (duration.toSecondsPart() != 0 || duration.isZero()) {
      return duration.toSeconds() + "s";
    } else if (duration.toMinutesPart() != 0) {
      return duration.toMinutes() + "m";
    } else if (duration.toHoursPart() != 0) {
      return duration.toHours() + "h";
    }
    return duration.toDays() + "d";
  }
}
