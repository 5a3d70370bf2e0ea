package io.tidemark.common.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;

/**
 * A table's name as the catalog holds it: case and quotes are already dealt with.
 *
 * @param schema unquoted
 * @param name unquoted
 */
public record QualifiedName(String schema, String name) {
  public static final String DEFAULT_SCHEMA = "public";

  /** Postgres cuts longer names silently (NAMEDATALEN), and then finds another table. */
  public static final int MAX_IDENTIFIER_BYTES = 63;

  private static final String HINT =
      "Write names as SQL does: public.orders, or \"Sales\".\"Order Lines\".";

  /**
   * Reads a name as SQL would write it: {@code public.orders}, {@code "Sales"."Order Lines"}, or
   * {@code orders} for {@code public.orders}. What is not quoted is folded to lower case.
   *
   * @throws TidemarkException CONFIG_INVALID where it is no name, has more than two parts or is
   *     longer than Postgres keeps
   */
  public static QualifiedName parse(String sql) {
    var name = read(sql);
    if (name.tooLong()) {
      throw tooLong(sql);
    }
    return name;
  }

  /** As {@link #parse}, also where it is too long; empty where SQL would not take it for a name. */
  public static Optional<QualifiedName> find(String sql) {
    try {
      return Optional.of(read(sql));
    } catch (TidemarkException notAName) {
      return Optional.empty();
    }
  }

  /** Reads a single identifier, quoted or not, as SQL would write it. */
  public static String parseIdentifier(String sql) {
    var parts = new ArrayList<String>();
    if (part(sql, 0, parts) >= 0) {
      throw invalid(sql, "has more than one part");
    }
    if (tooLongPart(parts.get(0))) {
      throw tooLong(sql);
    }
    return parts.get(0);
  }

  /** Whether Postgres would cut a part of it off. */
  public boolean tooLong() {
    return tooLongPart(schema) || tooLongPart(name);
  }

  /** For SQL. */
  public String quoted() {
    return SqlName.quote(schema, name);
  }

  /** For messages: quoted only where SQL needs quotes. */
  @Override
  public String toString() {
    return shown(schema) + "." + shown(name);
  }

  /** An identifier for messages: quoted only where SQL needs quotes. */
  public static String shown(String identifier) {
    return identifier.matches("[a-z_][a-z0-9_$]*") ? identifier : SqlName.quote(identifier);
  }

  private static QualifiedName read(String sql) {
    var parts = new ArrayList<String>();
    var at = 0;
    do {
      at = part(sql, at, parts);
    } while (at >= 0);
    return switch (parts.size()) {
      case 1 -> new QualifiedName(DEFAULT_SCHEMA, parts.get(0));
      case 2 -> new QualifiedName(parts.get(0), parts.get(1));
      default -> throw invalid(sql, "has more parts than schema and table");
    };
  }

  private static boolean tooLongPart(String identifier) {
    return identifier.getBytes(StandardCharsets.UTF_8).length > MAX_IDENTIFIER_BYTES;
  }

  private static TidemarkException tooLong(String sql) {
    return invalid(sql, "is longer than Postgres' " + MAX_IDENTIFIER_BYTES + " bytes");
  }

  /** Reads one part from {@code at}; returns where the next begins, -1 where there is none. */
  private static int part(String sql, int at, ArrayList<String> parts) {
    var identifier = new StringBuilder();
    var i = skipBlanks(sql, at);
    if (i < sql.length() && sql.charAt(i) == '"') {
      i = quotedPart(sql, i + 1, identifier);
    } else {
      while (i < sql.length() && isPlain(sql.charAt(i), identifier.isEmpty())) {
        identifier.append(fold(sql.charAt(i++)));
      }
    }
    if (identifier.isEmpty() || identifier.indexOf("\0") >= 0) {
      throw invalid(sql, "is not a name");
    }
    parts.add(identifier.toString());
    i = skipBlanks(sql, i);
    if (i == sql.length()) {
      return -1;
    }
    if (sql.charAt(i) != '.') {
      throw invalid(sql, "has a character at index " + i + " that needs quotes");
    }
    return i + 1;
  }

  private static int quotedPart(String sql, int from, StringBuilder identifier) {
    for (var i = from; i < sql.length(); i++) {
      if (sql.charAt(i) != '"') {
        identifier.append(sql.charAt(i));
      } else if (i + 1 < sql.length() && sql.charAt(i + 1) == '"') {
        identifier.append('"');
        i++;
      } else {
        return i + 1;
      }
    }
    throw invalid(sql, "has a quote that is not closed");
  }

  private static int skipBlanks(String sql, int from) {
    var i = from;
    while (i < sql.length() && sql.charAt(i) == ' ') {
      i++;
    }
    return i;
  }

  private static boolean isPlain(char c, boolean first) {
    var letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c > 127;
    return letter || (!first && ((c >= '0' && c <= '9') || c == '$'));
  }

  /** As Postgres folds in UTF-8: ASCII only. */
  private static char fold(char c) {
    return c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c;
  }

  private static TidemarkException invalid(String sql, String why) {
    return new TidemarkException(
        ErrorReport.of(ErrorCode.CONFIG_INVALID, "the name " + sql + " " + why).withHint(HINT));
  }
}
