package io.tidemark.executor.source.files;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Guesses the type of a column from text, by what some of its values look like. Only forms that
 * mean the same everywhere count: {@code 01/02/2024} and {@code 007} are texts.
 */
final class TypeGuess {
  private static final String DAY = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])";
  private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?";
  private static final String HEX = "[0-9a-fA-F]";

  /** What JSON writes without quotes. */
  private static final List<Form> BARE =
      List.of(
          new Form("bigint", "-?(0|[1-9][0-9]{0,17})"),
          new Form("numeric", "-?(0|[1-9][0-9]{0,99})(\\.[0-9]{1,99})?([eE][-+]?[0-9]{1,2})?"),
          new Form("boolean", "true|false|TRUE|FALSE|True|False"));

  private static final List<Form> QUOTED =
      List.of(
          new Form("date", DAY),
          new Form("timestamp", DAY + "[ T]" + TIME),
          new Form("timestamptz", DAY + "[ T]" + TIME + " ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)"),
          new Form("uuid", HEX + "{8}(-" + HEX + "{4}){3}-" + HEX + "{12}"));

  /** Those that all values fit; the first of them counts. */
  private final List<Form> fitting;

  private boolean seen;

  private TypeGuess(List<Form> forms) {
    fitting = forms;
  }

  /** Of values whose quotes say nothing. */
  static TypeGuess ofText() {
    var forms = new ArrayList<>(BARE);
    forms.addAll(QUOTED);
    return new TypeGuess(forms);
  }

  /** Of values that are no numbers and no truth values, whatever they look like. */
  static TypeGuess ofQuoted() {
    return new TypeGuess(new ArrayList<>(QUOTED));
  }

  private record Form(String type, Pattern pattern) {
    Form(String type, String pattern) {
      this(type, Pattern.compile(pattern));
    }
  }

  /** Whether more values can change it. */
  boolean open() {
    return !fitting.isEmpty();
  }

  /** Takes a value into account; a null says nothing. */
  void see(String value) {
    seen = true;
    fitting.removeIf(form -> !form.pattern.matcher(value).matches());
  }

  /** As SQL. */
  String type() {
    return seen && open() ? fitting.getFirst().type : "text";
  }
}
