package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.toxiproxy.Link;
import io.vertx.core.Vertx;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A connection that dies between a COMMIT and its answer: the transaction takes effect, but whoever
 * sent it does not know. Held in that state by a deferred trigger that waits for the test's lock.
 */
class CommitInDoubtTest {
  private static final String HOLD =
      """
      CREATE FUNCTION public.hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM pg_advisory_xact_lock(4711);
        RETURN NULL;
      END $$;
      CREATE CONSTRAINT TRIGGER hold AFTER UPDATE ON tidemark.%s DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (%s) EXECUTE FUNCTION public.hold()
      """;

  private final Vertx vertx = Vertx.vertx();
  private Link link;
  private RefreshFixture fixture;
  private Connection holder;
  private Stage stage = Stage.BEFORE;

  private enum Stage {
    BEFORE,
    CUT,
    COMMITTED
  }

  @BeforeEach
  void open() throws Exception {
    var databases = new TwoDatabases();
    var home = databases.homeAddress;
    link = Link.open(vertx, home.host(), home.port()).await(20, TimeUnit.SECONDS);
    var linked =
        new PostgresAddress(
            "127.0.0.1", link.port(), home.database(), home.user(), home.password(), Map.of());
    fixture = new RefreshFixture(databases, linked, RefreshFixture.WORK);
    fixture.vnodes(16).differing();
    holder = home.connect("holder");
    TwoDatabases.run(holder, "SELECT pg_advisory_lock(4711)");
  }

  @AfterEach
  void close() throws Exception {
    holder.close();
    fixture.close();
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void differencesWhoseCommitIsInDoubtAreThereOnce() throws Exception {
    // Given: a commit that carries differences, but does not complete its VNode
    fixture.home(
        HOLD.formatted(
            "refresh_progress", "NEW.vnode = 2 AND NEW.rows_inserted > OLD.rows_inserted"));
    // When / Then
    endsWithEachDifferenceOnce();
  }

  @Test
  void aRefreshWhoseLastCommitIsInDoubtIsAppliedOnce() throws Exception {
    // Given
    fixture.home(HOLD.formatted("refreshes", "NEW.state = 'SUCCEEDED'"));
    // When / Then
    endsWithEachDifferenceOnce();
  }

  private void endsWithEachDifferenceOnce() throws Exception {
    var id = fixture.request();
    var end = fixture.leader.lead(id, this::interrupt);
    assertThat(end).as(() -> "" + fixture.leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(stage).isEqualTo(Stage.COMMITTED);
    assertThat(fixture.counts(id)).isEqualTo(RefreshFixture.DIFFERENCES);
    assertThat(fixture.homeValue("SELECT count(*) FROM tidemark.delta_" + id)).isEqualTo("3400");
    fixture.assertEqual();
  }

  /** Cuts while the COMMIT is under way; lets it end once the executor has come back and waits. */
  private void interrupt() throws Exception {
    switch (stage) {
      case BEFORE -> {
        if (waiting("advisory") > 0) {
          link.cut().await(20, TimeUnit.SECONDS);
          link.heal().await(20, TimeUnit.SECONDS);
          stage = Stage.CUT;
        }
      }
      case CUT -> {
        if (waiting("transactionid") > 0) {
          TwoDatabases.run(holder, "SELECT pg_advisory_unlock(4711)");
          stage = Stage.COMMITTED;
        }
      }
      case COMMITTED -> {}
    }
  }

  private long waiting(String lock) throws SQLException {
    return Long.parseLong(
        fixture.homeValue(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
                + " WHERE NOT l.granted AND a.datname = current_database() AND l.locktype = '%s'"
                    .formatted(lock)));
  }
}
