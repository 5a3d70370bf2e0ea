package io.tidemark.common.config;

import static java.util.stream.Collectors.joining;

import io.tidemark.common.config.ConfigNode.Entry;
import io.tidemark.common.config.ConfigNode.Mapping;
import io.tidemark.common.config.ConfigNode.Sequence;
import io.tidemark.common.error.TidemarkException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One mapping, read key by key with the type each must have. Whatever is wrong becomes a problem
 * and reads as left out; so one pass finds everything. Texts keep their placeholders; numbers,
 * durations and choices are read from what placeholders stand for. No message quotes a text that
 * may hold a secret.
 */
final class Section {
  private static final int MAX_SHOWN = 60;

  private final Mapping mapping;
  private final String path;
  private final Optional<String> table;
  private final Problems problems;
  private final Secrets secrets;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param path of the mapping itself, "" for a root
   */
  Section(
      Mapping mapping, String path, Optional<String> table, Problems problems, Secrets secrets) {
    this.mapping = mapping;
    this.path = path;
    this.table = table;
    this.problems = problems;
    this.secrets = secrets;
    for (var entry : mapping.entries()) {
      var first = entries.putIfAbsent(entry.key(), entry);
      if (first != null) {
        var at = first.line() == 0 ? "" : ", first in line " + first.line();
        problems.add(
            entry.line(), table, field(entry.key()), "is written twice" + at, "keep one of them");
      }
    }
  }

  /** The value of a key, whatever it is. */
  Optional<ConfigNode> node(String key) {
    known.add(key);
    var entry = entries.get(key);
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.value() instanceof ConfigNode.Empty) {
      problem(key, "is empty", "give it a value, or leave it out");
      return Optional.empty();
    }
    return Optional.of(entry.value());
  }

  /** Whether the key is written, with whatever value. */
  boolean has(String key) {
    known.add(key);
    return entries.containsKey(key);
  }

  /** Says that a required key is missing, unless it is there with something else wrong. */
  void require(String key, String remedy) {
    if (!has(key)) {
      problems.add(mapping.line(), table, field(key), "is missing", remedy);
    }
  }

  Optional<Section> section(String key) {
    return node(key)
        .flatMap(
            node -> {
              if (node instanceof Mapping inner) {
                return Optional.of(new Section(inner, field(key), table, problems, secrets));
              }
              return wrong(key, node, "a mapping", "write `" + key + ": {…}`");
            });
  }

  Optional<Sequence> list(String key, String example) {
    return node(key)
        .flatMap(
            node ->
                node instanceof Sequence list
                    ? Optional.of(list)
                    : wrong(key, node, "a list", "write " + example));
  }

  /** A text, placeholders unresolved. */
  Optional<String> text(String key) {
    return node(key).flatMap(node -> text(key, node));
  }

  /** Texts that are all different, placeholders unresolved. */
  List<String> texts(String key, String example) {
    var texts = new ArrayList<String>();
    var list = list(key, example);
    for (var item : list.map(Sequence::items).orElse(List.of())) {
      text(key, item)
          .ifPresent(
              text -> {
                if (texts.contains(text)) {
                  add(item.line(), key, "names " + shown(text) + " twice", "keep one of them");
                }
                texts.add(text);
              });
    }
    if (list.isPresent() && list.get().items().isEmpty()) {
      problem(key, "is an empty list", "write " + example + ", or leave it out");
    }
    return texts;
  }

  /** Texts by their keys, in the order written. */
  Map<String, String> pairs(String key, String example) {
    var node = node(key);
    if (node.isPresent() && !(node.get() instanceof Mapping)) {
      wrong(key, node.get(), "a mapping", "write " + example);
    }
    var pairs = new LinkedHashMap<String, String>();
    if (node.isPresent() && node.get() instanceof Mapping inner) {
      for (var entry : inner.entries()) {
        if (pairs.containsKey(entry.key())) {
          add(entry.line(), key, "names " + shown(entry.key()) + " twice", "keep one of them");
        }
        text(key, entry.value()).ifPresent(text -> pairs.put(entry.key(), text));
      }
    }
    return pairs;
  }

  /** true or false. */
  Optional<Boolean> truth(String key) {
    return node(key)
        .flatMap(
            node ->
                node instanceof ConfigNode.Bool bool
                    ? Optional.of(bool.value())
                    : wrong(key, node, "true or false", "write `" + key + ": true`"));
  }

  /** A text with its placeholders resolved. */
  Optional<String> resolved(String key) {
    return text(key).flatMap(text -> resolve(key, text));
  }

  Optional<Long> whole(String key, long min, long max, long example) {
    var range = "is not a whole number between " + min + " and " + max;
    var remedy = "write a number such as " + example;
    return number(key, remedy)
        .flatMap(
            number -> {
              if (number.compareTo(BigDecimal.valueOf(min)) < 0
                  || number.compareTo(BigDecimal.valueOf(max)) > 0
                  || number.stripTrailingZeros().scale() > 0) {
                problem(key, shownValue(key) + " " + range, remedy);
                return Optional.empty();
              }
              return Optional.of(number.longValueExact());
            });
  }

  /** A number between 0 and 1. */
  Optional<Double> fraction(String key, double example) {
    var remedy = "write a fraction such as " + example;
    return number(key, remedy)
        .flatMap(
            number -> {
              if (number.signum() < 0 || number.compareTo(BigDecimal.ONE) > 0) {
                problem(key, shownValue(key) + " is not between 0 and 1", remedy);
                return Optional.empty();
              }
              return Optional.of(number.doubleValue());
            });
  }

  Optional<Duration> duration(String key, Duration min, Duration max, String example) {
    var remedy = "write a duration such as " + example + " (units: ms, s, m, h, d)";
    return node(key)
        .flatMap(
            node ->
                switch (node) {
                  case ConfigNode.Numeric number -> {
                    problem(key, shownValue(key) + " has no unit", remedy);
                    yield Optional.empty();
                  }
                  case ConfigNode.Text text -> text(key, text).flatMap(it -> resolve(key, it));
                  case Mapping other -> wrong(key, other, "a duration", remedy);
                  case Sequence other -> wrong(key, other, "a duration", remedy);
                  case ConfigNode.Bool other -> wrong(key, other, "a duration", remedy);
                  case ConfigNode.Empty other -> Optional.empty();
                })
        .flatMap(
            text -> {
              var duration = DurationText.parse(text);
              if (duration.isEmpty()) {
                problem(key, shownValue(key) + " is not a duration", remedy);
              } else if (duration.get().compareTo(min) < 0 || duration.get().compareTo(max) > 0) {
                problem(
                    key,
                    shownValue(key)
                        + " is not between "
                        + DurationText.of(min)
                        + " and "
                        + DurationText.of(max),
                    remedy);
                return Optional.empty();
              }
              return duration;
            });
  }

  /** One of an enum's names, in lower case with dashes. */
  <E extends Enum<E>> Optional<E> choice(String key, Class<E> type) {
    var words = Stream.of(type.getEnumConstants()).map(Section::word).toList();
    return resolved(key)
        .flatMap(
            text -> {
              var found =
                  Stream.of(type.getEnumConstants())
                      .filter(value -> word(value).equals(text))
                      .findFirst();
              if (found.isEmpty()) {
                var remedy =
                    NearMiss.of(text, words)
                        .filter(near -> !Placeholder.isIn(rawText(key)))
                        .map(near -> "did you mean " + near + "?")
                        .orElse("write one of " + String.join(", ", words));
                problem(key, shownValue(key) + " is not known here", remedy);
              }
              return found;
            });
  }

  /** Adds a problem with a key's value. */
  void problem(String key, String message, String remedy) {
    var entry = entries.get(key);
    add(entry == null ? mapping.line() : entry.line(), key, message, remedy);
  }

  /** To be called when all keys have been asked for: what is left is unknown. */
  void end() {
    var open = new HashSet<>(known);
    open.removeAll(entries.keySet());
    for (var entry : entries.values()) {
      if (!known.contains(entry.key())) {
        var remedy =
            NearMiss.of(entry.key(), open)
                .or(() -> NearMiss.of(entry.key(), known))
                .map(near -> "did you mean " + near + "?")
                .orElseGet(() -> known.stream().collect(joining(", ", "known here: ", "")));
        problems.add(entry.line(), table, field(clip(entry.key())), "is not a known key", remedy);
      }
    }
  }

  int line() {
    return mapping.line();
  }

  int line(String key) {
    var entry = entries.get(key);
    return entry == null ? mapping.line() : entry.line();
  }

  static String shown(String text) {
    return '"' + clip(text) + '"';
  }

  private Optional<String> text(String key, ConfigNode node) {
    if (!(node instanceof ConfigNode.Text text)) {
      var quote = node instanceof Mapping || node instanceof Sequence ? "write one text" : "quotes";
      return wrong(
          node.line(), key, node, "a text", quote.equals("quotes") ? "put it in quotes" : quote);
    }
    var fault = Placeholder.fault(text.value());
    if (fault.isPresent()) {
      add(node.line(), key, fault.get(), Placeholder.REMEDY);
    } else if (text.value().isBlank()) {
      add(node.line(), key, "is an empty text", "give it a value, or leave it out");
    } else if (text.value().indexOf(0) >= 0) {
      add(node.line(), key, "holds a NUL character", "take it out");
    } else {
      return Optional.of(text.value());
    }
    return Optional.empty();
  }

  private Optional<BigDecimal> number(String key, String remedy) {
    return node(key)
        .flatMap(
            node ->
                switch (node) {
                  case ConfigNode.Numeric number -> Optional.of(number.value());
                  case ConfigNode.Text text ->
                      Placeholder.isIn(text.value())
                          ? text(key, text)
                              .flatMap(it -> resolve(key, it))
                              .flatMap(it -> digits(key, it))
                          : wrong(key, text, "a number", remedy);
                  case Mapping other -> wrong(key, other, "a number", remedy);
                  case Sequence other -> wrong(key, other, "a number", remedy);
                  case ConfigNode.Bool other -> wrong(key, other, "a number", remedy);
                  case ConfigNode.Empty other -> Optional.empty();
                });
  }

  private Optional<BigDecimal> digits(String key, String text) {
    try {
      return Optional.of(new BigDecimal(text.strip()));
    } catch (NumberFormatException e) {
      problem(key, shownValue(key) + " does not stand for a number", "correct what it stands for");
      return Optional.empty();
    }
  }

  private Optional<String> resolve(String key, String text) {
    try {
      return Optional.of(secrets.resolve(text));
    } catch (TidemarkException e) {
      problem(key, e.report().message(), e.report().hint());
      return Optional.empty();
    }
  }

  private <T> Optional<T> wrong(String key, ConfigNode node, String wanted, String remedy) {
    return wrong(line(key), key, node, wanted, remedy);
  }

  private <T> Optional<T> wrong(
      int line, String key, ConfigNode node, String wanted, String remedy) {
    add(line, key, "is " + node.kind() + ", not " + wanted, remedy);
    return Optional.empty();
  }

  private void add(int line, String key, String message, String remedy) {
    problems.add(line, table, field(key), message, remedy);
  }

  /** The value as it was written: a placeholder is shown, never what it stands for. */
  String shownValue(String key) {
    var entry = entries.get(key);
    return entry != null && entry.value() instanceof ConfigNode.Numeric number
        ? clip(number.value().toString())
        : shown(rawText(key));
  }

  private String rawText(String key) {
    var entry = entries.get(key);
    return entry != null && entry.value() instanceof ConfigNode.Text text ? text.value() : "";
  }

  private String field(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String clip(String text) {
    return text.length() <= MAX_SHOWN ? text : text.substring(0, MAX_SHOWN) + "…";
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
