package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.bus.Mutation;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who leads, who takes over, and what the loss of an executor leads to. */
@Timeout(60)
class LeadershipTest {
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
  void epochsRiseFromBarrierToBarrierAndAreCommittedWhenAnswered() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    // When
    var epoch = meta.barrierWith(new Mutation.Start(id, 1)).epoch();
    meta.acknowledge(1, epoch, null, id);
    var next = meta.barrierAfter(epoch);
    meta.acknowledge(1, next.epoch(), null, id);
    // Then
    meta.until(
        () -> meta.number("SELECT epoch FROM tidemark.refreshes WHERE id = " + id) >= next.epoch());
  }

  @Test
  void aStandbyTakesOverWithAHigherTermWhenTheLeaderLeaves() throws Exception {
    // Given
    var first = meta.deploy("m1", 5_000);
    meta.deploy("m2", 5_000);
    var id = meta.requested();
    // When
    meta.vertx.undeploy(first).await(20, TimeUnit.SECONDS);
    // Then
    meta.until(() -> meta.home.value("SELECT holder FROM tidemark.leases").equals("m2"));
    assertThat(meta.number("SELECT term FROM tidemark.leases")).isEqualTo(2);
    meta.until(() -> meta.number("SELECT term FROM tidemark.refreshes WHERE id = " + id) == 2);
    assertThat(meta.number("SELECT count(*) FROM tidemark.refresh_recoveries")).isZero();
  }

  @Test
  void aLeaderThatLostItsLeaseLeadsNoMoreAndItsSuccessorRecordsTheLoss() throws Exception {
    // Given
    meta.deploy("m1", 1_000);
    var id = meta.requested();
    // When
    meta.home.execute(
        "UPDATE tidemark.leases SET holder = 'zombie', term = term + 1,"
            + " expires_at = clock_timestamp() + interval '300 ms'");
    // Then
    meta.until(() -> meta.home.value("SELECT holder FROM tidemark.leases").equals("m1"));
    assertThat(meta.number("SELECT term FROM tidemark.leases")).isEqualTo(3);
    meta.until(
        () ->
            meta.home
                .value("SELECT cause FROM tidemark.refresh_recoveries WHERE refresh_id = " + id)
                .equals("LEADER_LOST"));
  }

  @Test
  void aLeaderThatNoExecutorAnswersGivesTheLeaseToOneThatStandsBy() throws Exception {
    // Given
    meta.deploy("m1", 1_000);
    var id = meta.requested();
    // When
    meta.deploy("m2", 1_000);
    // Then
    meta.until(() -> meta.home.value("SELECT holder FROM tidemark.leases").equals("m2"));
    meta.until(() -> meta.number("SELECT term FROM tidemark.refreshes WHERE id = " + id) >= 2);
  }

  @Test
  void aTransactionThatALostExecutorLeftOpenDoesNotHoldUpItsRelease() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.plan(id, 1);
    meta.home.execute("UPDATE tidemark.refresh_progress SET owner = 'gone', generation = 1");
    try (var left = meta.home.address.connect("tidemark " + id + " lane-0 writer");
        var statement = left.createStatement()) {
      left.setAutoCommit(false);
      statement.execute("UPDATE tidemark.refresh_progress SET position = '{1}' WHERE vnode = 0");
      // When it is silent for as long as makes it lost
      meta.until(
          () ->
              meta.home
                  .value(
                      "SELECT executor FROM tidemark.refresh_recoveries WHERE refresh_id = " + id)
                  .equals("gone"));
      // Then
      assertThat(meta.number("SELECT generation FROM tidemark.refresh_progress")).isEqualTo(2);
      assertThat(meta.home.value("SELECT owner || position::text FROM tidemark.refresh_progress"))
          .isEmpty();
      assertThat(meta.number("SELECT term FROM tidemark.leases")).isEqualTo(1);
      assertThatThrownBy(left::commit).isInstanceOf(SQLException.class);
    }
  }

  @Test
  void aFinisherThatIsLostInTheMiddleHoldsUpNobody() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.plan(id, 1);
    meta.home.execute(
        "UPDATE tidemark.refreshes SET state = 'FINISHING', work_owner = 'gone', work_generation = 1");
    try (var left = meta.home.address.connect("tidemark finish " + id);
        var statement = left.createStatement()) {
      left.setAutoCommit(false);
      statement.execute("CREATE TABLE public.applied ()");
      // When it is silent for as long as makes it lost
      meta.until(() -> meta.number("SELECT work_generation FROM tidemark.refreshes") == 2);
      // Then
      assertThatThrownBy(left::commit).isInstanceOf(SQLException.class);
      assertThat(meta.home.value("SELECT to_regclass('public.applied')")).isEmpty();
      assertThat(meta.number("SELECT term FROM tidemark.leases")).isEqualTo(1);
    }
  }

  @Test
  void aSilentOwnersVNodesAreReleasedByGenerationAndTheLossIsRecorded() throws Exception {
    // Given
    meta.deploy("m1", 5_000);
    var id = meta.requested();
    meta.plan(id, 4);
    meta.home.execute(
        "UPDATE tidemark.refresh_progress SET owner = 'gone', generation = 5, is_completed = vnode"
            + " = 0 WHERE refresh_id = "
            + id);
    // When / Then
    meta.until(
        () ->
            meta.number(
                    "SELECT count(*) FROM tidemark.refresh_progress WHERE owner IS NULL AND"
                        + " generation = 6 AND refresh_id = "
                        + id)
                == 3);
    assertThat(
            meta.home.value(
                "SELECT cause || executor || vnodes_completed || vnodes_released FROM"
                    + " tidemark.refresh_recoveries"))
        .isEqualTo("EXECUTOR_LOSTgone13");
    assertThat(meta.number("SELECT generation FROM tidemark.refresh_progress WHERE vnode = 0"))
        .isEqualTo(5);
  }
}
