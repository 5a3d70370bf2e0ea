package io.tidemark.executor.plan;

import io.tidemark.common.config.StagingPolicy.SchemaChange;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Index;
import io.tidemark.executor.catalog.Relation;
import io.tidemark.executor.catalog.Type;
import io.tidemark.executor.plan.StagedColumns.StagedColumn;
import io.tidemark.executor.plan.StagedPlan.AddedColumn;
import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks at a version of a staged source and at the target, and goes on after a problem as far as
 * that makes sense, so that a user sees all of them at once.
 */
final class StagedExamination {
  private final TableDefinition table;
  private SourceVersion version;
  private final Optional<RefreshPlan> last;
  private final Catalog home;
  private final List<Problem> problems = new ArrayList<>();

  StagedExamination(
      TableDefinition table, SourceVersion version, Optional<RefreshPlan> last, Connection home)
      throws SQLException {
    this.table = table;
    this.version = version;
    this.last = last;
    this.home = new Catalog(home);
  }

  PlanResult result() throws SQLException {
    var targetName = targetName();
    if (targetName.isEmpty()) {
      return new PlanResult.Refused(problems);
    }
    var target = target(targetName.get());
    if (target.filter(to -> !to.kind().writable()).isPresent()) {
      return new PlanResult.Refused(problems);
    }
    if (version.columns().isEmpty() && !shaped(target)) {
      return new PlanResult.Refused(problems);
    }
    version.columns().forEach(this::nameFits);
    var types = types();
    target
        .flatMap(to -> last.map(it -> new SchemaDrift(version, to, types).since(it)))
        .ifPresent(problems::addAll);
    var fresh =
        target
            .map(to -> version.columns().stream().filter(it -> to.column(it.name()).isEmpty()))
            .map(it -> it.toList())
            .orElse(List.of());
    var read = new ArrayList<>(version.columns());
    if (table.staging().schemaChange() == SchemaChange.IGNORE_NEW) {
      read.removeAll(fresh);
    } else if (table.staging().schemaChange() == SchemaChange.FAIL) {
      fresh.forEach(it -> problems.add(lacking(it, target.orElseThrow())));
    }
    var key = key(read, target);
    var staged = new StagedColumns(types, home.casts(), problems);
    var columns = new ArrayList<StagedColumn>();
    if (target.isPresent()) {
      columns.addAll(staged.existing(target.get(), read, key));
      if (table.staging().schemaChange() == SchemaChange.ADD_COLUMNS) {
        columns.addAll(staged.created(read, fresh, key));
      }
    } else {
      columns.addAll(staged.created(read, read, key));
    }
    var ordered = keyFirst(columns, key);
    for (var column : ordered.subList(0, Math.min(key.size(), ordered.size()))) {
      keyFits(column);
    }
    var replace = target.map(to -> replace(to, key, ordered)).orElse(RefreshPlan.Replace.NONE);
    if (!problems.isEmpty()) {
      return new PlanResult.Refused(problems);
    }
    return new PlanResult.Planned(
        plan(targetName.get(), target.isEmpty(), ordered, key, replace, fresh), List.of());
  }

  private RefreshPlan plan(
      QualifiedName target,
      boolean firstLoad,
      List<StagedColumn> columns,
      List<String> key,
      RefreshPlan.Replace replace,
      List<SourceColumn> fresh) {
    var ignored = table.staging().schemaChange() == SchemaChange.IGNORE_NEW;
    return new RefreshPlan(
        "",
        Optional.empty(),
        target.schema(),
        target.name(),
        firstLoad,
        columns.stream().map(StagedColumn::planned).toList(),
        columns.stream().limit(key.size()).map(it -> KeyType.HOME_ORDERED).toList(),
        replace,
        Optional.of(
            new StagedPlan(
                version,
                columns.stream()
                    .map(it -> new WantedColumn(it.planned().name(), it.wanted()))
                    .toList(),
                columns.stream().limit(key.size()).map(StagedColumn::literal).toList(),
                columns.stream().map(StagedColumn::compare).toList(),
                table.staging(),
                ignored
                    ? List.of()
                    : fresh.stream().map(it -> new AddedColumn(it.name(), it.type())).toList(),
                ignored ? fresh.stream().map(SourceColumn::name).toList() : List.of())),
        Optional.empty());
  }

  /**
   * A source that is empty may not say which columns it has: it has those that it had, or those of
   * the target. That no rows are left, the guard asks about.
   */
  private boolean shaped(Optional<Relation> target) {
    var before = last.flatMap(RefreshPlan::staged).map(it -> it.version().columns());
    var columns =
        before
            .filter(it -> !it.isEmpty())
            .orElseGet(() -> target.map(StagedExamination::columns).orElse(List.of()));
    if (columns.isEmpty() || !version.splits().isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.COLUMN_MISSING,
              "source",
              "is empty and does not say which columns it has, and there is no target that would",
              "Wait until it has rows, name its columns, or create the target."));
      return false;
    }
    version =
        new SourceVersion(
            columns, version.key(), version.splits(), version.identity(), version.spec());
    return true;
  }

  private static List<SourceColumn> columns(Relation target) {
    return target.columns().stream()
        .filter(column -> !column.generated())
        .map(column -> new SourceColumn(column.name(), column.type().sql(), false, true))
        .toList();
  }

  private Optional<QualifiedName> targetName() {
    try {
      return Optional.of(QualifiedName.parse(table.target()));
    } catch (TidemarkException e) {
      problems.add(new Problem("target", e.report()));
      return Optional.empty();
    }
  }

  private Optional<Relation> target(QualifiedName name) throws SQLException {
    problems.addAll(TargetRules.schema(name));
    var relation = home.relation(name);
    if (relation.isPresent()) {
      problems.addAll(TargetRules.relation(relation.get()));
    } else {
      problems.addAll(TargetRules.creatable(name, home));
    }
    return relation;
  }

  private void nameFits(SourceColumn column) {
    var length = column.name().getBytes(StandardCharsets.UTF_8).length;
    if (length == 0 || length > QualifiedName.MAX_IDENTIFIER_BYTES) {
      problems.add(
          Problem.of(
              ErrorCode.CONFIG_INVALID,
              "source",
              "a column is called "
                  + QualifiedName.shown(column.name())
                  + ", but a name in Postgres has 1 to "
                  + QualifiedName.MAX_IDENTIFIER_BYTES
                  + " bytes",
              "Give the column another name at the source."));
    }
  }

  /** The version's types, by column; what the home lacks is left out. */
  private Map<String, ColumnType> types() throws SQLException {
    var found = home.types(version.columns().stream().map(SourceColumn::type).toList());
    var types = new HashMap<String, ColumnType>();
    found.forEach((index, type) -> types.put(version.columns().get(index).name(), type));
    return types;
  }

  private Problem lacking(SourceColumn column, Relation target) {
    return Problem.of(
        last.isPresent() ? ErrorCode.SCHEMA_CHANGED : ErrorCode.COLUMN_MISSING,
        "target",
        "%s lacks column %s of the source"
            .formatted(target.name(), QualifiedName.shown(column.name())),
        "Set schema-change: add-columns (or ignore-new), or ALTER TABLE %s ADD COLUMN %s %s."
            .formatted(target.name().quoted(), SqlName.quote(column.name()), column.type()));
  }

  /**
   * The key columns: in the order of the target's index on them, so that a range of keys is a range
   * of that index. Empty where there are problems.
   */
  private List<String> key(List<SourceColumn> read, Optional<Relation> target) {
    var before = problems.size();
    var wanted = table.key().isEmpty() ? version.key() : table.key();
    if (wanted.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.KEY_MISSING, "key", "no key is named, and the source has no primary key"));
    }
    var key = new ArrayList<String>();
    for (var written : wanted) {
      var name = named(read, written);
      if (name.isEmpty()) {
        problems.add(
            Problem.of(
                ErrorCode.KEY_MISSING,
                "key",
                "the source has no column " + written,
                "Correct the name; the columns are " + names(read) + "."));
      } else if (key.contains(name.get())) {
        problems.add(
            Problem.of(
                ErrorCode.CONFIG_INVALID,
                "key",
                "column " + written + " is named twice",
                "Name it once."));
      } else {
        key.add(name.get());
      }
    }
    if (problems.size() > before) {
      return List.of();
    }
    return target
        .flatMap(
            to ->
                to.indexes().stream()
                    .filter(index -> TargetRules.enforces(index, key))
                    .min(Comparator.comparing(index -> !index.ordered())))
        .map(Index::columns)
        .orElse(key);
  }

  private static Optional<String> named(List<SourceColumn> read, String written) {
    var names = read.stream().map(SourceColumn::name).toList();
    if (names.contains(written)) {
      return Optional.of(written);
    }
    try {
      return Optional.of(QualifiedName.parseIdentifier(written)).filter(names::contains);
    } catch (TidemarkException notAName) {
      return Optional.empty();
    }
  }

  private static String names(List<SourceColumn> read) {
    var shown = 20;
    return read.stream()
            .limit(shown)
            .map(column -> QualifiedName.shown(column.name()))
            .collect(Collectors.joining(", "))
        + (read.size() > shown ? ", …" : "");
  }

  private static List<StagedColumn> keyFirst(List<StagedColumn> columns, List<String> key) {
    var ordered = new ArrayList<StagedColumn>();
    key.forEach(
        name ->
            columns.stream().filter(it -> it.planned().name().equals(name)).forEach(ordered::add));
    columns.stream().filter(it -> !key.contains(it.planned().name())).forEach(ordered::add);
    return ordered;
  }

  /** Whether the home can order and join by it, with nothing but what every Postgres has. */
  private void keyFits(StagedColumn column) throws SQLException {
    var type = column.base();
    if (!ordered(type)) {
      problems.add(
          Problem.of(
              ErrorCode.KEY_TYPE_UNORDERED,
              "key",
              "key column %s is %s, which the home cannot order"
                  .formatted(
                      QualifiedName.shown(column.planned().name()), column.planned().targetType()),
              "Choose another key, or give the target's column another type."));
    }
  }

  private boolean ordered(Type type) throws SQLException {
    return type.kind() == 'e' || (type.builtIn() && home.ordered(type));
  }

  private RefreshPlan.Replace replace(
      Relation target, List<String> key, List<StagedColumn> columns) {
    var planned = new HashSet<String>();
    columns.stream()
        .map(column -> target.column(column.planned().name()))
        .flatMap(Optional::stream)
        .map(Column::name)
        .forEach(planned::add);
    problems.addAll(TargetRules.extras(target, planned));
    if (key.isEmpty()) {
      return RefreshPlan.Replace.NONE;
    }
    problems.addAll(TargetRules.key(target, key));
    var replace = TargetRules.replace(target, key, planned);
    problems.addAll(TargetRules.replaceable(target, replace, planned, table.visibility()));
    return replace;
  }
}
