package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.catalog.Type;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds for each column of the source its counterpart in the target, or what it would become. */
final class Pairs {
  private static final String BYTE_ORDER = " COLLATE pg_catalog.\"C\"";

  private Pairs() {}

  /** With an existing target: in the target's order, without the columns that it generates. */
  static List<Pair> existing(Relation target, List<Column> read, List<Problem> problems) {
    for (var column : read) {
      if (target.column(column.name()).isEmpty()) {
        problems.add(
            Problem.of(
                ErrorCode.COLUMN_MISSING,
                "target",
                target.name() + " lacks column " + QualifiedName.shown(column.name()),
                "ALTER TABLE "
                    + target.name().quoted()
                    + " ADD COLUMN "
                    + SqlName.quote(column.name())
                    + " "
                    + column.type().sql()
                    + ", or leave it out of source.columns."));
      }
    }
    var pairs = new ArrayList<Pair>();
    for (var column : target.columns()) {
      if (!column.generated()) {
        read.stream()
            .filter(source -> source.name().equals(column.name()))
            .map(source -> existing(source, column))
            .forEach(pairs::add);
      }
    }
    return pairs;
  }

  private static Pair existing(Column source, Column target) {
    var collation =
        target
            .collation()
            .filter(Column.Collation::explicit)
            .map(it -> " COLLATE " + SqlName.quote(it.schema(), it.name()))
            .orElse("");
    return new Pair(
        source,
        target.type(),
        target.type().sql() + collation,
        target.collation().map(Column.Collation::byteOrder).orElse(false));
  }

  /** With a target that will be created: the source's types as the home knows them. */
  static List<Pair> created(
      Catalog home, List<Column> read, List<Column> key, List<Problem> problems)
      throws SQLException {
    var names = new ArrayList<Type.TypeName>();
    var typmods = new ArrayList<Integer>();
    for (var column : read) {
      names.add(column.type().declared().typeName());
      typmods.add(column.type().typmod());
    }
    var types = home.types(names, typmods);
    var pairs = new ArrayList<Pair>();
    for (var i = 0; i < read.size(); i++) {
      var column = read.get(i);
      var type = types.get(i);
      if (type == null) {
        problems.add(lacking(column, "type " + column.type().sql()));
        continue;
      }
      var text = key.contains(column) && KeyRules.of(type).equals(Optional.of(KeyType.TEXT));
      var explicit = column.collation().filter(Column.Collation::explicit);
      if (!text && explicit.isPresent() && !home.hasCollation(explicit.get())) {
        problems.add(lacking(column, "collation \"" + explicit.get().name() + "\""));
        continue;
      }
      var collation =
          text
              ? BYTE_ORDER
              : explicit.map(it -> " COLLATE " + SqlName.quote(it.schema(), it.name())).orElse("");
      pairs.add(new Pair(column, type, type.sql() + collation, text));
    }
    return pairs;
  }

  private static Problem lacking(Column column, String what) {
    return Problem.of(
        ErrorCode.TYPE_INCOMPATIBLE,
        "target",
        "column "
            + QualifiedName.shown(column.name())
            + " is of "
            + what
            + ", which the home lacks",
        "Create the type first (CREATE TYPE, DOMAIN, COLLATION or EXTENSION in the home), or leave"
            + " the column out of source.columns.");
  }
}
