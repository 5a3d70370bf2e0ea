package io.tidemark.executor.plan;

import io.tidemark.common.home.SqlName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Slices of the key order as SQL. It speaks of the bare columns, not of what they are cast to, so
 * that both sides use their index on the key, also where the source's integer is the target's
 * bigint; the order of both is the same.
 */
public final class KeyRange {
  private KeyRange() {}

  /**
   * A condition for the rows of {@code (lower, upper]}, for the source as well as for the target.
   *
   * @param lowerExclusive as text by key column; empty: open-ended
   * @param upperInclusive likewise
   * @return empty where both ends are open
   */
  public static Optional<String> predicate(
      RefreshPlan plan,
      Optional<List<String>> lowerExclusive,
      Optional<List<String>> upperInclusive) {
    var ends = new ArrayList<String>();
    lowerExclusive.ifPresent(bound -> ends.add(end(plan, " > ", bound)));
    upperInclusive.ifPresent(bound -> ends.add(end(plan, " <= ", bound)));
    return ends.isEmpty() ? Optional.empty() : Optional.of("(" + String.join(" AND ", ends) + ")");
  }

  /** The key columns for an ORDER BY that the index on the key delivers: {@code "a", "b"}. */
  public static String order(RefreshPlan plan) {
    return plan.keyColumns().stream()
        .map(column -> SqlName.quote(column.name()))
        .collect(Collectors.joining(", "));
  }

  private static String end(RefreshPlan plan, String operator, List<String> bound) {
    if (bound.size() != plan.keyTypes().size()) {
      throw new IllegalArgumentException(
          "a bound of " + bound.size() + " values for a key of " + plan.keyTypes().size());
    }
    var values =
        IntStream.range(0, bound.size())
            .mapToObj(i -> SqlName.literal(bound.get(i)) + "::" + literalType(plan, i))
            .collect(Collectors.joining(", "));
    return bound.size() == 1
        ? order(plan) + operator + values
        : "(" + order(plan) + ")" + operator + "(" + values + ")";
  }

  /** Without the column's modifier: a cast to varchar(n) would cut the value off. */
  private static String literalType(RefreshPlan plan, int index) {
    return plan.staged().isPresent()
        ? plan.staged().get().keyLiterals().get(index)
        : switch (plan.keyTypes().get(index)) {
          case INT2 -> "smallint";
          case INT4 -> "integer";
          case INT8 -> "bigint";
          case UUID -> "uuid";
          case DATE -> "date";
          case TIMESTAMP -> "timestamp";
          case TIMESTAMPTZ -> "timestamptz";
          case BYTEA -> "bytea";
          case TEXT -> "text";
          case HOME_ORDERED -> throw new IllegalStateException("only staged rows have such a key");
        };
  }
}
