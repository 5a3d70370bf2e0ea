package io.tidemark.launcher.node;

import io.tidemark.common.config.Redaction;
import io.tidemark.common.config.Secrets;
import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.HomeSchema;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.launcher.home.EmbeddedHome;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * The home that a configuration names, or an embedded one where it names none; reachable, and with
 * schema {@code tidemark} at this version.
 */
public final class Home implements AutoCloseable {
  private final PostgresAddress address;
  private final Optional<EmbeddedHome> embedded;

  private Home(PostgresAddress address, Optional<EmbeddedHome> embedded) {
    this.address = address;
    this.embedded = embedded;
  }

  /**
   * @throws TidemarkException HOME_UNREACHABLE, CREDENTIALS_REFUSED, CONFIG_INVALID or HOME_FAILED
   */
  public static Home open(TidemarkConfig config) {
    var place = config.file() + ": home";
    var home =
        config
            .home()
            .map(url -> new Home(Secrets.ofEnvironment().address(place, url), Optional.empty()))
            .orElseGet(
                () -> {
                  var embedded = EmbeddedHome.open(EmbeddedHome.FOLDER);
                  return new Home(embedded.address(), Optional.of(embedded));
                });
    try {
      check(place, home.address);
      HomeSchema.migrate(home.address);
      return home;
    } catch (RuntimeException e) {
      home.close();
      throw e;
    }
  }

  public PostgresAddress address() {
    return address;
  }

  /** Stops the server where it is an embedded one that nobody else uses. */
  @Override
  public void close() {
    embedded.ifPresent(EmbeddedHome::close);
  }

  private static void check(String place, PostgresAddress address) {
    try (var connection = address.connect("tidemark")) {
      connection.isValid(0);
    } catch (SQLException e) {
      throw refused(place, address, e);
    }
  }

  private static TidemarkException refused(
      String place, PostgresAddress address, SQLException cause) {
    var state = Optional.ofNullable(cause.getSQLState()).orElse("");
    var message = Optional.ofNullable(cause.getMessage()).orElse("").replaceAll("\\s+", " ");
    var detail = Redaction.redact(message, address.password().map(List::of).orElse(List.of()));
    var at = place + ": " + address + ": ";
    if (state.startsWith("28")) {
      return new TidemarkException(
          ErrorReport.of(ErrorCode.CREDENTIALS_REFUSED, at + detail)
              .withHint("Check user and password in `home`."),
          cause);
    } else if (state.startsWith("3D")) {
      return new TidemarkException(
          ErrorReport.of(ErrorCode.CONFIG_INVALID, at + detail)
              .withHint("Create that database, or name another one in `home`."),
          cause);
    } else {
      return new TidemarkException(
          ErrorReport.of(ErrorCode.HOME_UNREACHABLE, at + detail)
              .withHint("Start that Postgres, or correct host and port in `home`."),
          cause);
    }
  }
}
