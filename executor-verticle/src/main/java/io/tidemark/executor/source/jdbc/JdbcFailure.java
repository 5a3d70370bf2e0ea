package io.tidemark.executor.source.jdbc;

import io.tidemark.common.config.Redaction;
import io.tidemark.common.config.SourceDefinition.JdbcSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * What an error of a driver means. Databases agree on few SQLSTATEs: where they do not say, the
 * connection itself is asked whether it lives.
 */
final class JdbcFailure {
  /** SQLSTATE of what another connection can mend. */
  private static final String LOST = "08006";

  private static final String UNREACHABLE = "08001";
  private static final int ALIVE_TIMEOUT_SECONDS = 5;

  /** Access denied: MariaDB and MySQL; Oracle; SQL Server. */
  private static final Set<Integer> REFUSED = Set.of(1044, 1045, 1698, 1017, 18_456);

  /** No such database: MariaDB and MySQL; H2; SQL Server. */
  private static final Set<Integer> NO_DATABASE = Set.of(1049, 90_146, 90_013, 4060);

  /** Lock wait timeout, deadlock, killed, shutting down, idle too long: MariaDB and MySQL; H2. */
  private static final Set<Integer> AGAIN =
      Set.of(1205, 1213, 1317, 1053, 1927, 4031, 90_067, 90_098, 90_121, 50_200);

  private static final Set<String> STATES_AGAIN = Set.of("40001", "40P01", "57P01", "57P02");

  private final String place;
  private final String url;
  private final String shownUrl;
  private final Redacted redacted;

  /** Takes what is secret out of a text. */
  private interface Redacted {
    String of(String text);
  }

  /**
   * @param place what messages call the section of the definition
   * @param urlField and the field of its URL
   */
  JdbcFailure(JdbcSource source, String place, String urlField) {
    this.place = place;
    this.url = place + "." + urlField;
    this.shownUrl = Redaction.url(source.url()).replaceFirst("[?;].*", "");
    this.redacted = text -> Redaction.redact(text, source.password().stream().toList());
  }

  /**
   * Of an error that opening a connection threw: a {@link TidemarkException} where what the user
   * wrote is wrong.
   *
   * @return what can be tried again; its cause carries the report
   */
  SQLException connecting(SQLException error) {
    var detail = detail(error);
    if (NO_DATABASE.contains(error.getErrorCode()) || "3D000".equals(error.getSQLState())) {
      throw failed(
          error,
          ErrorCode.CONFIG_INVALID,
          shownUrl + " is no database: " + detail,
          "Correct the database's name in " + url + ", or create it.");
    }
    if (REFUSED.contains(error.getErrorCode())
        || error instanceof SQLInvalidAuthorizationSpecException
        || state(error).startsWith("28")) {
      throw failed(
          error,
          ErrorCode.CREDENTIALS_REFUSED,
          shownUrl + " refuses user or password: " + detail,
          "Correct %1$s.user and %1$s.password.".formatted(place));
    }
    var report =
        cause(error, UnknownHostException.class)
            ? report("there is no such host: ", "Correct the host's name in " + url + ".")
            : cause(error, SSLException.class)
                ? report(
                    "no encrypted connection: " + detail + ": ",
                    "Set the driver's options for TLS in " + url + ".")
                : cause(error, SocketTimeoutException.class)
                    ? report(
                        "does not answer: ",
                        "Check host and port in " + url + ", and the firewalls in between.")
                    : cause(error, ConnectException.class)
                        ? report(
                            "nothing listens there: ",
                            "Start that database, or correct host and port in " + url + ".")
                        : report(
                            "cannot be reached: " + detail + ": ",
                            "Check host and port in " + url + ", and that the database answers.");
    return new SQLException(report.message(), UNREACHABLE, new TidemarkException(report, error));
  }

  /**
   * Of any other error: a {@link TidemarkException} where it would come back each time.
   *
   * @param doing what failed: "it cannot be read"
   * @return what another connection can mend
   */
  SQLException working(Connection connection, String doing, SQLException error) {
    if (isLost(connection, error)) {
      return new SQLException(shownUrl + ": the connection is lost: " + detail(error), LOST, error);
    }
    throw failed(
        error,
        ErrorCode.SOURCE_FAILED,
        doing + ": " + detail(error),
        ErrorCode.SOURCE_FAILED.hint());
  }

  private static boolean isLost(Connection connection, SQLException error) {
    if (error instanceof SQLRecoverableException
        || error instanceof SQLTransientException
        || error instanceof SQLNonTransientConnectionException
        || state(error).startsWith("08")
        || STATES_AGAIN.contains(state(error))
        || AGAIN.contains(error.getErrorCode())) {
      return true;
    }
    try {
      return !connection.isValid(ALIVE_TIMEOUT_SECONDS);
    } catch (SQLException e) {
      return true;
    }
  }

  private ErrorReport report(String message, String hint) {
    return ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, message + shownUrl).withHint(hint);
  }

  private static TidemarkException failed(
      SQLException error, ErrorCode code, String message, String hint) {
    return new TidemarkException(ErrorReport.of(code, message).withHint(hint), error);
  }

  private String detail(SQLException error) {
    var text = error.getMessage() == null ? error.toString() : error.getMessage();
    return redacted.of(text.strip().replaceAll("\\s*\\R\\s*", "; "));
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
