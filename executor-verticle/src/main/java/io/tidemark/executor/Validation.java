package io.tidemark.executor;

import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.error.ErrorReport;
import java.util.List;

record Validation(ExecutorSettings settings) {
  static Validation of(ExecutorSettings settings) {
    return new Validation(settings);
  }

  List<ErrorReport> validate(ValidateTables request) {
    return List.of();
  }
}
