package io.tidemark.executor.validate;

import io.tidemark.common.config.ConfigProblem;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.Redaction;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.ExecutorSettings;
import io.tidemark.executor.plan.ConnectFailure;
import io.tidemark.executor.plan.PlanResult;
import io.tidemark.executor.plan.Planner;
import io.tidemark.executor.plan.WayChoice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks one definition. Used once, by one thread. */
final class TableCheck {
  /** A message that already begins with the field it is about. */
  private static final Pattern FIELD = Pattern.compile("(?:table [^:]*: )?(source\\.[a-z]+): (.*)");

  private final ExecutorSettings settings;
  private final Reach reach;
  private final String origin;
  private final String written;
  private final List<ErrorReport> problems = new ArrayList<>();

  /**
   * @param origin what messages call the place the definition comes from
   * @param written its JSON
   */
  TableCheck(ExecutorSettings settings, Reach reach, String origin, String written) {
    this.settings = settings;
    this.reach = reach;
    this.origin = origin;
    this.written = written;
  }

  List<ErrorReport> problems() throws InterruptedException {
    var read = ConfigReader.readTable(origin, written, problem -> problems.add(problem.report()));
    if (read.isPresent()) {
      check(read.get().name());
    }
    return problems;
  }

  private void check(String table) throws InterruptedException {
    try {
      var definition = settings.definitions().apply(written);
      switch (definition.source()) {
        case PostgresSource postgres ->
            check(definition, postgres, settings.sources().apply(postgres));
        case StagedSource staged -> stage(definition);
      }
    } catch (TidemarkException e) {
      addUnresolved(table, e.report());
    }
  }

  private void stage(TableDefinition definition) throws InterruptedException {
    if (reach.failure(settings.home()).isPresent()) {
      return;
    }
    try {
      new StagedCheck(settings)
          .problems(definition)
          .forEach(problem -> add(definition.name(), problem.field(), problem.report()));
    } catch (SQLException e) {
      addHome(definition.name(), e);
    }
  }

  private void check(TableDefinition definition, PostgresSource postgres, PostgresAddress source)
      throws InterruptedException {
    var table = definition.name();
    var failure = reach.failure(source);
    failure.ifPresent(why -> add(table, why));
    if (failure.isEmpty() && reach.failure(settings.home()).isEmpty()) {
      examine(definition, postgres, source);
    }
  }

  private void examine(TableDefinition definition, PostgresSource postgres, PostgresAddress address)
      throws InterruptedException {
    var table = definition.name();
    try (var source = Reach.source(address)) {
      examine(definition, postgres, address, source);
    } catch (SQLException e) {
      add(table, ConnectFailure.of(address, e));
    }
  }

  private void examine(
      TableDefinition definition,
      PostgresSource postgres,
      PostgresAddress address,
      Connection source)
      throws InterruptedException {
    var table = definition.name();
    try (var home = Reach.home(settings.home())) {
      try {
        if (WayChoice.of(definition, postgres, source, home).staged()) {
          stage(definition);
          return;
        }
        switch (Planner.examine(definition, source, home)) {
          case PlanResult.Planned planned -> {}
          case PlanResult.Refused refused ->
              refused.problems().forEach(problem -> add(table, problem.field(), problem.report()));
        }
      } catch (SQLException e) {
        if (home.isClosed()) {
          throw e;
        }
        add(table, "source.table", failed(address, e));
      } catch (TidemarkException e) {
        add(table, "source.table", e.report());
      }
    } catch (SQLException e) {
      addHome(table, e);
    }
  }

  private void addHome(String table, SQLException error) {
    var why = ConnectFailure.of(settings.home(), error);
    add(table, "home", ErrorReport.of(why.kind().homeCode(), why.message()).withHint(why.remedy()));
  }

  private static ErrorReport failed(PostgresAddress address, SQLException error) {
    var message = error.getMessage() == null ? error.toString() : error.getMessage();
    return ErrorReport.of(
        ErrorCode.SOURCE_FAILED,
        "its catalog cannot be read: "
            + Redaction.redact(
                message.replaceAll("\\s*\\R\\s*", "; "), address.password().stream().toList()));
  }

  private void add(String table, ConnectFailure failure) {
    var field =
        switch (failure.kind()) {
          case PASSWORD -> "source.password";
          // Whoever mistypes a user is told where both are.
          case USER -> "source.password";
          case UNREACHABLE, DATABASE, ENCRYPTION -> "source.url";
        };
    add(
        table,
        field,
        ErrorReport.of(failure.kind().sourceCode(), failure.message()).withHint(failure.remedy()));
  }

  /** A secret that is missing: its message names the field. */
  private void addUnresolved(String table, ErrorReport report) {
    var named = FIELD.matcher(report.message());
    if (named.matches()) {
      add(table, named.group(1), message(report, named.group(2)));
    } else {
      add(table, report.code() == ErrorCode.SECRET_MISSING ? "source" : "source.url", report);
    }
  }

  private static ErrorReport message(ErrorReport report, String message) {
    return ErrorReport.of(report.code(), message).withHint(report.hint());
  }

  private void add(String table, String field, ErrorReport report) {
    problems.add(
        new ConfigProblem(
                origin,
                Optional.empty(),
                Optional.of(table),
                field,
                report.message(),
                report.hint())
            .report(report.code()));
  }
}
