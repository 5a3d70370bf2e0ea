package io.tidemark.executor.plan;

import java.util.List;

/**
 * Keys that cut a table into slices of about as many rows each.
 *
 * @param cuts rising and distinct
 * @param rows how many rows the sample had
 * @param total how many rows the whole is estimated to have
 */
record KeySample(List<Cut> cuts, long rows, long total) {
  KeySample {
    cuts = List.copyOf(cuts);
  }

  /**
   * One key.
   *
   * @param key as text by key column
   * @param rank how many rows of the sample are at or below it
   */
  record Cut(List<String> key, long rank) {}
}
