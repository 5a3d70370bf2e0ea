package io.tidemark.executor.source;

import java.util.List;
import java.util.Optional;

/**
 * One version of a source: a refresh reads this one, whole, or fails. Stored with the refresh as
 * JSON.
 *
 * @param columns in the source's order
 * @param key the source's own primary key, empty where it has none
 * @param splits together they hold every row once; none: the source is empty
 * @param identity where it equals that of the last refresh that succeeded, nothing has changed and
 *     nothing need be read: a snapshot id, for instance. Empty: that cannot be known
 * @param spec whatever else the connector needs to find this version again, JSON; may be empty
 */
public record SourceVersion(
    List<SourceColumn> columns,
    List<String> key,
    List<Split> splits,
    Optional<String> identity,
    String spec) {
  public SourceVersion {
    columns = List.copyOf(columns);
    key = List.copyOf(key);
    splits = List.copyOf(splits);
  }
}
