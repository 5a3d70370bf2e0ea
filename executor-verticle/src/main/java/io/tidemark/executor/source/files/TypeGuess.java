package io.tidemark.executor.source.files;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Guesses the types of a table that is created from text, by what some of its values look like.
 * Only forms that mean the same everywhere count: {@code 01/02/2024} and {@code 007} are texts.
 */
final class TypeGuess {
  private static final String DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
  private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
  private static final String HEX = "[0-9a-fA-F]";

  /** The first that all values fit. */
  private static final List<Form> FORMS =
      List.of(
          new Form("bigint", "-?(0|[1-9][0-9]{0,17})"),
          new Form("numeric", "-?(0|[1-9][0-9]{0,99})(\\.[0-9]{1,99})?([eE][-+]?[0-9]{1,2})?"),
          new Form("boolean", "true|false|TRUE|FALSE|True|False"),
          new Form("date", DAY),
          new Form("timestamp", DAY + "[ T]" + TIME),
          new Form("timestamptz", DAY + "[ T]" + TIME + " ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"),
          new Form("uuid", HEX + "{8}(-" + HEX + "{4}){3}-" + HEX + "{12}"));

  private static final int ALL = (1 << FORMS.size()) - 1;
  private static final int NOTHING_SEEN = -1;

  private final int[] fits;

  TypeGuess(int columns) {
    fits = new int[columns];
    Arrays.fill(fits, NOTHING_SEEN);
  }

  private record Form(String type, Pattern pattern) {
    Form(String type, String pattern) {
      this(type, Pattern.compile(pattern));
    }
  }

  /** Takes a value of a column into account; a null says nothing. */
  void see(int column, String value) {
    var open = fits[column] == NOTHING_SEEN ? ALL : fits[column];
    for (var form = 0; form < FORMS.size(); form++) {
      if ((open & 1 << form) != 0 && !FORMS.get(form).pattern.matcher(value).matches()) {
        open &= ~(1 << form);
      }
    }
    fits[column] = open;
  }

  /** As SQL. */
  String type(int column) {
    return IntStream.range(0, FORMS.size())
        .filter(form -> fits[column] != NOTHING_SEEN && (fits[column] & 1 << form) != 0)
        .mapToObj(form -> FORMS.get(form).type)
        .findFirst()
        .orElse("text");
  }
}
