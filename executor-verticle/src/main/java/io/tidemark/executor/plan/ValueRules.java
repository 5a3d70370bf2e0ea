package io.tidemark.executor.plan;

import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.plan.StagedPlan.Comparison;
import java.util.Set;

/**
 * How the home compares two values of a type, both of which have gone through it: so that spelling
 * (zeros, blanks, time zones) makes no difference that the type does not keep, and every one that
 * it keeps is found.
 */
final class ValueRules {
  /**
   * Types whose equal values have equal bytes: bool, bytea, "char", name, int8, int2, int4, text,
   * oid, money, macaddr, date, time, timestamp, timestamptz, varchar, bit, varbit, uuid.
   */
  private static final Set<Integer> EXACT =
      Set.of(
          16, 17, 18, 19, 20, 21, 23, 25, 26, 790, 829, 1082, 1083, 1114, 1184, 1043, 1560, 1562,
          2950);

  private static final int NUMERIC = 1700;

  private ValueRules() {}

  /**
   * Decides.
   *
   * @param deterministic whether the column's collation calls only equal texts equal
   */
  static Comparison of(ColumnType type, boolean deterministic) {
    var base = type.base();
    if (!WireForm.binary(base)) {
      return Comparison.TEXT;
    }
    // Under a fixed scale or length 1.0 and 1.00, "a" and "a " cannot both be there.
    var fixed =
        type.baseTypmod() != WireForm.ANY_MODIFIER
            && (base.oid() == NUMERIC || base.oid() == WireForm.BPCHAR);
    var exact = EXACT.contains(base.oid()) || base.kind() == 'e' || fixed;
    return exact && deterministic ? Comparison.EQUAL : Comparison.IMAGE;
  }
}
