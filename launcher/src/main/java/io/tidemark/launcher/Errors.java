package io.tidemark.launcher;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user sees of an error: what is wrong and what to do, never a stack trace. */
final class Errors {
  private static final Logger LOG = LoggerFactory.getLogger(Errors.class);

  private Errors() {}

  /** An error while a command ran. */
  static int whileRunning(Exception thrown, CommandLine command) {
    var report = report(thrown);
    var json = command.getCommandSpec().userObject() instanceof JsonOutput output && output.json();
    show(report, command, json);
    return ExitCode.of(report);
  }

  /** A command line that cannot be read. */
  static int whileReading(ParameterException thrown, String[] arguments) {
    var command = thrown.getCommandLine();
    var name = command.getCommandSpec().qualifiedName();
    var report =
        ErrorReport.of(
                ErrorCode.CONFIG_INVALID,
                firstLine(Objects.requireNonNullElse(thrown.getMessage(), "")))
            .withHint(suggestion(thrown) + "See `" + name + " --help`.");
    show(report, command, Arrays.asList(arguments).contains("--json"));
    return ExitCode.USAGE;
  }

  private static String suggestion(ParameterException thrown) {
    return thrown instanceof UnmatchedArgumentException unmatched
        ? unmatched.getSuggestions().stream()
            .findFirst()
            .map(close -> "Did you mean `" + close + "`? ")
            .orElse("")
        : "";
  }

  private static void show(ErrorReport report, CommandLine command, boolean json) {
    if (json) {
      print(command.getOut(), toJson(report));
    }
    var err = command.getErr();
    report.message().lines().forEach(line -> print(err, "tidemark: " + line));
    if (!report.hint().isEmpty()) {
      print(err, "  " + report.hint());
    }
  }

  private static void print(PrintWriter writer, String line) {
    writer.println(line);
    writer.flush();
  }

  private static String toJson(ErrorReport report) {
    try {
      return Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(report);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ErrorReport report(Throwable thrown) {
    if (thrown instanceof TidemarkException known) {
      return known.report();
    }
    if (thrown instanceof CompletionException && thrown.getCause() != null) {
      return report(thrown.getCause());
    }
    LOG.debug("unexpected", thrown);
    return ErrorReport.of(ErrorCode.BUG, thrown.toString())
        .withHint("Run it again with --verbose and report what it says.");
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse(text);
  }
}
