package io.tidemark.toxiproxy.http;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Metrics in Prometheus' text format 0.0.4. */
final class Exposition {
  private static final int SMALLEST_PLAIN_EXPONENT = -4;
  private static final int LARGEST_PLAIN_EXPONENT = 6;

  private final StringBuilder text = new StringBuilder();

  /** Begins a family of values. */
  Exposition family(String name, String type, String help) {
    text.append("# HELP ").append(name).append(' ').append(help).append('\n');
    text.append("# TYPE ").append(name).append(' ').append(type).append('\n');
    return this;
  }

  /** A value with labels. */
  Exposition value(String name, Map<String, String> labels, Number value) {
    text.append(name);
    if (!labels.isEmpty()) {
      text.append(
          labels.entrySet().stream()
              .map(label -> label.getKey() + "=\"" + escape(label.getValue()) + "\"")
              .collect(Collectors.joining(",", "{", "}")));
    }
    text.append(' ').append(number(value.doubleValue())).append('\n');
    return this;
  }

  /** A family of one value without labels. */
  Exposition single(String name, String type, String help, Number value) {
    return family(name, type, help).value(name, Map.of(), value);
  }

  /** Labels in the order in which they are given: names and values in turn. */
  static Map<String, String> labels(String... namesAndValues) {
    var labels = new LinkedHashMap<String, String>();
    for (var i = 0; i < namesAndValues.length; i += 2) {
      labels.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return labels;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private static String escape(String value) {
    return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
  }

  /** As Go writes it: {@code 5}, {@code 0.25}, {@code 1.048576e+06}. */
  private static String number(double value) {
    var decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    var exponent = decimal.precision() - decimal.scale() - 1;
    if (exponent >= SMALLEST_PLAIN_EXPONENT && exponent < LARGEST_PLAIN_EXPONENT) {
      return decimal.toPlainString();
    }
    return "%se%s%02d"
        .formatted(
            decimal.movePointLeft(exponent).toPlainString(),
            exponent < 0 ? "-" : "+",
            Math.abs(exponent));
  }
}
