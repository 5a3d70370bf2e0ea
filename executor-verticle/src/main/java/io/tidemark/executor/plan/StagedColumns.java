package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Cast;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.catalog.Type;
import io.tidemark.executor.plan.StagedPlan.Comparison;
import io.tidemark.executor.source.SourceColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What each column of a staged source becomes in the home. */
final class StagedColumns {
  private static final String BYTE_ORDER = " COLLATE pg_catalog.\"C\"";

  private final Map<String, ColumnType> types;
  private final Set<Cast> casts;
  private final List<Problem> problems;

  /**
   * @param types of the source's columns, as far as the home knows them
   * @param casts that the home makes by itself
   */
  StagedColumns(Map<String, ColumnType> types, Set<Cast> casts, List<Problem> problems) {
    this.types = types;
    this.casts = casts;
    this.problems = problems;
  }

  /**
   * A column on both sides.
   *
   * @param planned its ordinal is its place among the source's columns
   * @param literal SQL type without modifier
   * @param wanted SQL type as the connector is asked for it
   */
  record StagedColumn(
      PlannedColumn planned, Comparison compare, String literal, String wanted, Type base) {}

  /** In the target's order, without the columns that it generates. */
  List<StagedColumn> existing(Relation target, List<SourceColumn> read, List<String> key) {
    var columns = new ArrayList<StagedColumn>();
    for (var column : target.columns()) {
      if (!column.generated()) {
        read.stream()
            .filter(source -> source.name().equals(column.name()))
            .filter(source -> accepted(source, column.type()))
            .map(source -> existing(source, column, read.indexOf(source), key))
            .forEach(columns::add);
      }
    }
    return columns;
  }

  /** Those that the home does not have yet, as the source describes them. */
  List<StagedColumn> created(List<SourceColumn> read, List<SourceColumn> which, List<String> key) {
    var columns = new ArrayList<StagedColumn>();
    for (var source : which) {
      var type = types.get(source.name());
      if (type == null) {
        problems.add(
            Problem.of(
                ErrorCode.TYPE_INCOMPATIBLE,
                "source",
                "column %s is of type %s, which the home lacks"
                    .formatted(QualifiedName.shown(source.name()), source.type()),
                "Create the type in the home, or give the column another in the source."));
      } else {
        columns.add(created(source, type, read.indexOf(source), key.contains(source.name())));
      }
    }
    return columns;
  }

  private static StagedColumn existing(
      SourceColumn source, Column target, int ordinal, List<String> key) {
    var collation =
        target
            .collation()
            .filter(Column.Collation::explicit)
            .map(it -> " COLLATE " + SqlName.quote(it.schema(), it.name()))
            .orElse("");
    var deterministic = target.collation().map(Column.Collation::deterministic).orElse(true);
    return column(
        source.name(),
        target.type(),
        target.type().baseSql(),
        target.type().sql() + collation,
        deterministic,
        target.declaredNotNull() && !key.contains(source.name()),
        ordinal);
  }

  private static StagedColumn created(
      SourceColumn source, ColumnType type, int ordinal, boolean key) {
    var text = key && (type.base().oid() == WireForm.TEXT || type.base().oid() == WireForm.VARCHAR);
    return column(
        source.name(),
        type,
        source.type(),
        source.type() + (text ? BYTE_ORDER : ""),
        true,
        source.notNull() && !key,
        ordinal);
  }

  private static StagedColumn column(
      String name,
      ColumnType type,
      String baseSql,
      String targetSql,
      boolean deterministic,
      boolean notNull,
      int ordinal) {
    var quoted = SqlName.quote(name);
    var compare = ValueRules.of(type, deterministic);
    var text = compare == Comparison.TEXT;
    return new StagedColumn(
        new PlannedColumn(
            name,
            quoted,
            text ? quoted + "::text" : quoted,
            text ? "text" : baseSql,
            text ? WireForm.TEXT : type.base().oid(),
            targetSql,
            notNull,
            ordinal),
        compare,
        type.unlimitedSql(),
        baseSql,
        type.base());
  }

  /** Values travel as text or in the target's own form: what is sure not to fit is refused. */
  private boolean accepted(SourceColumn source, ColumnType target) {
    var from = Optional.ofNullable(types.get(source.name())).map(ColumnType::base);
    var fits =
        source.guessed()
            || (target.base().category() == 'S' && target.base().builtIn())
            || from.filter(
                    it ->
                        it.oid() == target.base().oid()
                            || it.category() == 'S'
                            || casts.contains(new Cast(it.oid(), target.base().oid())))
                .isPresent();
    if (!fits) {
      problems.add(
          Problem.of(
              ErrorCode.TYPE_INCOMPATIBLE,
              "target",
              "column %s: %s in the source is not cast to the target's %s"
                  .formatted(QualifiedName.shown(source.name()), source.type(), target.sql())));
    }
    return fits;
  }
}
