package io.tidemark.executor.plan;

import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Cast;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Type;
import java.util.Optional;
import java.util.Set;

/**
 * How a column's values travel: as the binary form of the target's base type where that means the
 * same in both databases, otherwise as text; and what the source must cast so that it does. Casts
 * are those that {@code INSERT … SELECT} would make by itself, except that nothing is ever cut off
 * silently.
 */
sealed interface WireForm {
  /** The SELECT expressions of both sides, and the type of what they yield, in the home. */
  record Found(String sourceExpression, String targetExpression, String wireType, int wireOid)
      implements WireForm {}

  /** There is no such cast. */
  record Impossible(String why) implements WireForm {}

  int CHAR = 18;
  int NAME = 19;
  int TEXT = 25;
  int BPCHAR = 1042;
  int VARCHAR = 1043;
  int BIT = 1560;
  int VARBIT = 1562;
  int ANY_MODIFIER = -1;

  /**
   * Decides.
   *
   * @param target the column's type in the home
   * @param targetAtSource the target's base type as the source knows it; empty: it does not
   * @param casts that the source makes by itself
   */
  static WireForm of(
      Column source, ColumnType target, Optional<Type> targetAtSource, Set<Cast> casts) {
    var from = source.type();
    var quoted = SqlName.quote(source.name());
    if (fixedLength(target) && !fixedLengthFits(from, target)) {
      return new Impossible(tooLong(from, target));
    }
    String value;
    if (same(from.base(), target.base())) {
      value = modifierFits(from, target) ? quoted : quoted + "::" + target.baseSql();
    } else if (cutsOff(target.base())) {
      return new Impossible(tooLong(from, target));
    } else if (castable(from.base(), target.base(), targetAtSource, casts)) {
      value = quoted + "::" + (variableLength(target) ? target.unlimitedSql() : target.baseSql());
    } else {
      return new Impossible(
          from.sql() + " in the source is not cast to the target's " + target.sql());
    }
    return binary(target.base())
        ? new Found(value, quoted, target.baseSql(), target.base().oid())
        : new Found(value + "::text", quoted + "::text", "text", TEXT);
  }

  /** Whether values of that type have a binary form that means the same in every database. */
  static boolean binary(Type type) {
    if (type.kind() == 'e') {
      return true;
    }
    var internal =
        type.schema().equals("pg_catalog")
            && (type.name().startsWith("reg")
                || type.name().equals("aclitem")
                || (type.name().startsWith("pg_")
                    && !type.name().equals("pg_lsn")
                    && !type.name().equals("pg_snapshot")));
    return type.builtIn() && type.sends() && type.kind() != 'c' && !internal;
  }

  /** Whether both are one type: by OID where that says it, by name where users made it. */
  private static boolean same(Type source, Type target) {
    if (source.builtIn() || target.builtIn()) {
      return source.oid() == target.oid();
    }
    if (source.kind() == 'e' && target.kind() == 'e') {
      return true; // labels are compared, whatever the types are called
    }
    return source.kind() == target.kind()
        && source.array() == target.array()
        && source.elementKind() == target.elementKind()
        && source.name().equals(target.name());
  }

  private static boolean castable(
      Type source, Type target, Optional<Type> targetAtSource, Set<Cast> casts) {
    if (target.category() == 'S' && target.builtIn()) {
      return true; // to strings everything is assigned by its text
    }
    var known = target.builtIn() ? Optional.of(target) : targetAtSource;
    return known.filter(to -> assigned(source, to, casts)).isPresent();
  }

  private static boolean assigned(Type source, Type target, Set<Cast> casts) {
    if (source.array() && target.array()) {
      return source.elementOid() == target.elementOid()
          || casts.contains(new Cast(source.elementOid(), target.elementOid()));
    }
    return casts.contains(new Cast(source.oid(), target.oid()));
  }

  /** Whether values of the same type need no cast to fit the target's modifier. */
  private static boolean modifierFits(ColumnType source, ColumnType target) {
    return source.baseTypmod() == target.baseTypmod()
        || target.baseTypmod() == ANY_MODIFIER
        || variableLength(target)
        || !target.base().builtIn();
  }

  /** A value too long must fail when it is written: an explicit cast would cut it off. */
  private static boolean variableLength(ColumnType type) {
    var oid = scalar(type.base());
    return oid == VARCHAR || oid == VARBIT;
  }

  /** Types without a modifier whose casts cut off all the same. */
  private static boolean cutsOff(Type type) {
    return scalar(type) == NAME || scalar(type) == CHAR;
  }

  private static boolean fixedLength(ColumnType type) {
    var oid = scalar(type.base());
    return (oid == BPCHAR || oid == BIT) && type.baseTypmod() != ANY_MODIFIER;
  }

  private static boolean fixedLengthFits(ColumnType source, ColumnType target) {
    return scalar(source.base()) == scalar(target.base())
        && source.base().array() == target.base().array()
        && source.baseTypmod() != ANY_MODIFIER
        && (scalar(target.base()) == BPCHAR
            ? source.baseTypmod() <= target.baseTypmod()
            : source.baseTypmod() == target.baseTypmod());
  }

  private static String tooLong(ColumnType source, ColumnType target) {
    return source.sql() + " in the source may not fit the target's " + target.sql();
  }

  private static int scalar(Type type) {
    return type.array() ? type.elementOid() : type.oid();
  }
}
