package io.tidemark.executor.source.files;

import io.tidemark.executor.source.SourceColumn;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Guesses the types of a table that is created from CSV, by what the first rows look like. Only
 * forms that mean the same everywhere count: {@code 01/02/2024} and {@code 007} are texts.
 */
final class CsvTypes {
  private static final int ROWS = 20_480;

  /** Of very wide files fewer rows are looked at. */
  private static final int VALUES = 1_000_000;

  private static final String DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
  private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";

  /** The first that all values fit. */
  private static final List<Form> FORMS =
      List.of(
          new Form("bigint", "-?(0|[1-9][0-9]{0,17})"),
          new Form("numeric", "-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]{1,2})?"),
          new Form("boolean", "true|false|TRUE|FALSE|True|False"),
          new Form("date", DAY),
          new Form("timestamp", DAY + "[ T]" + TIME),
          new Form("timestamptz", DAY + "[ T]" + TIME + " ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"),
          new Form(
              "uuid",
              "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"));

  private final Map<String, String> given;

  /**
   * @param given types by name, which are not guessed
   */
  CsvTypes(Map<String, String> given) {
    this.given = given;
  }

  private record Form(String type, Pattern pattern) {
    Form(String type, String pattern) {
      this(type, Pattern.compile(pattern));
    }

    boolean fits(String value) {
      return pattern.matcher(value).matches();
    }
  }

  /** Columns with the given names, in order, of the rows of a FROM item. */
  List<SourceColumn> of(Statement duck, List<String> names, String from) throws SQLException {
    var guesses = names.stream().map(name -> new Guess()).toList();
    if (!given.keySet().containsAll(names)) {
      var rows = Math.clamp(VALUES / names.size(), 100, ROWS);
      try (var sample = duck.executeQuery("FROM " + from + " LIMIT " + rows)) {
        while (sample.next()) {
          for (var i = 0; i < guesses.size(); i++) {
            guesses.get(i).see(sample.getString(i + 1));
          }
        }
      }
    }
    return IntStream.range(0, names.size())
        .mapToObj(
            i ->
                new SourceColumn(
                    names.get(i),
                    given.getOrDefault(names.get(i), guesses.get(i).type()),
                    false,
                    true))
        .toList();
  }

  /** What one column may be. */
  private static final class Guess {
    private final List<Form> open = new ArrayList<>(FORMS);
    private boolean seen;

    void see(@Nullable String value) {
      if (value != null) {
        seen = true;
        open.removeIf(form -> !form.fits(value));
      }
    }

    String type() {
      return seen && !open.isEmpty() ? open.getFirst().type : "text";
    }
  }
}
