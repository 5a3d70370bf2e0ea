package io.tidemark.suite;

import java.util.Arrays;

/**
 * A median, and between which two of the values the true one lies with at least 95 % certainty,
 * whatever the values' distribution: the interval of the sign test.
 */
record MedianInterval(double median, double low, double high) {
  private static final double BEYOND_ONE_SIDE = 0.025;

  /**
   * @param values at least 6; of fewer the interval is all of them, and less certain
   */
  static MedianInterval of(double... values) {
    var sorted = values.clone();
    Arrays.sort(sorted);
    var rank = rank(sorted.length);
    return new MedianInterval(
        Spread.of(values).median(), sorted[rank], sorted[sorted.length - 1 - rank]);
  }

  /** So many values may be left out at either end. */
  private static int rank(int count) {
    var probability = Math.pow(0.5, count);
    var beyond = probability;
    var rank = 0;
    while (true) {
      probability *= (double) (count - rank) / (rank + 1);
      beyond += probability;
      if (beyond > BEYOND_ONE_SIDE || rank + 1 > (count - 1) / 2) {
        return rank;
      }
      rank++;
    }
  }

  @Override
  public String toString() {
    return "%.3f (%.3f to %.3f)".formatted(median, low, high);
  }
}
