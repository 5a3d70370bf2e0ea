package io.tidemark.common.config;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.util.List;
import java.util.Optional;

/**
 * One thing that is wrong with what the user wrote. Never holds the value of a secret.
 *
 * @param origin the place it was written in, as the user named it: a file's name, or "request"
 * @param line of that file, from 1; empty where lines mean nothing
 * @param table name of the table, or {@code #2} for the second one where it has no name; empty
 *     outside of tables
 * @param field path of keys, such as {@code guard.max-delete-ratio}; "" where it concerns no single
 *     field
 * @param message what is wrong, so that it reads on after the field's name
 * @param remedy what to do, in the imperative; "" where the message says it all
 */
public record ConfigProblem(
    String origin,
    Optional<Integer> line,
    Optional<String> table,
    String field,
    String message,
    String remedy) {

  /** One line: {@code file[:line]: [table NAME: ][field: ]message[; remedy]}. */
  @Override
  public String toString() {
    return place() + oneLine(message) + (remedy.isEmpty() ? "" : "; " + oneLine(remedy));
  }

  /**
   * The same as an error; the remedy becomes its hint.
   *
   * @param code the kind of error, where a better one than CONFIG_INVALID fits
   */
  public ErrorReport report(ErrorCode code) {
    var report = ErrorReport.of(code, place() + oneLine(message));
    return remedy.isEmpty() ? report : report.withHint(oneLine(remedy));
  }

  public ErrorReport report() {
    return report(ErrorCode.CONFIG_INVALID);
  }

  /** All of them as one CONFIG_INVALID: its message has a line a problem, in the order given. */
  public static TidemarkException exception(List<ConfigProblem> problems) {
    return new TidemarkException(
        ErrorCode.CONFIG_INVALID,
        problems.stream().map(ConfigProblem::toString).collect(joining("\n")));
  }

  private String place() {
    return oneLine(origin)
        + line.map(number -> ":" + number).orElse("")
        + ": "
        + table.map(name -> "table " + oneLine(name) + ": ").orElse("")
        + (field.isEmpty() ? "" : oneLine(field) + ": ");
  }

  /** What a user wrote may hold line breaks or terminal escapes: neither reaches the screen. */
  private static String oneLine(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
