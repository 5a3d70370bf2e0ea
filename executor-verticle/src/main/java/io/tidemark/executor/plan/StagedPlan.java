package io.tidemark.executor.plan;

import io.tidemark.common.config.StagingPolicy;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceVersion;
import java.util.List;

/**
 * How a staged refresh reads its source: the part of a {@link RefreshPlan} that only it has.
 *
 * @param version the one that is read, whole
 * @param wanted the columns of {@link RefreshPlan#columns}, in that order, as a connector is asked
 *     for them
 * @param keyLiterals SQL type of each key column without modifier: it reads a bound's text and cuts
 *     nothing off
 * @param compare how each of {@link RefreshPlan#columns} is compared
 * @param added columns that the target lacks and gets when the plan is stored
 * @param ignored columns of the version that are not read, for {@code schema-change: ignore-new}
 */
public record StagedPlan(
    SourceVersion version,
    List<WantedColumn> wanted,
    List<String> keyLiterals,
    List<Comparison> compare,
    StagingPolicy policy,
    List<AddedColumn> added,
    List<String> ignored) {
  public StagedPlan {
    wanted = List.copyOf(wanted);
    keyLiterals = List.copyOf(keyLiterals);
    compare = List.copyOf(compare);
    added = List.copyOf(added);
    ignored = List.copyOf(ignored);
  }

  /**
   * A column that the target gets.
   *
   * @param type as SQL
   */
  public record AddedColumn(String name, String type) {}

  /** When two values are the same. Never an equality that lets different values pass. */
  public enum Comparison {
    /** The type's own equality, under which equal values have equal bytes. */
    EQUAL,
    /** Byte for byte as Postgres stores them: 1.0 is not 1.00. */
    IMAGE,
    /** By their text: types of users, which may have no equality, or none on the search path. */
    TEXT
  }
}
