package io.tidemark.suite.scenario;

import io.tidemark.suite.Databases;
import java.sql.Connection;
import java.sql.SQLException;

/** Keeps refreshes where they are, by locks that triggers of the home ask for. */
final class Holds {
  /**
   * Rows that are loaded wait before the statement that writes them, differences likewise, and
   * success before it is written.
   */
  private static final String TRIGGERS =
      """
      CREATE SCHEMA scenario;
      CREATE SEQUENCE scenario.batches;
      CREATE TABLE scenario.passes AS SELECT 0::bigint AS batches;
      CREATE FUNCTION scenario.hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF TG_ARGV[0]::int <> %1$d
            OR nextval('scenario.batches') > (SELECT batches FROM scenario.passes) THEN
          PERFORM pg_advisory_xact_lock_shared(TG_ARGV[0]::int);
        END IF;
        RETURN CASE TG_LEVEL WHEN 'ROW' THEN NEW END;
      END $$;
      CREATE FUNCTION scenario.watch() RETURNS event_trigger LANGUAGE plpgsql AS $$
      DECLARE made record;
      BEGIN
        FOR made IN SELECT * FROM pg_event_trigger_ddl_commands()
            WHERE object_identity ~ '^tidemark[.](staging|load|delta)_[0-9]+$' LOOP
          EXECUTE format('CREATE TRIGGER hold BEFORE INSERT ON %%s EXECUTE FUNCTION scenario.hold(%%s)',
            made.object_identity,
            CASE WHEN made.object_identity LIKE 'tidemark.delta%%' THEN %2$d ELSE %1$d END);
        END LOOP;
      END $$;
      CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
        EXECUTE FUNCTION scenario.watch();
      CREATE TRIGGER hold BEFORE UPDATE ON tidemark.refreshes FOR EACH ROW
        WHEN (NEW.state = 'SUCCEEDED') EXECUTE FUNCTION scenario.hold(%3$d)
      """
          .formatted(Strike.LOADING.lock(), Strike.MERGING.lock(), Strike.FINISHING.lock());

  private final Databases databases;

  /** On a home whose schema is there. */
  Holds(Databases databases) throws SQLException {
    this.databases = databases;
    Databases.execute(databases.home, TRIGGERS);
  }

  /** Lets nobody beyond a moment until it is closed. */
  static final class Held implements AutoCloseable {
    private final Strike moment;
    private final Connection connection;

    private Held(Strike moment, Connection connection) {
      this.moment = moment;
      this.connection = connection;
    }

    Strike moment() {
      return moment;
    }

    @Override
    public void close() throws SQLException {
      connection.close();
    }
  }

  /**
   * Holds all that come to a moment.
   *
   * @param batches that many are loaded before
   */
  Held at(Strike moment, int batches) throws SQLException {
    Databases.execute(
        databases.home,
        "SELECT setval('scenario.batches', 1, false)",
        "UPDATE scenario.passes SET batches = " + batches);
    var connection = databases.homeAddress.connect("test");
    Databases.execute(connection, "SELECT pg_advisory_lock(%d)".formatted(moment.lock()));
    return new Held(moment, connection);
  }

  boolean isReached(Strike moment) throws SQLException {
    return Databases.number(
            databases.home,
            """
            SELECT count(*) FROM pg_locks
            WHERE NOT granted AND locktype = 'advisory' AND objid = %d
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
                .formatted(moment.lock()))
        > 0;
  }
}
