package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.Mutation;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshTrigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What can be asked of a meta, and when it starts a refresh. */
@Timeout(60)
class RequestsTest {
  private MetaFixture meta;

  @BeforeEach
  void open() throws Exception {
    meta = new MetaFixture();
  }

  @AfterEach
  void close() throws Exception {
    meta.close();
  }

  @Test
  void aRequestIsOneInsertAndASecondOneNamesTheFirst() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    // When
    var first = meta.request();
    var second = meta.request();
    // Then
    assertThat(first).isInstanceOf(CommandReply.Done.class);
    var id = ((CommandReply.Done) first).refreshId();
    assertThat(second)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> {
              assertThat(refused.runningId()).isEqualTo(id);
              assertThat(refused.error().code()).isEqualTo(ErrorCode.ALREADY_REFRESHING);
              assertThat(refused.error().message()).contains("already refreshing (id " + id + ")");
            });
    assertThat(meta.barrierWith(new Mutation.Start(id, 1)).term()).isEqualTo(1);
  }

  @Test
  void aTableThatIsNotKnownIsRefused() throws Exception {
    meta.deploy("m1", 5_000);
    var reply = meta.ask(new Command.Request("nothing", false, RefreshTrigger.MANUAL));
    assertThat(reply)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> assertThat(refused.error().code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  @Test
  void aFailedRefreshThatCanBeResumedIsGoneOnWithAtTheNextRequest() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.plan(id, 4);
    meta.home.execute("UPDATE tidemark.refresh_progress SET is_completed = true WHERE vnode < 2");
    var epoch = meta.barrierWith(new Mutation.Start(id, 1)).epoch();
    meta.acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    meta.until(() -> meta.state(id).equals("FAILED"));
    // When
    var reply = meta.request();
    // Then
    assertThat(reply).isEqualTo(new CommandReply.Done(id, true));
    assertThat(meta.state(id)).isEqualTo("REFRESHING");
    assertThat(meta.number("SELECT vnodes_skipped FROM tidemark.refreshes WHERE id = " + id))
        .isEqualTo(2);
    meta.barrierWith(new Mutation.Start(id, 2));
  }

  @Test
  void aTargetThatARefreshOfAnotherTableBeganWithIsWaitedFor() throws Exception {
    // Given
    meta.home.execute("UPDATE tidemark.tables SET target = 'a'");
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.home.execute("UPDATE tidemark.tables SET target = 'b'");
    meta.home.execute(
        "INSERT INTO tidemark.tables (name, definition, target) SELECT 'copy', definition, 'a' FROM"
            + " tidemark.tables");
    // When
    var reply = meta.ask(new Command.Request("copy", false, RefreshTrigger.MANUAL));
    // Then
    assertThat(reply)
        .isInstanceOfSatisfying(
            CommandReply.Refused.class,
            refused -> {
              assertThat(refused.error().code()).isEqualTo(ErrorCode.ALREADY_REFRESHING);
              assertThat(refused.error().message())
                  .contains("table copy", "refresh " + id + " of table orders");
              assertThat(refused.runningId()).isNull();
            });
  }

  @Test
  void cancelEndsARefreshAndFencesItsOwners() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.plan(id, 2);
    meta.home.execute("UPDATE tidemark.refresh_progress SET owner = 'e1', generation = 3");
    // When
    var reply = meta.ask(new Command.Cancel(id));
    // Then
    assertThat(reply).isEqualTo(new CommandReply.Done(id, false));
    assertThat(meta.state(id)).isEqualTo("CANCELLED");
    assertThat(meta.number("SELECT min(generation) FROM tidemark.refresh_progress")).isEqualTo(4);
  }

  @Test
  void aRefreshAskedForInSqlIsStarted() throws Exception {
    meta.deploy("m1", 5_000);
    meta.home.execute("SELECT tidemark.refresh('orders')");
    var id = meta.number("SELECT id FROM tidemark.refreshes");
    meta.barrierWith(new Mutation.Start(id, 1));
  }

  @Test
  void aScheduledTableIsRefreshedWithoutBeingAsked() throws Exception {
    meta.home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"schedule\": {\"every\": \"1h\"}}'");
    meta.deploy("m1", 5_000);
    meta.until(() -> meta.home.value("SELECT trigger FROM tidemark.refreshes").equals("SCHEDULE"));
  }

  @Test
  void aScheduledRefreshThatFailedWaitsForItsNextTime() throws Exception {
    // Given
    meta.home.execute(
        "UPDATE tidemark.tables SET definition = definition || '{\"schedule\": {\"every\": \"1h\"}}'");
    meta.home.execute(
        "INSERT INTO tidemark.refreshes (table_name, incarnation, visibility, definition, state,"
            + " requested_at, finished_at, error)"
            + " SELECT name, incarnation, 'ATOMIC', definition, 'FAILED',"
            + " now() - interval '2 h', now(),"
            + " '{\"retryable\": true, \"code\": \"SOURCE_FAILED\"}' FROM tidemark.tables");
    // When
    meta.deploy("m1", 5_000);
    meta.barrierAfter(meta.nextBarrier().epoch() + 15);
    // Then
    assertThat(meta.home.value("SELECT string_agg(state, ',') FROM tidemark.refreshes"))
        .isEqualTo("FAILED");
    // And when its time has come
    meta.home.execute("UPDATE tidemark.refreshes SET finished_at = now() - interval '61 min'");
    meta.until(() -> meta.home.value("SELECT state FROM tidemark.refreshes").equals("REFRESHING"));
  }

  @Test
  void aRefreshThatFailedCanBeGivenUp() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    var epoch = meta.barrierWith(new Mutation.Start(id, 1)).epoch();
    meta.acknowledge(1, epoch, ErrorReport.of(ErrorCode.SOURCE_UNREACHABLE, "away"), id);
    meta.until(() -> meta.state(id).equals("FAILED"));
    // When
    meta.ask(new Command.Cancel(id));
    // Then
    assertThat(meta.state(id)).isEqualTo("CANCELLED");
    assertThat(((CommandReply.Done) meta.request()).refreshId()).isNotEqualTo(id);
  }
}
