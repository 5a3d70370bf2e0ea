package io.tidemark.executor.plan;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What has become of the columns that the last refresh read. One that the source has dropped would
 * go stale in the target without a word, and one whose type it has changed may mean something else:
 * both stop the refresh, until the target has followed.
 */
final class SchemaDrift {
  private static final Pattern MODIFIER = Pattern.compile("\\([^)]*\\)");

  private final SourceVersion version;
  private final Relation target;
  private final Map<String, ColumnType> types;

  /**
   * @param types of the version's columns, as far as the home knows them
   */
  SchemaDrift(SourceVersion version, Relation target, Map<String, ColumnType> types) {
    this.version = version;
    this.target = target;
    this.types = types;
  }

  List<Problem> since(RefreshPlan last) {
    var before = new HashMap<String, SourceColumn>();
    last.staged()
        .ifPresent(staged -> staged.version().columns().forEach(it -> before.put(it.name(), it)));
    return last.columns().stream()
        .map(PlannedColumn::name)
        .flatMap(name -> problem(name, Optional.ofNullable(before.get(name))).stream())
        .toList();
  }

  private Optional<Problem> problem(String name, Optional<SourceColumn> before) {
    var now = version.columns().stream().filter(it -> it.name().equals(name)).findFirst();
    var shown = QualifiedName.shown(name);
    if (target.column(name).isEmpty()) {
      return Optional.empty(); // the target has followed, or the column counts as new
    }
    if (now.isEmpty()) {
      return Optional.of(
          changed(
              "the source has no column " + shown + " any more, which the last refresh read",
              "Bring it back, or ALTER TABLE "
                  + target.name().quoted()
                  + " DROP COLUMN "
                  + SqlName.quote(name)
                  + "; nothing was read."));
    }
    return before
        .filter(it -> !it.guessed() && !now.get().guessed())
        .filter(it -> !it.type().equals(now.get().type()))
        .filter(it -> !follows(now.get()))
        .map(
            it ->
                changed(
                    "column %s of the source was %s in the last refresh and is %s now"
                        .formatted(shown, it.type(), now.get().type()),
                    "Change it back, or ALTER TABLE "
                        + target.name().quoted()
                        + " ALTER COLUMN "
                        + SqlName.quote(name)
                        + " TYPE "
                        + now.get().type()
                        + "; nothing was read."));
  }

  /** Whether the target has the new type already. */
  private boolean follows(SourceColumn now) {
    var type = Optional.ofNullable(types.get(now.name()));
    return target
        .column(now.name())
        .filter(
            column -> type.filter(it -> it.base().oid() == column.type().base().oid()).isPresent())
        .filter(column -> modifier(column.type().baseSql()).equals(modifier(now.type())))
        .isPresent();
  }

  private static String modifier(String sql) {
    var found = MODIFIER.matcher(sql);
    return found.find() ? found.group().replace(" ", "") : "";
  }

  private static Problem changed(String message, String hint) {
    return Problem.of(ErrorCode.SCHEMA_CHANGED, "source", message, hint);
  }
}
