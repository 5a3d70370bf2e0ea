package io.tidemark.launcher.client;

import io.tidemark.launcher.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs a command with short patience, and keeps what it prints. */
record CommandRun(int code, String out, String err) {
  private static final RefreshWatch.Patience SHORT =
      new RefreshWatch.Patience(
          Duration.ofMillis(10),
          Duration.ofMillis(50),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5));

  /** Stands for the command that all of them belong to. */
  @Command(name = "tidemark")
  static final class Root {}

  static CommandRun of(String... arguments) {
    return of(SHORT, arguments);
  }

  static CommandRun of(RefreshWatch.Patience patience, String... arguments) {
    var out = new StringWriter();
    var bytes = new ByteArrayOutputStream();
    var err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    var terminal = new Terminal(err, false, false, true, () -> Terminal.Size.DEFAULT);
    var line = commandLine(new ClientCommands.Surroundings(() -> terminal, patience));
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
    int code = line.execute(arguments);
    return new CommandRun(code, out.toString(), bytes.toString(StandardCharsets.UTF_8));
  }

  /** A process of its own, for what a signal does. */
  public static void main(String[] arguments) {
    var line = new CommandLine(new Root());
    ClientCommands.all().forEach(line::addSubcommand);
    System.exit(line.execute(arguments));
  }

  private static CommandLine commandLine(ClientCommands.Surroundings around) {
    var line = new CommandLine(new Root());
    ClientCommands.all(around).forEach(line::addSubcommand);
    return line;
  }
}
