package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.Catalog;
import io.tidemark.executor.catalog.Column;
import io.tidemark.executor.catalog.Relation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The relation that a Postgres source names, and which of its columns are read.
 *
 * @param columns in the order of {@code source.columns}, or the relation's own
 */
public record SourceTable(Relation relation, List<Column> columns) {
  public SourceTable {
    columns = List.copyOf(columns);
  }

  /**
   * Reads it from the source's catalog.
   *
   * @throws TidemarkException with the code of the first problem; its message names all of them
   */
  public static SourceTable of(TableDefinition table, PostgresSource definition, Connection source)
      throws SQLException {
    var catalog = new Catalog(source);
    var name = QualifiedName.parse(definition.table().orElseThrow());
    var relation = catalog.relation(name);
    var problems = new ArrayList<Problem>();
    if (relation.isEmpty()) {
      problems.add(
          Problem.of(
              ErrorCode.SOURCE_TABLE_MISSING, "source.table", "the source has no table " + name));
      throw refused(table, problems);
    }
    problems.addAll(SourceRules.relation(relation.get()));
    var columns = SourceRules.columns(definition, relation.get(), problems);
    RowCondition.problem(source, relation.get(), definition.where()).ifPresent(problems::add);
    if (!problems.isEmpty()) {
      throw refused(table, problems);
    }
    return new SourceTable(relation.get(), columns);
  }

  private static TidemarkException refused(TableDefinition table, List<Problem> problems) {
    return new TidemarkException(Planner.joined(table, new PlanResult.Refused(problems)));
  }
}
