package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.common.refresh.Visibility;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ForeignKey;
import io.tidemark.executor.catalog.Index;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.catalog.Type;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What an existing target must be like, and which of its updates need care. */
final class TargetRules {
  private static final Set<String> OTHERS = Set.of("tidemark", "pg_catalog", "information_schema");
  private static final List<String> PRIVILEGES = List.of("SELECT", "INSERT", "UPDATE", "DELETE");

  private TargetRules() {}

  /** Whether Tidemark may write there at all. */
  static List<Problem> schema(QualifiedName target) {
    return OTHERS.contains(target.schema())
        ? List.of(
            unsuitable(
                "schema " + target.schema() + " is not for tables of users",
                "Name another target."))
        : List.of();
  }

  /** Whether a target of that name can be created. */
  static List<Problem> creatable(QualifiedName name, Catalog home) throws SQLException {
    var problems = new ArrayList<Problem>();
    if (!home.canCreateIn(name.schema())) {
      problems.add(
          unsuitable(
              "the home has no table " + name + ", and its user may not create it",
              "Create the table, or GRANT CREATE on the schema or database to the home's user."));
    }
    var type = new Type.TypeName(name.schema(), name.name(), false);
    if (!home.types(List.of(type), List.of(-1)).isEmpty()) {
      problems.add(
          unsuitable(
              name + " is a type, and a table of that name cannot be created beside it",
              "Name another target, or drop or rename what is there."));
    }
    return problems;
  }

  /** What the target is, and whether this user may write to it. */
  static List<Problem> relation(Relation target) {
    var problems = new ArrayList<Problem>();
    if (!target.kind().writable()) {
      problems.add(
          unsuitable(
              target.name() + " is a " + target.kind().words() + ", not a table",
              "Name another target, or drop or rename what is there."));
      return problems;
    }
    if (target.inherited()) {
      problems.add(
          unsuitable(
              "other tables inherit from " + target.name() + ", and their rows would be compared",
              "Name another target, or make it a partitioned table."));
    }
    var lacking = PRIVILEGES.stream().filter(it -> !target.privileges().contains(it)).toList();
    if (!target.privileges().contains("USAGE")) {
      problems.add(
          unsuitable(
              "the home's user may not use schema " + target.name().schema(),
              "GRANT USAGE ON SCHEMA "
                  + SqlName.quote(target.name().schema())
                  + " to the home's user."));
    }
    if (!lacking.isEmpty()) {
      var list = String.join(", ", lacking);
      problems.add(
          unsuitable(
              "the home's user lacks " + list + " on " + target.name(),
              "GRANT " + list + " ON " + target.name().quoted() + " to the home's user."));
    }
    return problems;
  }

  /** The key must be unique at once, in all rows, never null, and not computed. */
  static List<Problem> key(Relation target, List<String> key) {
    var problems = new ArrayList<Problem>();
    var alter = "ALTER TABLE " + target.name().quoted() + " ";
    for (var name : key) {
      var column = target.column(name);
      if (column.isEmpty()) {
        continue; // reported as a missing column
      }
      var shown = "key column " + QualifiedName.shown(name);
      if (column.get().generated()) {
        problems.add(
            unsuitable(
                shown + " is a generated column of " + target.name(),
                alter + "ALTER COLUMN " + SqlName.quote(name) + " DROP EXPRESSION"));
      }
      if (!column.get().notNull()) {
        problems.add(
            unsuitable(
                shown + " may be null in " + target.name(),
                alter + "ALTER COLUMN " + SqlName.quote(name) + " SET NOT NULL"));
      }
    }
    if (problems.isEmpty() && target.indexes().stream().noneMatch(index -> enforces(index, key))) {
      var columns = key.stream().map(SqlName::quote).collect(Collectors.joining(", "));
      problems.add(
          unsuitable(
              target.name()
                  + " has no unique index on exactly "
                  + columns
                  + " that holds for all rows and is checked at once",
              alter + "ADD UNIQUE (" + columns + ")"));
    }
    return problems;
  }

  /** Columns of the target that the source lacks keep what they hold: they need to allow that. */
  static List<Problem> extras(Relation target, Set<String> planned) {
    return extraColumns(target, planned).stream()
        .filter(column -> column.notNull() && !column.hasDefault())
        .map(
            column ->
                Problem.of(
                    ErrorCode.COLUMN_MISSING,
                    "target",
                    "the source lacks column "
                        + QualifiedName.shown(column.name())
                        + ", which in "
                        + target.name()
                        + " is NOT NULL and has no default",
                    "ALTER TABLE "
                        + target.name().quoted()
                        + " ALTER COLUMN "
                        + SqlName.quote(column.name())
                        + " DROP NOT NULL (or SET DEFAULT), or add it to the source."))
        .toList();
  }

  /** Which updates go in as delete-then-insert. */
  static RefreshPlan.Replace replace(Relation target, List<String> key, Set<String> planned) {
    var all = false;
    var columns = new LinkedHashSet<String>();
    for (var index : target.indexes()) {
      if (index.constrains() && !enforces(index, key)) {
        all |= index.partial() || index.expression() || overGenerated(index, target);
        columns.addAll(index.columns());
      }
    }
    target.columns().stream()
        .filter(column -> column.identity() == Column.Identity.ALWAYS)
        .forEach(column -> columns.add(column.name()));
    columns.retainAll(planned);
    key.forEach(columns::remove);
    return new RefreshPlan.Replace(all, List.copyOf(columns));
  }

  /** What delete-then-insert would break. */
  static List<Problem> replaceable(
      Relation target, RefreshPlan.Replace replace, Set<String> planned, Visibility visibility) {
    if (!replace.any()) {
      return List.of();
    }
    var problems = new ArrayList<Problem>();
    var why = why(replace);
    if (visibility == Visibility.PROGRESSIVE) {
      problems.add(
          Problem.of(
              ErrorCode.VISIBILITY_REFUSED,
              "visibility",
              "progressive cannot be used with " + target.name() + ", because " + why));
    }
    target.references().stream()
        .filter(ForeignKey::firesOnDelete)
        .map(
            reference ->
                unsuitable(
                    "foreign key "
                        + reference.name()
                        + " of "
                        + reference.table()
                        + " is ON DELETE "
                        + reference.onDelete()
                        + " and would fire on rows that only change, because "
                        + why,
                    "Make the foreign key ON DELETE NO ACTION DEFERRABLE, or drop the further"
                        + " constraint."))
        .forEach(problems::add);
    var kept = extraColumns(target, planned).stream().map(Column::name).toList();
    if (!kept.isEmpty()) {
      problems.add(
          unsuitable(
              "columns that the source lacks ("
                  + kept.stream().map(QualifiedName::shown).collect(Collectors.joining(", "))
                  + ") would be reset, because "
                  + why,
              "Drop those columns, or the further constraint."));
    }
    return problems;
  }

  private static String why(RefreshPlan.Replace replace) {
    return "its updates must go in as delete-then-insert ("
        + (replace.all()
            ? "a further unique index or exclusion constraint is partial or over an expression"
            : "a further unique or exclusion constraint, or GENERATED ALWAYS AS IDENTITY, on "
                + replace.columns().stream()
                    .map(QualifiedName::shown)
                    .collect(Collectors.joining(", ")))
        + ")";
  }

  private static List<Column> extraColumns(Relation target, Set<String> planned) {
    return target.columns().stream()
        .filter(column -> !column.generated() && !planned.contains(column.name()))
        .toList();
  }

  static boolean enforces(Index index, List<String> key) {
    return index.unique()
        && index.immediate()
        && !index.partial()
        && !index.expression()
        && Set.copyOf(index.columns()).equals(Set.copyOf(key));
  }

  /** A generated column changes with columns that the index does not name. */
  private static boolean overGenerated(Index index, Relation target) {
    return index.columns().stream()
        .anyMatch(name -> target.column(name).filter(Column::generated).isPresent());
  }

  static Problem unsuitable(String message, String hint) {
    return Problem.of(ErrorCode.TARGET_UNSUITABLE, "target", message, hint);
  }
}
