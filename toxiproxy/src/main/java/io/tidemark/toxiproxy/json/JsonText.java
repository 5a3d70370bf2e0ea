package io.tidemark.toxiproxy.json;

import java.math.BigDecimal;

/** Strings and numbers as Go writes them into JSON. */
public final class JsonText {
  private static final float SMALLEST_PLAIN = 1e-6f;
  private static final float LARGEST_PLAIN = 1e21f;

  private JsonText() {}

  /** In quotes; what could be taken for HTML is escaped too. */
  public static String quote(String text) {
    var json = new StringBuilder("\"");
    text.chars().forEach(character -> append(json, (char) character));
    return json.append('"').toString();
  }

  /** The shortest that is read as the same number. */
  public static String number(float value) {
    if (value == 0) {
      return Float.floatToRawIntBits(value) < 0 ? "-0" : "0";
    }
    var decimal = new BigDecimal(Float.toString(value)).stripTrailingZeros();
    var size = Math.abs(value);
    return size < SMALLEST_PLAIN || size >= LARGEST_PLAIN
        ? exponential(decimal)
        : decimal.toPlainString();
  }

  private static String exponential(BigDecimal decimal) {
    var digits = decimal.unscaledValue().abs().toString();
    var exponent = digits.length() - 1 - decimal.scale();
    var fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    return (decimal.signum() < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + "e"
        + (exponent < 0 ? "-" : "+")
        + Math.abs(exponent);
  }

  private static void append(StringBuilder json, char character) {
    switch (character) {
      case '"' -> json.append("\\\"");
      case '\\' -> json.append("\\\\");
      case '\b' -> json.append("\\b");
      case '\f' -> json.append("\\f");
      case '\n' -> json.append("\\n");
      case '\r' -> json.append("\\r");
      case '\t' -> json.append("\\t");
      case '<', '>', '&', '\u2028', '\u2029' -> escape(json, character);
      default -> {
        if (character < ' ') {
          escape(json, character);
        } else {
          json.append(character);
        }
      }
    }
  }

  private static void escape(StringBuilder json, char character) {
    json.append(String.format("\\u%04x", (int) character));
  }
}
