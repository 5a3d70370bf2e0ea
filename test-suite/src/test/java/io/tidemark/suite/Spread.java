package io.tidemark.suite;

import java.util.Arrays;

/** Of what was measured several times. */
record Spread(double median, double least, double most) {
  static Spread of(double... values) {
    var sorted = values.clone();
    Arrays.sort(sorted);
    var middle = sorted.length / 2;
    var median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    return new Spread(median, sorted[0], sorted[sorted.length - 1]);
  }

  @Override
  public String toString() {
    return "%.2f (%.2f to %.2f)".formatted(median, least, most);
  }
}
