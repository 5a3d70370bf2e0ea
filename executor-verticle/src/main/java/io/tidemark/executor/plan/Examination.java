package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.ColumnType;
import io.tidemark.executor.catalog.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Looks at one definition on both sides and goes on after a problem as far as that makes sense, so
 * that a user sees all of them at once.
 */
final class Examination {
  private final TableDefinition table;
  private final PostgresSource definition;
  private final Connection sourceConnection;
  private final Catalog source;
  private final Catalog home;
  private final List<Problem> problems = new ArrayList<>();

  Examination(TableDefinition table, PostgresSource definition, Connection source, Connection home)
      throws SQLException {
    this.table = table;
    this.definition = definition;
    this.sourceConnection = source;
    this.source = new Catalog(source);
    this.home = new Catalog(home);
  }

  PlanResult result() throws SQLException {
    var sourceName = name("source.table", definition.table().orElseThrow());
    var targetName = name("target", table.target());
    var sourceRelation =
        sourceName.isPresent() ? sourceRelation(sourceName.get()) : Optional.<Relation>empty();
    var target = targetName.isPresent() ? target(targetName.get()) : Optional.<Relation>empty();
    if (sourceRelation.isEmpty()) {
      return new PlanResult.Refused(problems);
    }
    var from = sourceRelation.get();
    if (target.filter(to -> sameTable(from, to)).isPresent()) {
      problems.add(
          TargetRules.unsuitable(
              "source and target are the very same table " + from.name(),
              "Name another target, or another source."));
    }
    var read = SourceRules.columns(definition, from, problems);
    var key = SourceRules.key(table.key(), from, read, problems);
    RowCondition.problem(sourceConnection, from, definition.where()).ifPresent(problems::add);
    if (targetName.isEmpty() || target.filter(to -> !to.kind().writable()).isPresent()) {
      return new PlanResult.Refused(problems);
    }
    var pairs =
        target.isPresent()
            ? Pairs.existing(target.get(), read, problems)
            : Pairs.created(home, read, key, problems);
    var keyPairs = inKeyOrder(key, pairs);
    var keyTypes = KeyRules.types(keyPairs, source.server(), home.server(), problems);
    var columns = columns(pairs, keyPairs);
    var replace = target.map(to -> replace(to, key, read)).orElse(RefreshPlan.Replace.NONE);
    if (!problems.isEmpty()) {
      return new PlanResult.Refused(problems);
    }
    return new PlanResult.Planned(
        new RefreshPlan(
            from.name().quoted(),
            definition.where(),
            targetName.get().schema(),
            targetName.get().name(),
            target.isEmpty(),
            columns,
            keyTypes,
            replace,
            Optional.empty(),
            Optional.empty()),
        warnings(from, key));
  }

  private Optional<QualifiedName> name(String field, String written) {
    try {
      return Optional.of(QualifiedName.parse(written));
    } catch (TidemarkException e) {
      problems.add(new Problem(field, e.report()));
      return Optional.empty();
    }
  }

  private Optional<Relation> sourceRelation(QualifiedName name) throws SQLException {
    var relation = source.relation(name);
    if (relation.isEmpty()) {
      var message = "the source has no table " + name;
      var similar = source.similar(name);
      problems.add(
          similar.isEmpty()
              ? Problem.of(ErrorCode.SOURCE_TABLE_MISSING, "source.table", message)
              : Problem.of(
                  ErrorCode.SOURCE_TABLE_MISSING,
                  "source.table",
                  message,
                  "It has "
                      + similar.stream()
                          .map(QualifiedName::toString)
                          .collect(Collectors.joining(", "))
                      + ": write it like this, with the quotes."));
      return relation;
    }
    var unreadable = SourceRules.relation(relation.get());
    problems.addAll(unreadable);
    return relation.filter(found -> found.kind().readable());
  }

  private Optional<Relation> target(QualifiedName name) throws SQLException {
    problems.addAll(TargetRules.schema(name));
    var relation = home.relation(name);
    if (relation.isPresent()) {
      problems.addAll(TargetRules.relation(relation.get()));
      return relation;
    }
    problems.addAll(TargetRules.creatable(name, home));
    return relation;
  }

  private boolean sameTable(Relation from, Relation to) {
    return from.oid() == to.oid() && source.server().identity().equals(home.server().identity());
  }

  private static List<Pair> inKeyOrder(List<Column> key, List<Pair> pairs) {
    return key.stream()
        .flatMap(column -> pairs.stream().filter(pair -> pair.source().equals(column)))
        .toList();
  }

  private List<PlannedColumn> columns(List<Pair> pairs, List<Pair> key) throws SQLException {
    var atSource = targetTypesAtSource(pairs);
    var casts = source.casts();
    var ordered = new ArrayList<>(key);
    pairs.stream().filter(pair -> !key.contains(pair)).forEach(ordered::add);
    if (ordered.isEmpty() && problems.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.COLUMN_MISSING,
              "source.columns",
              "source and target have no common column"));
    }
    var planned = new ArrayList<PlannedColumn>();
    for (var pair : ordered) {
      var known = Optional.ofNullable(atSource.get(pair.name())).map(ColumnType::base);
      switch (WireForm.of(pair.source(), pair.target(), known, casts)) {
        case WireForm.Found found ->
            planned.add(
                new PlannedColumn(
                    pair.name(),
                    found.sourceExpression(),
                    found.targetExpression(),
                    found.wireType(),
                    found.wireOid(),
                    pair.targetSql(),
                    pair.source().declaredNotNull() || key.contains(pair),
                    pairs.indexOf(pair)));
        case WireForm.Impossible impossible -> {
          if (!key.contains(pair)) { // the key's types have their own rules and messages
            problems.add(
                Problem.of(
                    ErrorCode.TYPE_INCOMPATIBLE,
                    "target",
                    "column " + QualifiedName.shown(pair.name()) + ": " + impossible.why()));
          }
        }
      }
    }
    return planned;
  }

  /** Types that users made in the home, as the source knows them, by column. */
  private Map<String, ColumnType> targetTypesAtSource(List<Pair> pairs) throws SQLException {
    var asked = pairs.stream().filter(pair -> !pair.target().base().builtIn()).toList();
    if (asked.isEmpty()) {
      return Map.of();
    }
    var found =
        source.types(
            asked.stream().map(pair -> pair.target().base().typeName()).toList(),
            asked.stream().map(pair -> -1).toList());
    var types = new HashMap<String, ColumnType>();
    found.forEach((index, type) -> types.put(asked.get(index).name(), type));
    return types;
  }

  private RefreshPlan.Replace replace(Relation target, List<Column> key, List<Column> read) {
    var planned = new HashSet<String>();
    read.stream()
        .map(column -> target.column(column.name()))
        .flatMap(Optional::stream)
        .filter(column -> !column.generated())
        .forEach(column -> planned.add(column.name()));
    problems.addAll(TargetRules.extras(target, planned));
    if (key.isEmpty()) {
      return RefreshPlan.Replace.NONE;
    }
    var keyNames = key.stream().map(Column::name).toList();
    problems.addAll(TargetRules.key(target, keyNames));
    var replace = TargetRules.replace(target, keyNames, planned);
    problems.addAll(TargetRules.replaceable(target, replace, planned, table.visibility()));
    return replace;
  }

  private static List<String> warnings(Relation source, List<Column> key) {
    var names = key.stream().map(Column::name).toList();
    var indexed =
        source.indexes().stream()
            .anyMatch(
                index ->
                    index.ordered()
                        && !index.partial()
                        && index.columns().size() >= names.size()
                        && index.columns().subList(0, names.size()).equals(names));
    var stored = source.kind().sampled();
    return indexed || !stored
        ? List.of()
        : List.of(
            "the source "
                + source.name()
                + " has no index on the key ("
                + String.join(", ", names)
                + "): every VNode sorts the whole table");
  }
}
