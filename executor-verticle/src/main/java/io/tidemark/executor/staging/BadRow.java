package io.tidemark.executor.staging;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.QualifiedName;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/**
 * A row that the home could not read.
 *
 * @param number in the batch, from 0
 * @param place in the source
 * @param column empty where Postgres names none
 * @param reason Postgres' own words
 * @param text the row as it was read
 */
record BadRow(int number, String place, Optional<String> column, String reason, String text) {
  /**
   * Class 22: a value that its type does not read. Constraints: NOT NULL, and CHECK of a domain.
   */
  private static final Set<String> CONSTRAINTS = Set.of("23502", "23514");

  /** Of what follows the table's name in {@code COPY staging_17, line 5, column a: "x"}. */
  private static final Pattern FIRST_NUMBER = Pattern.compile("\\D*?(\\d+)(.*)", Pattern.DOTALL);

  /**
   * Out of an error of COPY; empty where it is no row's.
   *
   * @param from number of the row that the COPY began with
   */
  static Optional<BadRow> of(SQLException error, BatchRows rows, int from, List<String> columns) {
    if (!(error instanceof PSQLException refused) || !ofARow(error.getSQLState())) {
      return Optional.empty();
    }
    var message = refused.getServerErrorMessage();
    if (message == null || message.getWhere() == null) {
      return Optional.empty();
    }
    return line(message.getWhere())
        .filter(line -> from + line.number - 1 < rows.count())
        .map(
            line -> {
              var number = from + line.number - 1;
              return new BadRow(
                  number,
                  rows.place(number),
                  column(message, line.rest, columns),
                  String.valueOf(message.getMessage()),
                  rows.text(number));
            });
  }

  TidemarkException malformed(SQLException error) {
    return new TidemarkException(ErrorCode.ROW_MALFORMED, words(), error);
  }

  /** {@code data/a.csv, line 17, column amount: invalid input syntax …}. */
  String words() {
    return place
        + column.map(it -> ", column " + QualifiedName.shown(it)).orElse("")
        + ": "
        + reason;
  }

  private record Line(int number, String rest) {}

  /** Whether an error's SQLSTATE is one of a row, not of the home or of the way there. */
  static boolean ofARow(@Nullable String state) {
    return state != null && (state.startsWith("22") || CONSTRAINTS.contains(state));
  }

  /** After the table's name, which holds a number too. */
  private static Optional<Line> line(String where) {
    var copy = where.lines().filter(it -> it.contains("COPY ")).findFirst().orElse("");
    var name = copy.indexOf("COPY ") + "COPY ".length();
    while (name < copy.length()
        && (Character.isLetterOrDigit(copy.charAt(name)) || copy.charAt(name) == '_')) {
      name++;
    }
    var line = FIRST_NUMBER.matcher(copy.substring(Math.min(name, copy.length())));
    return line.matches() && line.group(1).length() < 10
        ? Optional.of(new Line(Integer.parseInt(line.group(1)), line.group(2)))
        : Optional.empty();
  }

  /** The longest column's name that follows before the value. */
  private static Optional<String> column(
      ServerErrorMessage message, String rest, List<String> columns) {
    if (message.getColumn() != null) {
      return Optional.of(message.getColumn());
    }
    return columns.stream()
        .filter(
            name ->
                rest.endsWith(" " + name)
                    || rest.contains(" " + name + ":")
                    || rest.contains(" " + name + "："))
        .max(Comparator.comparingInt(String::length));
  }
}
