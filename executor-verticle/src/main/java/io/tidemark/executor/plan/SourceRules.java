package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.Relation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Which of the source's columns are read, and which of them are the key. */
final class SourceRules {
  private SourceRules() {}

  /** What the source is, and whether this user may read it. */
  static List<Problem> relation(Relation source) {
    if (!source.kind().readable()) {
      return List.of(
          Problem.of(
              ErrorCode.SOURCE_TABLE_MISSING,
              "source.table",
              source.name() + " is a " + source.kind().words() + ", which has no rows to read"));
    }
    if (!source.privileges().contains("USAGE")) {
      return List.of(
          Problem.of(
              ErrorCode.SOURCE_TABLE_MISSING,
              "source.table",
              "the source's user may not use schema " + source.name().schema(),
              "GRANT USAGE ON SCHEMA "
                  + SqlName.quote(source.name().schema())
                  + " to the source's user."));
    }
    return List.of();
  }

  /**
   * The columns that are read: those of {@code source.columns}, or all.
   *
   * @return in the order they are named in
   */
  static List<Column> columns(PostgresSource definition, Relation source, List<Problem> problems) {
    var columns = new ArrayList<Column>();
    for (var written : definition.columns()) {
      var column = named(source, written);
      if (column.isEmpty()) {
        problems.add(
            Problem.of(
                ErrorCode.COLUMN_MISSING,
                "source.columns",
                source.name() + " has no column " + written,
                "Correct the name; the columns are " + names(source) + "."));
      } else if (columns.contains(column.get())) {
        problems.add(
            Problem.of(
                ErrorCode.CONFIG_INVALID,
                "source.columns",
                "column " + written + " is named twice",
                "Name it once."));
      } else {
        columns.add(column.get());
      }
    }
    if (definition.columns().isEmpty()) {
      columns.addAll(source.columns());
    }
    var hidden = columns.stream().filter(column -> !column.readable()).map(Column::name).toList();
    if (!hidden.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.SOURCE_TABLE_MISSING,
              "source.table",
              "the source's user may not read "
                  + (hidden.size() == source.columns().size()
                      ? source.name().toString()
                      : hidden.stream().map(QualifiedName::shown).collect(Collectors.joining(", "))
                          + " of "
                          + source.name()),
              "GRANT SELECT ON " + source.name().quoted() + " to the source's user."));
    }
    return columns;
  }

  /** The key columns in key order; empty where there are problems. */
  static List<Column> key(
      List<String> written, Relation source, List<Column> read, List<Problem> problems) {
    var before = problems.size();
    var wanted = written.isEmpty() ? source.primaryKey() : written;
    if (wanted.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.KEY_MISSING,
              "key",
              "no key is named, and "
                  + source.kind().words()
                  + " "
                  + source.name()
                  + " has no primary key"));
    }
    var key = new ArrayList<Column>();
    var seen = new HashSet<String>();
    for (var name : wanted) {
      var column = written.isEmpty() ? source.column(name) : named(source, name);
      if (column.isEmpty()) {
        problems.add(
            Problem.of(
                ErrorCode.KEY_MISSING,
                "key",
                source.name() + " has no column " + name,
                "Correct the name; the columns are " + names(source) + "."));
      } else if (!seen.add(column.get().name())) {
        problems.add(
            Problem.of(
                ErrorCode.CONFIG_INVALID,
                "key",
                "column " + name + " is named twice",
                "Name it once."));
      } else if (!read.contains(column.get())) {
        problems.add(
            Problem.of(
                ErrorCode.KEY_MISSING,
                "key",
                "key column "
                    + QualifiedName.shown(column.get().name())
                    + " is not among source.columns",
                "Add it to source.columns."));
      } else {
        column.filter(it -> !it.notNull()).ifPresent(it -> problems.add(nullable(it, source)));
        key.add(column.get());
      }
    }
    return problems.size() == before ? key : List.of();
  }

  private static Problem nullable(Column column, Relation source) {
    var message =
        "key column " + QualifiedName.shown(column.name()) + " may be null in " + source.name();
    return source.kind().writable() || source.kind() == Relation.Kind.FOREIGN_TABLE
        ? Problem.of(
            ErrorCode.KEY_NULLABLE,
            "key",
            message,
            "Choose another key, or ALTER TABLE "
                + source.name().quoted()
                + " ALTER COLUMN "
                + SqlName.quote(column.name())
                + " SET NOT NULL at the source.")
        : Problem.of(
            ErrorCode.KEY_NULLABLE,
            "key",
            message + ": columns of a " + source.kind().words() + " always may",
            "Name the table behind it as source.table, or give the column a domain that is NOT"
                + " NULL.");
  }

  /** A column by its very name, or else as SQL would read the name. */
  private static Optional<Column> named(Relation source, String written) {
    var exact = source.column(written);
    if (exact.isPresent()) {
      return exact;
    }
    try {
      return source.column(QualifiedName.parseIdentifier(written));
    } catch (TidemarkException notAName) {
      return Optional.empty();
    }
  }

  /** The first columns of a relation, for a hint. */
  private static String names(Relation source) {
    var shown = 20;
    return source.columns().stream()
            .limit(shown)
            .map(column -> QualifiedName.shown(column.name()))
            .collect(Collectors.joining(", "))
        + (source.columns().size() > shown ? ", …" : "");
  }
}
