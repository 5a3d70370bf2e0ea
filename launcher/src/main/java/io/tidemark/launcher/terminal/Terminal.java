package io.tidemark.launcher.terminal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Where stderr goes, and what it can show.
 *
 * @param interactive whether lines can be redrawn
 * @param colour whether it may be coloured: never where NO_COLOR is set
 * @param unicode whether it shows more than ASCII
 * @param size asked before each drawing, as a window may be resized
 */
public record Terminal(
    PrintStream err, boolean interactive, boolean colour, boolean unicode, Supplier<Size> size) {
  private static final long SIZE_TIMEOUT_MS = 1_000;

  /** Lines and cells of a line. */
  public record Size(int rows, int columns) {
    public static final Size DEFAULT = new Size(24, 80);
  }

  /** The terminal of this process, if stderr is one. */
  public static Terminal ofProcess() {
    return of(System.err, System.getenv(), Terminal::ask);
  }

  /**
   * As {@link #ofProcess}.
   *
   * @param ask asks the terminal; empty where stderr is none
   */
  static Terminal of(
      PrintStream err, Map<String, String> environment, Supplier<Optional<Size>> ask) {
    boolean able = environment.containsKey("TERM") && !"dumb".equals(environment.get("TERM"));
    var first = able ? ask.get() : Optional.<Size>empty();
    boolean interactive = first.isPresent();
    boolean colour = interactive && environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(
        err,
        interactive,
        colour,
        unicode(err.charset()),
        new Polled(first.orElse(Size.DEFAULT), ask));
  }

  private static boolean unicode(Charset charset) {
    return charset.equals(StandardCharsets.UTF_8);
  }

  /** Java cannot ask whether stderr is a terminal, nor for its size: the shell can. */
  private static Optional<Size> ask() {
    try {
      var shell =
          new ProcessBuilder("sh", "-c", "test -t 2 && stty size <&2 2>/dev/null")
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      shell.getOutputStream().close();
      var answer = new String(shell.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
      if (!shell.waitFor(SIZE_TIMEOUT_MS, TimeUnit.MILLISECONDS) || shell.exitValue() != 0) {
        return Optional.empty();
      }
      return size(answer);
    } catch (IOException e) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * Reads what {@code stty size} prints.
   *
   * @return empty where that is no size; a terminal that knows none says 0 0 and gets the default
   */
  static Optional<Size> size(String answer) {
    var numbers = answer.strip().split(" ", -1);
    try {
      int rows = Integer.parseInt(numbers[0]);
      int columns = numbers.length == 2 ? Integer.parseInt(numbers[1]) : 0;
      return Optional.of(rows <= 0 || columns <= 0 ? Size.DEFAULT : new Size(rows, columns));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Asking costs a process: not more often than a person resizes a window. */
  private static final class Polled implements Supplier<Size> {
    private static final long INTERVAL_NANOS = Duration.ofSeconds(2).toNanos();

    private final Supplier<Optional<Size>> ask;
    private Size last;
    private long asked = System.nanoTime();

    Polled(Size first, Supplier<Optional<Size>> ask) {
      this.last = first;
      this.ask = ask;
    }

    @Override
    public synchronized Size get() {
      if (System.nanoTime() - asked > INTERVAL_NANOS) {
        last = ask.get().orElse(last);
        asked = System.nanoTime();
      }
      return last;
    }
  }
}
