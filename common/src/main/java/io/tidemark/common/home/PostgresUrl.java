package io.tidemark.common.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.vertx.pgclient.SslMode;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of a Postgres URL. Not java.net.URI, which knows no host with an underscore, and
 * which takes the rest of a password with a slash for a path, from where it would reach messages.
 */
final class PostgresUrl {
  static final String SCHEME = "postgresql://";

  private static final Pattern FORM =
      Pattern.compile(
          "(?:(?<user>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?"
              + "(?<host>\\[[^\\]@/?#]*]|[^:@/?#]*)(?::(?<port>[^@/?#]*))?"
              + "(?:/(?<database>[^@/?#]*))?(?:\\?(?<query>[^@#]*))?");

  private static final Pattern HOST =
      Pattern.compile("\\[[0-9A-Fa-f:.]+(?:%[\\p{Alnum}_.-]+)?]|[\\p{L}\\p{N}._-]+");
  private static final Pattern OPTION = Pattern.compile("[\\p{Alnum}_.-]+");
  private static final Pattern PORT = Pattern.compile("\\d{1,5}");
  private static final int MAX_PORT = 65_535;

  private static final String WRITE_URL =
      "Write postgresql://user@host:5432/database, with %XX for special characters.";

  private PostgresUrl() {}

  /** A URL's parts, decoded; options in the order written. */
  record Parts(
      Optional<String> user,
      Optional<String> password,
      String host,
      OptionalInt port,
      String database,
      Map<String, String> options) {
    @Override
    public String toString() {
      return "Parts[" + host + "]";
    }
  }

  /**
   * @throws TidemarkException CONFIG_INVALID, quoting nothing of the URL
   */
  static Parts parts(String url) {
    var rest = url.replaceFirst("^postgres(?:ql)?://", "");
    if (rest.length() == url.length()) {
      throw invalid("the URL does not start with " + SCHEME, WRITE_URL);
    }
    if (rest.codePoints().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
      throw invalid("the URL holds a blank or a control character", WRITE_URL);
    }
    var form = FORM.matcher(rest);
    if (!form.matches()) {
      throw invalid(
          "the URL is not well-formed",
          "Write postgresql://user@host:5432/database; in user and password %40 stands for @,"
              + " %3A for :, %2F for /, %3F for ?, %23 for #, %25 for %.");
    }
    try {
      return new Parts(
          part(form.group("user")),
          part(form.group("password")),
          host(form.group("host")),
          port(form.group("port")),
          part(form.group("database"))
              .orElseThrow(() -> invalid("the URL names no database", WRITE_URL)),
          options(form.group("query")));
    } catch (IllegalArgumentException e) {
      // Without its cause, which quotes the URL.
      throw invalid(
          "the URL has a % that two hexadecimal digits do not follow", "Write %25 for a plain %.");
    }
  }

  private static Optional<String> part(@Nullable String written) {
    return Optional.ofNullable(written)
        .filter(text -> !text.isEmpty())
        .map(PercentEncoding::decode);
  }

  private static String host(String written) {
    if (written.isEmpty()) {
      throw invalid("the URL names no host", WRITE_URL);
    }
    if (written.contains(",")) {
      throw invalid("the URL names several hosts", "Name one host.");
    }
    if (!HOST.matcher(written).matches()) {
      throw invalid(
          "the URL's host is not a name or an address", "Write an IPv6 address in [brackets].");
    }
    return written.replaceAll("^\\[|]$", "");
  }

  private static OptionalInt port(@Nullable String written) {
    if (written == null) {
      return OptionalInt.empty();
    }
    int port = PORT.matcher(written).matches() ? Integer.parseInt(written) : 0;
    if (port < 1 || port > MAX_PORT) {
      throw invalid("the URL's port is not a number between 1 and " + MAX_PORT, WRITE_URL);
    }
    return OptionalInt.of(port);
  }

  private static Map<String, String> options(@Nullable String query) {
    var options = new LinkedHashMap<String, String>();
    for (var pair : query == null ? new String[0] : query.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      var parts = pair.split("=", 2);
      var name = PercentEncoding.decode(parts[0]);
      if (!OPTION.matcher(name).matches()) {
        throw invalid("the URL has an option whose name is not a word", WRITE_URL);
      }
      options.put(name, parts.length == 2 ? PercentEncoding.decode(parts[1]) : "");
    }
    var mode = options.get("sslmode");
    if (mode != null && !isSslMode(mode)) {
      throw invalid(
          "the URL's sslmode is not known",
          "Write one of disable, allow, prefer, require, verify-ca, verify-full.");
    }
    return options;
  }

  private static boolean isSslMode(String text) {
    for (var mode : SslMode.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(text)) {
        return true;
      }
    }
    return false;
  }

  private static TidemarkException invalid(String message, String hint) {
    return new TidemarkException(ErrorReport.of(ErrorCode.CONFIG_INVALID, message).withHint(hint));
  }
}
