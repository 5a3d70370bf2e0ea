package io.tidemark.common.home;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/** Brings schema {@code tidemark} in the home to this version. */
public final class HomeSchema {
  public static final String NAME = "tidemark";

  private HomeSchema() {}

  /**
   * Runs the migrations that the home lacks. Safe to call from several nodes at once: Flyway holds
   * an advisory lock while it works.
   *
   * @throws TidemarkException HOME_FAILED where a migration fails
   */
  public static void migrate(PostgresAddress home) {
    try {
      Flyway.configure()
          .dataSource(home.jdbcUrl(), home.user(), home.password().orElse(""))
          .schemas(NAME)
          .defaultSchema(NAME)
          .createSchemas(true)
          .table("schema_history")
          .locations("classpath:db/migration")
          // Our SQL speaks of ${env:…} and means it.
          .placeholderReplacement(false)
          .connectRetries(0)
          .load()
          .migrate();
    } catch (FlywayException e) {
      throw new TidemarkException(
          ErrorCode.HOME_FAILED,
          "schema tidemark could not be created or migrated in " + home + ": " + e.getMessage(),
          e);
    }
  }
}
