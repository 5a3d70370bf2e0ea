package io.tidemark.launcher.sync;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.JsonOutput;
import io.tidemark.launcher.Shutdown;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tidemark sync}: refreshes tables in this process, and ends. */
@Command(
    name = "sync",
    description = {
      "Refreshes tables once, without a server.",
      "Interrupted by Ctrl-C or killed, it goes on where it stopped when it is run again."
    },
    exitCodeList = {
      "0:all tables are refreshed",
      "1:a refresh failed",
      "2:wrong usage or configuration, or a server leads",
      "3:a refresh waits for approval",
      "4:interrupted; the same command goes on where it stopped"
    })
public final class SyncCommand implements Callable<Integer>, JsonOutput {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Configuration, YAML.")
  Path file = Path.of("tidemark.yaml");

  @Parameters(
      arity = "0..*",
      paramLabel = "TABLE",
      description = "Default: all of the file.",
      showDefaultValue = Visibility.NEVER)
  List<String> names = List.of();

  @Option(names = "--json", description = "Print one JSON document to stdout, and nothing else.")
  boolean json;

  @Option(
      names = "--full",
      description = "Read sources, also where their version is the one that was refreshed last.")
  boolean full;

  @ArgGroup(exclusive = true, multiplicity = "0..1")
  Instead instead = new Instead();

  /** Instead of a refresh. */
  static final class Instead {
    @Option(
        names = "--dry-run",
        description = "Find the differences, show them, and apply nothing before it is approved.")
    boolean dryRun;

    @Option(names = "--approve", description = "Apply what waits for approval.")
    boolean approve;

    @Option(names = "--reject", description = "Discard what waits for approval.")
    boolean reject;
  }

  @Override
  public boolean json() {
    return json;
  }

  @Override
  public Integer call() throws Exception {
    checkFull();
    var config = ConfigReader.read(file);
    var tables = tables(config);
    return Shutdown.run(asked -> sync(config, tables, asked));
  }

  /** What waits for approval has read its source already. */
  private void checkFull() {
    if (full && (instead.approve || instead.reject)) {
      throw new ParameterException(
          spec.commandLine(), "--full is for a refresh, not for --approve or --reject");
    }
  }

  private int sync(
      TidemarkConfig config, List<TableDefinition> tables, CompletionStage<Void> asked) {
    var report = new SyncReport(file.toString(), instead.dryRun ? "--dry-run" : "");
    var outcomes = new SyncRun(config, tables, wish(), full, report, asked).outcomes();
    if (json) {
      System.out.println(SyncReport.json(outcomes));
    }
    return outcomes.stream()
        .mapToInt(TableOutcome::exitCode)
        .reduce(ExitCode.DONE, SyncCommand::worse);
  }

  private TableSync.Wish wish() {
    if (instead.dryRun) {
      return TableSync.Wish.DRY_RUN;
    } else if (instead.approve) {
      return TableSync.Wish.APPROVE;
    }
    return instead.reject ? TableSync.Wish.REJECT : TableSync.Wish.REFRESH;
  }

  /** What failed says more than what can go on, and that more than what waits. */
  private static int worse(int one, int other) {
    var order =
        List.of(
            ExitCode.DONE,
            ExitCode.AWAITING_APPROVAL,
            ExitCode.RESUMABLE,
            ExitCode.USAGE,
            ExitCode.FAILED);
    return order.indexOf(one) >= order.indexOf(other) ? one : other;
  }

  private List<TableDefinition> tables(TidemarkConfig config) {
    var all = config.tables();
    var known = all.stream().map(TableDefinition::name).toList();
    var named = new LinkedHashSet<>(names);
    var unknown = named.stream().filter(name -> !known.contains(name)).toList();
    if (!unknown.isEmpty() || all.isEmpty()) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.CONFIG_INVALID,
                  unknown.isEmpty()
                      ? file + ": it has no tables"
                      : unknown.stream()
                          .map(name -> file + ": there is no table " + name)
                          .collect(joining("\n")))
              .withHint(
                  known.isEmpty()
                      ? "Add a table under `tables:`."
                      : "It has: " + String.join(", ", known) + "."));
    }
    return named.isEmpty()
        ? all
        : all.stream().filter(table -> named.contains(table.name())).toList();
  }
}
