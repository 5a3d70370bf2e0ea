package io.tidemark.common.config;

import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.Visibility;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A refreshable table: one source, one target, a key, a policy. Strings still hold their {@code
 * ${env:…}} and {@code ${file:…}}: they are resolved where they are used, and so never stored.
 *
 * @param name unique in the home; what commands and URLs call it
 * @param target name in the home, schema-qualified, as SQL would write it
 * @param key key columns; empty: the source's primary key
 * @param vnodes how many slices to plan
 * @param timeout time of work after which a refresh ends FAILED, resumable
 * @param rowsPerSecond upper limit on rows read, over all lanes; empty: none
 * @param merge which way a Postgres source goes
 * @param staging what a staged refresh does with rows and columns that do not fit
 * @param written the JSON object that the user wrote, as it is stored and shown (shown: redacted)
 */
public record TableDefinition(
    String name,
    SourceDefinition source,
    String target,
    List<String> key,
    int vnodes,
    Visibility visibility,
    Consistency consistency,
    Schedule schedule,
    Optional<Duration> timeout,
    Optional<Long> rowsPerSecond,
    GuardPolicy guard,
    MergeChoice merge,
    StagingPolicy staging,
    String written) {
  public static final int DEFAULT_VNODES = 256;
  public static final int MAX_VNODES = 65_536;

  public TableDefinition {
    key = List.copyOf(key);
  }

  /** Without what might hold a secret. */
  @Override
  public String toString() {
    return "TableDefinition[" + name + "]";
  }
}
