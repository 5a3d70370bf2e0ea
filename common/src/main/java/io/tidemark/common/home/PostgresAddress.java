package io.tidemark.common.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/**
 * Where a Postgres is and who asks. {@code toString} never shows the password.
 *
 * @param options of the URL's query, by name; of these {@code sslmode} is honoured by both drivers,
 *     all others by pgjdbc
 */
public record PostgresAddress(
    String host,
    int port,
    String database,
    String user,
    Optional<String> password,
    Map<String, String> options) {
  private static final int DEFAULT_PORT = 5432;

  public PostgresAddress {
    options = Map.copyOf(options);
  }

  /**
   * Reads {@code postgresql://[user[:password]@]host[:port]/database[?option=value&…]}.
   *
   * @param user overrides the URL's; where neither names one, the operating system's
   * @param password overrides the URL's
   * @throws TidemarkException CONFIG_INVALID; its message never holds the URL's password
   */
  public static PostgresAddress parse(
      String url, Optional<String> user, Optional<String> password) {
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw invalid("the URL has a character that is not allowed at index " + e.getIndex());
    }
    if (!"postgresql".equals(uri.getScheme()) && !"postgres".equals(uri.getScheme())) {
      throw invalid("the URL must start with postgresql://");
    }
    if (uri.getHost() == null) {
      throw invalid("the URL names no host");
    }
    var path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (path.length() < 2) {
      throw invalid("the URL names no database");
    }
    var credentials = Optional.ofNullable(uri.getRawUserInfo()).map(info -> info.split(":", 2));
    var urlUser = credentials.map(parts -> decode(parts[0])).filter(name -> !name.isEmpty());
    var urlPassword = credentials.filter(parts -> parts.length == 2).map(parts -> decode(parts[1]));
    return new PostgresAddress(
        uri.getHost().replaceAll("^\\[|]$", ""),
        uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(),
        decode(path.substring(1)),
        user.or(() -> urlUser).orElseGet(() -> System.getProperty("user.name", "postgres")),
        password.or(() -> urlPassword),
        options(uri.getRawQuery() == null ? "" : uri.getRawQuery()));
  }

  public static PostgresAddress parse(String url) {
    return parse(url, Optional.empty(), Optional.empty());
  }

  public String jdbcUrl() {
    var name = host.contains(":") ? "[" + host + "]" : host;
    return "jdbc:postgresql://" + name + ":" + port + "/" + encode(database) + query();
  }

  /**
   * Opens a connection.
   *
   * @param applicationName how the server's {@code pg_stat_activity} shows it
   */
  public Connection connect(String applicationName) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    password.ifPresent(secret -> properties.setProperty("password", secret));
    properties.setProperty("ApplicationName", applicationName);
    properties.setProperty("connectTimeout", "10");
    properties.setProperty("tcpKeepAlive", "true");
    return DriverManager.getConnection(jdbcUrl(), properties);
  }

  /** The same address for the reactive client. */
  public PgConnectOptions reactive(String applicationName) {
    var connect =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setDatabase(database)
            .setUser(user)
            .addProperty("application_name", applicationName);
    password.ifPresent(connect::setPassword);
    Optional.ofNullable(options.get("sslmode")).map(SslMode::of).ifPresent(connect::setSslMode);
    return connect;
  }

  /** The same server and user, another database. */
  public PostgresAddress withDatabase(String other) {
    return new PostgresAddress(host, port, other, user, password, options);
  }

  /** As a URL that {@link #parse} reads back, with the password. */
  public String url() {
    var name = host.contains(":") ? "[" + host + "]" : host;
    var secret = password.map(word -> ":" + encode(word)).orElse("");
    return "postgresql://"
        + encode(user)
        + secret
        + '@'
        + name
        + ':'
        + port
        + '/'
        + encode(database)
        + query();
  }

  @Override
  public String toString() {
    return "postgresql://" + user + "@" + host + ":" + port + "/" + database;
  }

  private String query() {
    return options.isEmpty()
        ? ""
        : options.entrySet().stream()
            .map(option -> encode(option.getKey()) + "=" + encode(option.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }

  private static Map<String, String> options(String query) {
    var options = new LinkedHashMap<String, String>();
    for (var pair : query.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      var parts = pair.split("=", 2);
      options.put(decode(parts[0]), parts.length == 2 ? decode(parts[1]) : "");
    }
    return options;
  }

  private static String decode(String part) {
    return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static String encode(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static TidemarkException invalid(String message) {
    return new TidemarkException(ErrorCode.CONFIG_INVALID, message);
  }
}
