package io.tidemark.common.refresh;

import java.util.List;

/**
 * What loading a staged refresh met and did not read: stored as {@code refreshes.load_report}, and
 * shown with the refresh.
 *
 * @param quarantined rows in {@code tidemark.quarantine}
 * @param nullKeys rows left out because they lack a value in a key column
 * @param duplicates rows left out because another has their key
 * @param samples a few of them, in words
 */
public record LoadReport(long quarantined, long nullKeys, long duplicates, List<String> samples) {
  public static final LoadReport NOTHING = new LoadReport(0, 0, 0, List.of());

  public LoadReport {
    samples = List.copyOf(samples);
  }
}
