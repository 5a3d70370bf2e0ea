package io.tidemark.launcher.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.launcher.ExitCode;
import io.tidemark.launcher.JsonOutput;
import io.tidemark.launcher.terminal.ErrorText;
import io.tidemark.launcher.terminal.Printable;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What all commands that talk to a server have in common. */
abstract class ClientCommand implements Callable<Integer>, JsonOutput {
  @Mixin ServerOption server = new ServerOption();
  @Spec CommandSpec spec = CommandSpec.create();

  /**
   * Does it.
   *
   * @return the exit code
   */
  abstract int run(Api api) throws InterruptedException;

  @Override
  public boolean json() {
    return false;
  }

  @Override
  public final Integer call() {
    try (var api = new Api(server.url)) {
      return run(api);
    } catch (TidemarkException e) {
      fail(e.report());
      return ExitCode.of(e.report());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.RESUMABLE;
    }
  }

  /** The result: stdout. */
  final void print(String text) {
    write(spec.commandLine().getOut(), text);
  }

  /** The one JSON document of stdout. */
  final void printJson(Object document) {
    try {
      var json = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(document);
      print(Printable.json(json) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a view that cannot be written", e);
    }
  }

  /** What goes with it: stderr. */
  final void say(String text) {
    write(spec.commandLine().getErr(), text);
  }

  final void fail(ErrorReport error) {
    if (json()) {
      printJson(error);
    }
    say(ErrorText.of(error));
  }

  private static void write(PrintWriter to, String text) {
    to.print(text);
    to.flush();
  }
}
