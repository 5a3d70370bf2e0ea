package io.tidemark.common.home;

import static io.tidemark.common.home.PercentEncoding.encode;

import io.tidemark.common.error.TidemarkException;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Collections;
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
  /** How long a server may be silent while a connection is opened. */
  private static final String LOGIN_SILENCE_SECONDS = "10";

  private static final int DEFAULT_PORT = 5432;

  /**
   * Characters of the longest statement that the reactive client keeps prepared on a connection: to
   * plan what a leader reads takes longer than to read it.
   */
  private static final int MAX_CACHED_SQL = 16_384;

  public PostgresAddress {
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /**
   * Reads {@code postgresql://[user[:password]@]host[:port]/database[?option=value&…]}, with {@code
   * %40} and the like for characters that mean something to a URL.
   *
   * @param user overrides the URL's; where neither names one, the operating system's
   * @param password overrides the URL's
   * @throws TidemarkException CONFIG_INVALID; its message reads on after the name of a field, and
   *     never quotes the URL, which may hold a password
   */
  public static PostgresAddress parse(
      String url, Optional<String> user, Optional<String> password) {
    var parts = PostgresUrl.parts(url);
    var options = new LinkedHashMap<>(parts.options());
    // As in libpq, user and password may be options too: there they would show in messages.
    var optionUser = Optional.ofNullable(options.remove("user"));
    var optionPassword = Optional.ofNullable(options.remove("password"));
    return new PostgresAddress(
        parts.host(),
        parts.port().orElse(DEFAULT_PORT),
        parts.database(),
        user.or(parts::user)
            .or(() -> optionUser)
            .orElseGet(() -> System.getProperty("user.name", "postgres")),
        password.or(parts::password).or(() -> optionPassword),
        options);
  }

  public static PostgresAddress parse(String url) {
    return parse(url, Optional.empty(), Optional.empty());
  }

  public String jdbcUrl() {
    return "jdbc:" + PostgresUrl.SCHEME + place() + query();
  }

  /**
   * Opens a connection. A server that is silent meanwhile is given up after {@link
   * #LOGIN_SILENCE_SECONDS}; afterwards only one that is gone is noticed, see {@link
   * KeepAliveSockets}, since a long query is silent too.
   *
   * @param applicationName how the server's {@code pg_stat_activity} shows it
   */
  public Connection connect(String applicationName) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    password.ifPresent(secret -> properties.setProperty("password", secret));
    properties.setProperty("ApplicationName", applicationName);
    properties.setProperty("connectTimeout", LOGIN_SILENCE_SECONDS);
    properties.setProperty("socketTimeout", LOGIN_SILENCE_SECONDS);
    properties.setProperty("socketFactory", KeepAliveSockets.class.getName());
    properties.setProperty("tcpKeepAlive", "true");
    var connection = DriverManager.getConnection(jdbcUrl(), properties);
    if (!options.containsKey("socketTimeout")) {
      connection.setNetworkTimeout(Runnable::run, 0);
    }
    return connection;
  }

  /** The same address for the reactive client. */
  public PgConnectOptions reactive(String applicationName) {
    var connect =
        new PgConnectOptions()
            .setHost(host)
            .setPort(port)
            .setDatabase(database)
            .setUser(user)
            .setCachePreparedStatements(true)
            .setPreparedStatementCacheSqlLimit(MAX_CACHED_SQL)
            .addProperty("application_name", applicationName);
    password.ifPresent(connect::setPassword);
    Optional.ofNullable(options.get("sslmode"))
        .map(SslMode::of)
        .ifPresent(mode -> connect.setSslMode(mode).setSslOptions(tls(mode)));
    return connect;
  }

  /** What pgjdbc does by itself: encrypt without a look at the certificate, or verify it. */
  private ClientSSLOptions tls(SslMode mode) {
    return switch (mode) {
      case DISABLE, ALLOW, PREFER, REQUIRE ->
          new ClientSSLOptions().setTrustAll(true).setHostnameVerificationAlgorithm("");
      case VERIFY_CA -> verifying("");
      case VERIFY_FULL -> verifying("HTTPS");
    };
  }

  private ClientSSLOptions verifying(String hostnameVerification) {
    var root =
        options.getOrDefault(
            "sslrootcert",
            Path.of(System.getProperty("user.home", ""), ".postgresql", "root.crt").toString());
    return new ClientSSLOptions()
        .setHostnameVerificationAlgorithm(hostnameVerification)
        .setTrustOptions(new PemTrustOptions().addCertPath(root));
  }

  /** The same server and user, another database. */
  public PostgresAddress withDatabase(String other) {
    return new PostgresAddress(host, port, other, user, password, options);
  }

  /** As a URL that {@link #parse} reads back, with the password. */
  public String url() {
    var secret = password.map(word -> ":" + encode(word)).orElse("");
    return PostgresUrl.SCHEME + encode(user) + secret + '@' + place() + query();
  }

  @Override
  public String toString() {
    return PostgresUrl.SCHEME + encode(user) + "@" + place();
  }

  private String place() {
    var name = host.contains(":") ? "[" + host + "]" : host;
    return name + ":" + port + "/" + encode(database);
  }

  private String query() {
    return options.isEmpty()
        ? ""
        : options.entrySet().stream()
            .map(option -> encode(option.getKey()) + "=" + encode(option.getValue()))
            .collect(Collectors.joining("&", "?", ""));
  }
}
