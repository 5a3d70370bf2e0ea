package io.tidemark.executor.plan;

import io.tidemark.common.config.Redaction;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.QualifiedName;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why a Postgres could not be reached, in words for whoever wrote its address; they hold no secret.
 *
 * @param message one line that reads on after the name of a field
 * @param remedy what to do, one line in the imperative
 */
public record ConnectFailure(Kind kind, String message, String remedy) {
  /** What kind of address is wrong, or what of it. */
  public enum Kind {
    UNREACHABLE,
    PASSWORD,
    USER,
    DATABASE,
    ENCRYPTION;

    /** The code of a source that fails like this. */
    public ErrorCode sourceCode() {
      return code(ErrorCode.SOURCE_UNREACHABLE);
    }

    /** The code of a home that fails like this. */
    public ErrorCode homeCode() {
      return code(ErrorCode.HOME_UNREACHABLE);
    }

    private ErrorCode code(ErrorCode unreachable) {
      return switch (this) {
        case UNREACHABLE, ENCRYPTION -> unreachable;
        case PASSWORD, USER -> ErrorCode.CREDENTIALS_REFUSED;
        case DATABASE -> ErrorCode.CONFIG_INVALID;
      };
    }
  }

  private static final Set<String> REFUSALS = Set.of("28P01", "28000", "3D000", "08004");
  private static final Set<String> NOT_NOW = Set.of("53300", "57P03", "57P02", "57P01");

  /** Empty where the error says nothing of the address: it may be gone by the next try. */
  public static Optional<ConnectFailure> refusal(PostgresAddress address, SQLException error) {
    return REFUSALS.contains(state(error)) ? Optional.of(of(address, error)) : Optional.empty();
  }

  /** Of an error that opening a connection threw. */
  public static ConnectFailure of(PostgresAddress address, SQLException error) {
    var place = (address.host().contains(":") ? "[" + address.host() + "]" : address.host());
    var server = place + ":" + address.port();
    var user = "user " + QualifiedName.shown(address.user());
    var detail = detail(address, error);
    return switch (state(error)) {
      case "28P01" ->
          address.password().isPresent()
              ? new ConnectFailure(
                  Kind.PASSWORD,
                  server + " refuses the password of " + user,
                  "Correct user and password.")
              : passwordMissing(server, user);
      case "28000" ->
          detail.contains("pg_hba.conf")
              ? new ConnectFailure(
                  Kind.ENCRYPTION,
                  server + " does not let " + user + " in from here: " + detail,
                  "Let this host in by the server's pg_hba.conf, or set ?sslmode=require (or"
                      + " disable) in the URL as it demands.")
              : new ConnectFailure(
                  Kind.USER, server + " refuses " + user + ": " + detail, "Correct the user.");
      case "3D000" ->
          new ConnectFailure(
              Kind.DATABASE,
              server + " has no database " + QualifiedName.shown(address.database()),
              "Correct the database's name in the URL, or create it.");
      case "42501" ->
          new ConnectFailure(
              Kind.USER,
              server + " does not let " + user + " into its database: " + detail,
              "GRANT CONNECT on the database to that user, or name another.");
      default ->
          NOT_NOW.contains(state(error))
              ? new ConnectFailure(
                  Kind.UNREACHABLE,
                  server + " takes no connection now: " + detail,
                  "Try again when it does; raise its max_connections where it has too few.")
              : network(server, user, detail, address, error);
    };
  }

  private static ConnectFailure network(
      String server, String user, String detail, PostgresAddress address, SQLException error) {
    // pgjdbc itself finds that it lacks a password; the message's words depend on the locale.
    if (state(error).equals("08004") && address.password().isEmpty() && !detail.contains("SSL")) {
      return passwordMissing(server, user);
    }
    if (cause(error, SSLException.class) || detail.contains("SSL")) {
      return new ConnectFailure(
          Kind.ENCRYPTION,
          "no encrypted connection to " + server + ": " + detail,
          "Set ?sslmode=… in the URL to what the server offers, and sslrootcert to its"
              + " certificate's authority.");
    }
    if (cause(error, UnknownHostException.class)) {
      return new ConnectFailure(
          Kind.UNREACHABLE,
          "there is no host " + address.host(),
          "Correct the host's name in the URL.");
    }
    if (cause(error, SocketTimeoutException.class)) {
      return new ConnectFailure(
          Kind.UNREACHABLE,
          server + " does not answer",
          "Check host and port in the URL, and the firewalls between here and there.");
    }
    if (cause(error, ConnectException.class)) {
      return new ConnectFailure(
          Kind.UNREACHABLE,
          "nothing listens at " + server,
          "Start that Postgres, or correct host and port in the URL.");
    }
    return new ConnectFailure(
        Kind.UNREACHABLE,
        server + " cannot be reached: " + detail,
        "Check host and port in the URL, and that a Postgres answers there.");
  }

  private static ConnectFailure passwordMissing(String server, String user) {
    return new ConnectFailure(
        Kind.PASSWORD,
        server + " asks for a password of " + user + ", and none is set",
        "Set the password, for example to ${env:NAME}.");
  }

  private static String detail(PostgresAddress address, SQLException error) {
    var text = error.getMessage() == null ? error.toString() : error.getMessage();
    return Redaction.redact(
            text.strip().replaceAll("\\s*\\R\\s*", "; "), address.password().stream().toList())
        .replaceFirst("^FATAL: ", "");
  }

  private static String state(SQLException error) {
    return error.getSQLState() == null ? "" : error.getSQLState();
  }

  private static boolean cause(SQLException error, Class<? extends Exception> type) {
    @Nullable Throwable at = error;
    for (var depth = 0; at != null && depth < 10; depth++) {
      if (type.isInstance(at)) {
        return true;
      }
      at = at.getCause();
    }
    return false;
  }
}
