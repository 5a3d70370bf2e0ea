package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.TidemarkConfig;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.TwoDatabases;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the loss of a lane costs at most: the rows between two durable positions. */
class LaneLossTest {
  private static final int ROWS = 300_000;

  /** So often the source has not sent one more row: nobody reads it. */
  private static final int STANDS = 12;

  private RefreshFixture fixture;
  private Connection holder;
  private long sent = -1;
  private int stood;

  @BeforeEach
  void open() throws Exception {
    fixture =
        new RefreshFixture(
            new TwoDatabases(), new TidemarkConfig.Executor(1, Duration.ofSeconds(10), 10_000));
    holder = fixture.databases.homeAddress.connect("holder");
  }

  @AfterEach
  void close() throws Exception {
    holder.close();
    fixture.close();
  }

  @Test
  void aLaneReadsNoFurtherThanMayBeLostWhilePositionsAreNotDurable() throws Exception {
    // Given: equal tables, and a home that writes no position before it is let
    fixture
        .vnodes(1)
        .streaming()
        .both(
            "CREATE TABLE public.t (id int PRIMARY KEY, pad text)",
            "INSERT INTO public.t SELECT i, repeat('x', 100) FROM generate_series(1, %d) i"
                .formatted(ROWS),
            "ANALYZE public.t")
        .home(
            "CREATE TABLE public.positions (rows bigint)",
            """
            CREATE FUNCTION public.write_down() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              INSERT INTO public.positions VALUES (NEW.rows_read - OLD.rows_read);
              PERFORM pg_advisory_xact_lock(4711);
              RETURN NULL;
            END $$
            """,
            """
            CREATE TRIGGER write_down AFTER UPDATE ON tidemark.refresh_progress
            FOR EACH ROW WHEN (NEW.rows_read > OLD.rows_read) EXECUTE FUNCTION public.write_down()
            """);
    TwoDatabases.run(holder, "SELECT pg_advisory_lock(4711)");
    // When
    var end = fixture.leader.lead(fixture.request(), this::letGoWhereTheLaneStands);
    // Then
    assertThat(end).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(fixture.homeValue("SELECT sum(rows) FROM public.positions")).isEqualTo("" + ROWS);
    assertThat(Long.parseLong(fixture.homeValue("SELECT max(rows) FROM public.positions")))
        .isLessThanOrEqualTo(100_000);
  }

  private void letGoWhereTheLaneStands() throws SQLException {
    var now =
        Long.parseLong(
            TwoDatabases.column(
                    fixture.databases.source,
                    "SELECT coalesce(sum(tuples_processed), 0) FROM pg_stat_progress_copy"
                        + " WHERE datname = current_database()")
                .getFirst());
    stood = now == sent ? stood + 1 : 0;
    sent = now;
    if (stood == STANDS) {
      TwoDatabases.run(holder, "SELECT pg_advisory_unlock(4711)");
    }
  }
}
