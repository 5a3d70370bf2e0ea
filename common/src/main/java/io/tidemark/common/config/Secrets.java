package io.tidemark.common.config;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.SourceDefinition.StagedSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Replaces {@code ${env:NAME}} and {@code ${file:/path}} by what they stand for, where they are
 * used and never before. A doubled dollar sign makes a literal of it: {@code $${env:NAME}}. What is
 * put in is not looked at again. No message ever holds a value.
 */
public final class Secrets {
  static final int MAX_FILE_BYTES = 64 << 10;

  private final Function<String, @Nullable String> environment;

  /**
   * @param environment value of a variable by its name; null where it is not set
   */
  public Secrets(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /** Of this process. */
  public static Secrets ofEnvironment() {
    return new Secrets(System::getenv);
  }

  /** As {@link #resolve(String, String)}, with messages that name no place. */
  public String resolve(String text) {
    return resolve("", text);
  }

  /**
   * @param where what messages call the place of the text: {@code table orders: source.password}
   * @throws TidemarkException SECRET_MISSING where a variable or a file is missing, CONFIG_INVALID
   *     where a placeholder is not well-formed
   */
  public String resolve(String where, String text) {
    var place = where.isEmpty() ? "" : where + ": ";
    return Placeholder.replace(
        text,
        placeholder ->
            switch (placeholder) {
              case Placeholder.Env env -> variable(place, env.name());
              case Placeholder.File file -> file(place, file.path());
            },
        fault -> {
          throw new TidemarkException(
              ErrorReport.of(ErrorCode.CONFIG_INVALID, place + fault).withHint(Placeholder.REMEDY));
        });
  }

  /** The same table with all that it reads and writes resolved; {@code written} stays. */
  public TableDefinition resolve(String where, TableDefinition table) {
    var place = (where.isEmpty() ? "" : where + ": ") + "table " + table.name() + ": ";
    var source =
        switch (table.source()) {
          case PostgresSource postgres -> resolve(place, postgres);
          case StagedSource staged ->
              staged.resolved((field, text) -> resolve(place + "source." + field, text));
        };
    return new TableDefinition(
        table.name(),
        source,
        resolve(place + "target", table.target()),
        table.key().stream().map(column -> resolve(place + "key", column)).toList(),
        table.vnodes(),
        table.visibility(),
        table.consistency(),
        table.schedule(),
        table.timeout(),
        table.rowsPerSecond(),
        table.guard(),
        table.merge(),
        table.staging(),
        table.written());
  }

  /**
   * Where a source is, with its secrets.
   *
   * @param where what messages call the table: {@code tidemark.yaml: table orders}
   * @throws TidemarkException SECRET_MISSING or CONFIG_INVALID, naming the field
   */
  public PostgresAddress address(String where, PostgresSource source) {
    var place = where.isEmpty() ? "" : where + ": ";
    var resolved = resolve(place, source);
    return parse(
        place + "source.url",
        () -> PostgresAddress.parse(resolved.url(), resolved.user(), resolved.password()));
  }

  /**
   * Where a Postgres is whose URL holds all there is to know.
   *
   * @param where what messages call the place of the URL: {@code tidemark.yaml: home}
   */
  public PostgresAddress address(String where, String url) {
    var resolved = resolve(where, url);
    return parse(where, () -> PostgresAddress.parse(resolved));
  }

  private PostgresSource resolve(String place, PostgresSource source) {
    return new PostgresSource(
        resolve(place + "source.url", source.url()),
        source.user().map(user -> resolve(place + "source.user", user)),
        source.password().map(password -> resolve(place + "source.password", password)),
        source.table().map(table -> resolve(place + "source.table", table)),
        source.query().map(query -> resolve(place + "source.query", query)),
        source.columns().stream().map(name -> resolve(place + "source.columns", name)).toList(),
        source.where().map(condition -> resolve(place + "source.where", condition)));
  }

  private static PostgresAddress parse(String place, Supplier<PostgresAddress> parser) {
    try {
      return parser.get();
    } catch (TidemarkException e) {
      var report = e.report();
      throw new TidemarkException(
          ErrorReport.of(report.code(), place + ": " + report.message()).withHint(report.hint()),
          e);
    }
  }

  private String variable(String place, String name) {
    var value = environment.apply(name);
    if (value == null) {
      throw missing(
          place + "the environment variable " + name + " is not set",
          "Set " + name + " in the environment of the tidemark process.");
    }
    return value;
  }

  private static String file(String place, String name) {
    try {
      var path = Path.of(name);
      if (Files.size(path) > MAX_FILE_BYTES) {
        throw missing(
            place + "the file " + name + " is longer than " + MAX_FILE_BYTES + " bytes",
            "Name a file that holds the secret and nothing else.");
      }
      return Files.readString(path, StandardCharsets.UTF_8).replaceFirst("\\r?\\n\\z", "");
    } catch (NoSuchFileException e) {
      throw missing(
          place + "the file " + name + " does not exist", "Create it, or correct the path.");
    } catch (CharacterCodingException e) {
      throw missing(place + "the file " + name + " is not UTF-8 text", "Store it as UTF-8.");
    } catch (IOException | InvalidPathException e) {
      throw missing(
          place + "the file " + name + " cannot be read",
          "Give the user that runs tidemark the right to read it.");
    }
  }

  private static TidemarkException missing(String message, String hint) {
    return new TidemarkException(ErrorReport.of(ErrorCode.SECRET_MISSING, message).withHint(hint));
  }
}
