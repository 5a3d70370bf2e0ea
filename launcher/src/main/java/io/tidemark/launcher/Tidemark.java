package io.tidemark.launcher;

import io.tidemark.launcher.client.ClientCommands;
import io.tidemark.launcher.demo.DemoCommand;
import io.tidemark.launcher.sync.SyncCommand;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code tidemark} command. */
@Command(
    name = "tidemark",
    description = "Keeps Postgres tables equal to sources that offer no change stream.",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = Tidemark.Version.class,
    showDefaultValues = true,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "COMMAND",
    exitCodeListHeading = ExitCode.HELP_HEADING,
    exitCodeList = {
      "0:done",
      "1:failed",
      "2:wrong usage or configuration",
      "3:a refresh waits for approval",
      "4:interrupted; the same command goes on where it stopped"
    },
    subcommands = {
      DemoCommand.class,
      SyncCommand.class,
      ServerCommand.class,
      ToxiproxyCommand.class,
      HelpCommand.class
    })
public final class Tidemark implements Runnable {
  @Spec CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Say on stderr what happens, with the causes of errors.")
  void verbose(boolean on) {
    if (on) {
      Logging.verbose();
    }
  }

  /** Ends the process with the command's exit code. */
  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  /** Runs a command to its end; its exit code. */
  static int run(String... arguments) {
    var line = new CommandLine(new Tidemark());
    ClientCommands.all().forEach(line::addSubcommand);
    return line.setExecutionExceptionHandler(
            (e, command, parsed) -> Errors.whileRunning(e, command))
        .setParameterExceptionHandler(Errors::whileReading)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(arguments);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  /** From the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      var version =
          Optional.ofNullable(Tidemark.class.getPackage().getImplementationVersion())
              .orElse("(unpackaged)");
      return new String[] {"tidemark " + version};
    }
  }
}
