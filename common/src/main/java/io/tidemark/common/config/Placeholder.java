package io.tidemark.common.config;

import java.util.ArrayList;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The {@code ${…}} of a text: its grammar, in one place. */
sealed interface Placeholder {
  String REMEDY = "Write ${env:NAME} or ${file:/path}, or $${ for a literal ${.";

  /** An escaped opening, a whole placeholder, or an opening that nothing closes. */
  Pattern FORM = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}|\\$\\{");

  Pattern CONTENT = Pattern.compile("env:([A-Za-z_][A-Za-z0-9_]*)|file:(\\S(?:.*\\S)?)");

  /** An environment variable. */
  record Env(String name) implements Placeholder {}

  /** A file's content. */
  record File(String path) implements Placeholder {}

  /**
   * The text with its placeholders replaced.
   *
   * @param value what one stands for
   * @param fault told what is wrong with one that is not well-formed; it never quotes the text
   */
  static String replace(String text, Function<Placeholder, String> value, Consumer<String> fault) {
    var result = new StringBuilder(text.length());
    var matcher = FORM.matcher(text);
    int end = 0;
    while (matcher.find()) {
      result.append(text, end, matcher.start());
      end = matcher.end();
      if (matcher.group().startsWith("$$")) {
        result.append("${");
        continue;
      }
      if (matcher.group(1) == null) {
        fault.accept("has a ${ that is never closed");
        continue;
      }
      var content = CONTENT.matcher(matcher.group(1));
      if (!content.matches()) {
        fault.accept("has a ${…} that is neither ${env:NAME} nor ${file:/path}");
        continue;
      }
      result.append(
          value.apply(
              content.group(1) == null ? new File(content.group(2)) : new Env(content.group(1))));
    }
    return result.append(text, end, text.length()).toString();
  }

  /** What is wrong with the first placeholder that is not well-formed. */
  static Optional<String> fault(String text) {
    var faults = new ArrayList<String>();
    replace(text, placeholder -> "", faults::add);
    return faults.stream().findFirst();
  }

  /** Whether the text has any, well-formed or not. */
  static boolean isIn(String text) {
    return FORM.matcher(text).find();
  }

  /** Whether the text is nothing but one or more well-formed placeholders, and so no secret. */
  static boolean isAll(String text) {
    if (text.isEmpty() || fault(text).isPresent()) {
      return false;
    }
    return replace(text, placeholder -> "", fault -> {}).isEmpty();
  }
}
