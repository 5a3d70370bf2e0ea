package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what a refresh of a table reads, compares and writes. */
public final class Planner {
  private static final Logger LOG = LoggerFactory.getLogger(Planner.class);

  private Planner() {}

  /**
   * Makes a plan from what both catalogs say now. Reads only.
   *
   * @param source a connection to the source, configured by {@link Sessions}; may be in a
   *     transaction, which stays usable
   * @param home likewise to the home
   * @throws SQLException where a catalog cannot be read
   * @throws TidemarkException with the code of the first problem; its message names all of them
   */
  public static RefreshPlan plan(TableDefinition table, Connection source, Connection home)
      throws SQLException {
    return planned(table, examine(table, source, home));
  }

  static RefreshPlan planned(TableDefinition table, PlanResult result) {
    return switch (result) {
      case PlanResult.Planned planned -> {
        planned.warnings().forEach(warning -> LOG.warn("table {}: {}", table.name(), warning));
        yield planned.plan();
      }
      case PlanResult.Refused refused -> throw new TidemarkException(joined(table, refused));
    };
  }

  /**
   * As {@link #plan}, but says what stands in the way.
   *
   * @throws SQLException where a catalog cannot be read
   */
  public static PlanResult examine(TableDefinition table, Connection source, Connection home)
      throws SQLException {
    return switch (table.source()) {
      case PostgresSource postgres -> new Examination(table, postgres, source, home).result();
      case StagedSource staged -> throw new IllegalStateException("staged");
    };
  }

  static ErrorReport joined(TableDefinition table, PlanResult.Refused refused) {
    var first = refused.problems().getFirst().report();
    var message =
        refused.problems().stream()
            .map(problem -> problem.field() + ": " + problem.report().message())
            .collect(Collectors.joining("; ", "table " + table.name() + ": ", ""));
    return ErrorReport.of(first.code(), message).withHint(first.hint());
  }
}
