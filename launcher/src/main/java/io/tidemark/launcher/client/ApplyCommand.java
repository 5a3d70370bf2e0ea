package io.tidemark.launcher.client;

import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.Printable;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tidemark apply}: tells the server the tables of a file. */
@Command(
    name = "apply",
    description = {
      "Defines the tables of a file at the server, in place of those of the same names.",
      "Tables that are not in the file stay as they are, and so does a refresh under way."
    })
final class ApplyCommand extends ClientCommand {
  private static final String REQUEST = "request: ";

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "Configuration, YAML; only its tables are used.")
  Path file = Path.of("tidemark.yaml");

  @Override
  int run(Api api) {
    int code = ExitCode.DONE;
    for (var table : ConfigReader.read(file).tables()) {
      try {
        print(Printable.line(table.name()) + ": " + apply(api, table) + "\n");
      } catch (TidemarkException e) {
        fail(named(e.report()));
        code = Math.max(code, ExitCode.of(e.report()));
        if (e.report().code() == ErrorCode.NO_LEADER) {
          break;
        }
      }
    }
    return code;
  }

  private static String apply(Api api, TableDefinition table) {
    var path = "/tables/" + Api.encoded(table.name());
    var before = find(api, path);
    var now = api.put(path, table.written());
    if (before.isEmpty()) {
      return "created";
    }
    boolean same = before.get().path("updatedAt").equals(now.body().path("updatedAt"));
    return same ? "unchanged" : "changed";
  }

  private static Optional<JsonNode> find(Api api, String path) {
    try {
      return Optional.of(api.read(path).body());
    } catch (TidemarkException e) {
      if (e.code() == ErrorCode.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The server has not seen the file: what it calls a request is this. */
  private ErrorReport named(ErrorReport error) {
    var message =
        String.join(
            "\n",
            error
                .message()
                .lines()
                .map(
                    line ->
                        line.startsWith(REQUEST)
                            ? file + ": " + line.substring(REQUEST.length())
                            : line)
                .toList());
    return new ErrorReport(
        error.code(),
        error.category(),
        error.retryable(),
        message,
        error.stage(),
        error.vnode(),
        error.position(),
        error.hint());
  }
}
