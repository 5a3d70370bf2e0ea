package io.tidemark.common.bus;

import java.util.List;

/**
 * Check definitions against their sources and the home, before anything is stored or started.
 *
 * @param origin what messages call the place they were written in: a file's name, or "request"
 * @param definitions JSON objects as the user wrote them, see {@code TableDefinition.written}
 */
public record ValidateTables(String origin, List<String> definitions) {
  public ValidateTables {
    definitions = List.copyOf(definitions);
  }
}
