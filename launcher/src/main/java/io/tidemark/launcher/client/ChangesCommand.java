package io.tidemark.launcher.client;

import com.fasterxml.jackson.core.JsonToken;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.terminal.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tidemark changes}: what refreshes of a table changed, a line of JSON each. */
@Command(
    name = "changes",
    description = {
      "Prints what refreshes of a table changed, in order: one JSON object a line.",
      "Ends where there is nothing more; go on later with the last seq as --after."
    })
final class ChangesCommand extends ClientCommand {
  private static final int PAGE = 10_000;

  @Parameters(
      paramLabel = "TABLE",
      description = "Name of the table.",
      showDefaultValue = Visibility.NEVER)
  String table = "";

  @Option(
      names = "--after",
      paramLabel = "N",
      description = "The seq of the last change already seen; default: from the oldest kept.")
  @Nullable Long after;

  @Override
  int run(Api api) {
    var path = "/tables/" + Api.encoded(table) + "/changes?limit=" + PAGE;
    while (page(api, path)) {
      // The next page begins after the last change of this one.
    }
    return ExitCode.DONE;
  }

  /** Prints a page; whether there may be another. */
  private boolean page(Api api, String path) {
    long lines = 0;
    try (var body =
        new BufferedReader(
            new InputStreamReader(
                api.stream(after == null ? path : path + "&after=" + after),
                StandardCharsets.UTF_8))) {
      var out = spec.commandLine().getOut();
      for (var line = body.readLine(); line != null; line = body.readLine()) {
        after = seq(line);
        out.println(Printable.json(line));
        lines++;
      }
      out.flush();
      return lines > 0 && !out.checkError();
    } catch (IOException e) {
      spec.commandLine().getOut().flush();
      throw new TidemarkException(
          ErrorReport.of(ErrorCode.NO_LEADER, "the stream of changes broke off")
              .withHint(
                  "Go on with `tidemark changes %s%s`."
                      .formatted(table, after == null ? "" : " --after " + after)),
          e);
    }
  }

  /** The number of a change: its line may be far too large to be read as a whole. */
  private static long seq(String line) throws IOException {
    try (var json = Json.MAPPER.getFactory().createParser(line)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          var name = json.currentName();
          json.nextToken();
          if (name.equals("seq")) {
            return json.getLongValue();
          }
          json.skipChildren();
        }
      }
    }
    throw new TidemarkException(ErrorCode.PROTOCOL, "the server sent a change without a seq");
  }
}
