package io.tidemark.executor.plan;

/**
 * One column of a refresh. Both sides are read as the <em>wire type</em>: the target's own type
 * where its binary form means the same in both databases, {@code text} where it does not
 * (composites, arrays of user-defined types, reg* types…). Equal wire bytes are equal values.
 *
 * @param name in source and target
 * @param sourceExpression SQL over the source's row that yields the wire value: {@code
 *     "id"::bigint}
 * @param targetExpression SQL over the target's row that yields the wire value
 * @param wireType SQL type of the wire value in the home, with its modifier
 * @param wireOid OID of that type in the home
 * @param targetType SQL type of the column in the target, schema-qualified, with modifier and,
 *     where it matters, collation
 * @param notNull whether a target that is created gets NOT NULL
 * @param ordinal its place among the columns of a target that is created, from 0: as the source has
 *     them
 */
public record PlannedColumn(
    String name,
    String sourceExpression,
    String targetExpression,
    String wireType,
    int wireOid,
    String targetType,
    boolean notNull,
    int ordinal) {
  /** Whether the target's own type differs from the wire type, so that applying must cast. */
  public boolean cast() {
    return !targetType.equals(wireType) && !targetType.startsWith(wireType + " COLLATE ");
  }
}
