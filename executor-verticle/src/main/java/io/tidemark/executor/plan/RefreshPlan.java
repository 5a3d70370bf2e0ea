package io.tidemark.executor.plan;

import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.plan.StagedPlan.Comparison;
import java.util.List;
import java.util.Optional;

/**
 * What a refresh reads, compares and writes. Made once, stored as JSON in {@code refreshes.plan},
 * so that whoever resumes does the same.
 *
 * @param sourceRelation quoted, schema-qualified
 * @param sourceWhere SQL condition on the source's rows
 * @param targetSchema of the target, unquoted
 * @param targetName of the target, unquoted
 * @param firstLoad the target does not exist: it is loaded aside and renamed at the end
 * @param columns all columns that are compared and written; the key columns first, in key order, as
 *     both sides are read
 * @param keyTypes of the leading {@code keyTypes.size()} columns
 * @param replace which updates must go in as delete-then-insert
 * @param staged how the source is read in splits; empty: it is merged as a stream
 * @param why a Postgres source goes this way of the two, in words; empty: another source has no
 *     choice
 */
public record RefreshPlan(
    String sourceRelation,
    Optional<String> sourceWhere,
    String targetSchema,
    String targetName,
    boolean firstLoad,
    List<PlannedColumn> columns,
    List<KeyType> keyTypes,
    Replace replace,
    Optional<StagedPlan> staged,
    Optional<String> why) {
  public RefreshPlan {
    columns = List.copyOf(columns);
    keyTypes = List.copyOf(keyTypes);
  }

  public List<PlannedColumn> keyColumns() {
    return columns.subList(0, keyTypes.size());
  }

  /**
   * Whether an update may change the column at this index: of a key column only where its type
   * calls different values equal, such as 1.0 and 1.00.
   */
  public boolean updates(int index) {
    return index >= keyTypes.size()
        || staged.filter(it -> it.compare().get(index) != Comparison.EQUAL).isPresent();
  }

  public QualifiedName target() {
    return new QualifiedName(targetSchema, targetName);
  }

  /** The same, with why its source goes this way. */
  public RefreshPlan because(Optional<String> reason) {
    return new RefreshPlan(
        sourceRelation,
        sourceWhere,
        targetSchema,
        targetName,
        firstLoad,
        columns,
        keyTypes,
        replace,
        staged,
        reason);
  }

  public List<PlannedColumn> valueColumns() {
    return columns.subList(keyTypes.size(), columns.size());
  }

  /**
   * Updates that go in as delete-then-insert: those that change a column of a further unique or
   * exclusion constraint, so that swapped values cannot collide, or a {@code GENERATED ALWAYS AS
   * IDENTITY} column, which Postgres does not let anyone update.
   *
   * @param all every update: a unique index is over an expression or is partial
   * @param columns otherwise those that change one of these value columns; empty: none
   */
  public record Replace(boolean all, List<String> columns) {
    public static final Replace NONE = new Replace(false, List.of());

    public Replace {
      columns = List.copyOf(columns);
    }

    public boolean any() {
      return all || !columns.isEmpty();
    }
  }
}
