package io.tidemark.executor.validate;

import io.tidemark.common.config.Redaction;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.ExecutorSettings;
import io.tidemark.executor.plan.PlanResult;
import io.tidemark.executor.plan.Problem;
import io.tidemark.executor.plan.StagedPlanner;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.postgres.HeldSnapshot;
import io.tidemark.executor.source.postgres.PostgresConnector;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** Checks a definition whose source is staged: one look at the source, and one at the target. */
final class StagedCheck {
  private static final String SOURCE = "source";

  private final ExecutorSettings settings;

  StagedCheck(ExecutorSettings settings) {
    this.settings = settings;
  }

  /**
   * All that stands in the way.
   *
   * @param definition with all placeholders resolved
   * @throws SQLException where the home cannot be asked
   */
  List<Problem> problems(TableDefinition definition) throws SQLException {
    SourceVersion version;
    try (var connector = connector(definition)) {
      version = connector.look();
    } catch (TidemarkException e) {
      return List.of(new Problem(SOURCE, e.report()));
    } catch (SQLException e) {
      return List.of(new Problem(SOURCE, failed(e)));
    }
    try (var home = Reach.home(settings.home())) {
      return switch (StagedPlanner.examine(definition, version, Optional.empty(), home)) {
        case PlanResult.Planned planned -> List.of();
        case PlanResult.Refused refused -> refused.problems();
      };
    }
  }

  private Connector connector(TableDefinition definition) {
    return switch (definition.source()) {
      case PostgresSource postgres ->
          new PostgresConnector(
              definition,
              postgres,
              new HeldSnapshot(definition, settings.sources().apply(postgres)));
      case StagedSource staged -> settings.connectors().apply(definition);
    };
  }

  private static ErrorReport failed(SQLException error) {
    var message = error.getMessage() == null ? error.toString() : error.getMessage();
    return ErrorReport.of(
        ErrorCode.SOURCE_FAILED,
        "it cannot be looked at: "
            + Redaction.redact(message.replaceAll("\\s*\\R\\s*", "; "), List.of()));
  }
}
