package io.tidemark.common.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Collects what is wrong with one origin, so that the user hears all of it at once. */
final class Problems {
  private final String origin;
  private final List<ConfigProblem> found = new ArrayList<>();

  Problems(String origin) {
    this.origin = origin;
  }

  /**
   * @param line from 1; 0: unknown
   */
  void add(int line, Optional<String> table, String field, String message, String remedy) {
    found.add(
        new ConfigProblem(
            origin,
            line == 0 ? Optional.empty() : Optional.of(line),
            table,
            field,
            message,
            remedy));
  }

  /** About the origin as a whole, or a place in it before it has any meaning. */
  void add(int line, String message, String remedy) {
    add(line, Optional.empty(), "", message, remedy);
  }

  int count() {
    return found.size();
  }

  List<ConfigProblem> found() {
    return List.copyOf(found);
  }

  void throwIfAny() {
    if (!found.isEmpty()) {
      throw ConfigProblem.exception(found);
    }
  }
}
