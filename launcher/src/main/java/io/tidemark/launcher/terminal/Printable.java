package io.tidemark.launcher.terminal;

/** Text that cannot steer a terminal, measured in the cells that it fills. */
public final class Printable {
  private static final String CUT = "~";

  private Printable() {}

  /** One line: whatever could move a cursor, colour or reorder text becomes a question mark. */
  public static String line(String text) {
    var shown = new StringBuilder(text.length());
    text.codePoints().map(point -> steers(point) ? '?' : point).forEach(shown::appendCodePoint);
    return shown.toString();
  }

  /** Several lines: line breaks stay. */
  static String lines(String text) {
    return String.join("\n", text.lines().map(Printable::line).toList());
  }

  /** JSON, the same in meaning: what steers can only stand in its strings, and is escaped there. */
  public static String json(String json) {
    if (json.codePoints().noneMatch(point -> point > ' ' && steers(point))) {
      return json;
    }
    var shown = new StringBuilder(json.length());
    json.codePoints()
        .forEach(
            point -> {
              if (point > ' ' && steers(point)) {
                for (char unit : Character.toChars(point)) {
                  shown.append(String.format("\\u%04x", (int) unit));
                }
              } else {
                shown.appendCodePoint(point);
              }
            });
    return shown.toString();
  }

  private static boolean steers(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** Cells that a line fills. */
  static int cells(String line) {
    return line.codePoints().map(Printable::cells).sum();
  }

  /** The same, cut to a width. */
  static String cut(String line, int width) {
    if (cells(line) <= width) {
      return line;
    }
    var shown = new StringBuilder();
    int used = CUT.length();
    for (int at = 0; at < line.length(); at = line.offsetByCodePoints(at, 1)) {
      int point = line.codePointAt(at);
      used += cells(point);
      if (used > width) {
        break;
      }
      shown.appendCodePoint(point);
    }
    return width < CUT.length() ? "" : shown + CUT;
  }

  /** Filled up with spaces on the right. */
  static String left(String line, int width) {
    return line + " ".repeat(Math.max(0, width - cells(line)));
  }

  /** Filled up with spaces on the left. */
  static String right(String line, int width) {
    return " ".repeat(Math.max(0, width - cells(line))) + line;
  }

  /** Two for what East Asian fonts draw wide and for emoji, none for what is drawn onto another. */
  private static int cells(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    boolean wide =
        (point >= 0x1100 && point <= 0x115F)
            || (point >= 0x2E80 && point <= 0xA4CF)
            || (point >= 0xAC00 && point <= 0xD7A3)
            || (point >= 0xF900 && point <= 0xFAFF)
            || (point >= 0xFE30 && point <= 0xFE6F)
            || (point >= 0xFF00 && point <= 0xFF60)
            || (point >= 0xFFE0 && point <= 0xFFE6)
            || (point >= 0x1F300 && point <= 0x1FAFF)
            || (point >= 0x20000 && point <= 0x3FFFD);
    return wide ? 2 : 1;
  }
}
