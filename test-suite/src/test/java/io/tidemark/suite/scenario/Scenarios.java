package io.tidemark.suite.scenario;

import java.util.List;
import java.util.stream.Stream;

/** All scenarios. */
final class Scenarios {
  static final List<Scenario> ALL =
      Stream.of(RowChanges.all(), KeysAndSizes.all(), Accidents.all())
          .flatMap(List::stream)
          .toList();

  private Scenarios() {}
}
