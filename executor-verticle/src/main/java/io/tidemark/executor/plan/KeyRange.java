package io.tidemark.executor.plan;

import java.util.List;
import java.util.Optional;

public final class KeyRange {
  private KeyRange() {}

  public static Optional<String> predicate(
      RefreshPlan p, Optional<List<String>> a, Optional<List<String>> b) {
    return Optional.empty();
  }
}
