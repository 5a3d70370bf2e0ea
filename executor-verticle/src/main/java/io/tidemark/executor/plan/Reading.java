package io.tidemark.executor.plan;

import io.tidemark.executor.plan.StagedPlan.Comparison;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What becomes of a version's rows in the target, as far as its definition does not say it: where
 * two refreshes of one definition read one version alike, they leave the same rows.
 *
 * @param form see {@link #FORM}
 */
public record Reading(int form, List<ReadColumn> columns) {
  /** To be raised where this Tidemark reads values otherwise than the one before it. */
  public static final int FORM = 1;

  public Reading {
    columns = List.copyOf(columns);
  }

  /**
   * A column that is read.
   *
   * @param wanted SQL type that takes its values
   * @param type SQL type of the target's column
   */
  public record ReadColumn(String name, String wanted, String type, Comparison compare) {}

  /**
   * Of a staged plan.
   *
   * @param plan that adds no columns any more
   */
  public static Reading of(RefreshPlan plan) {
    var staged = plan.staged().orElseThrow();
    return new Reading(
        FORM,
        IntStream.range(0, plan.columns().size())
            .mapToObj(
                column ->
                    new ReadColumn(
                        plan.columns().get(column).name(),
                        staged.wanted().get(column).type(),
                        plan.columns().get(column).targetType(),
                        staged.compare().get(column)))
            .toList());
  }
}
