package io.tidemark.frontend;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.Command;
import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.RefreshTrigger;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RefreshOperationsTest {
  private Frontend frontend;

  @BeforeEach
  void start() throws Exception {
    frontend = new Frontend();
  }

  @AfterEach
  void stop() throws Exception {
    frontend.stop();
  }

  @Test
  void requestsARefreshAndSaysWhereItIs() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    frontend.leader(command -> new CommandReply.Done(id, false));

    var accepted = frontend.post("/api/v1/tables/t/refreshes?dryRun=true&full=true");

    assertThat(accepted.status()).isEqualTo(202);
    assertThat(accepted.header("location")).contains("/api/v1/refreshes/" + id);
    assertThat(accepted.json().get("state").asText()).isEqualTo("REFRESHING");
    assertThat(frontend.commands)
        .containsExactly(new Command.Request("t", true, true, RefreshTrigger.MANUAL));
  }

  @Test
  void namesTheRefreshThatStandsInTheWay() throws Exception {
    frontend.leader(
        command ->
            new CommandReply.Refused(
                ErrorReport.of(ErrorCode.ALREADY_REFRESHING, "already refreshing (id 7)"), 7L));

    var refused = frontend.post("/api/v1/tables/t/refreshes");

    assertThat(refused.status()).isEqualTo(409);
    assertThat(refused.json().get("refreshId").asLong()).isEqualTo(7);
    assertThat(refused.json().get("retryable").asBoolean()).isTrue();
  }

  @Test
  void isUnavailableWithoutALeader() throws Exception {
    var refused = frontend.post("/api/v1/tables/t/refreshes");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.json().get("code").asText()).isEqualTo("NO_LEADER");
    assertThat(refused.header("retry-after")).isPresent();
  }

  @Test
  void saysWhoLeadsWhereTheBusDoesNotReachIt() throws Exception {
    frontend.sql(
        "INSERT INTO tidemark.leases (name, holder, kind, endpoint, term, expires_at)"
            + " VALUES ('meta', 'far', 'server', 'http://far:7070', 9, now() + interval '1 hour')");

    var refused = frontend.post("/api/v1/tables/t/refreshes");

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.json().get("code").asText()).isEqualTo("NO_LEADER");
    assertThat(refused.json().get("detail").asText()).contains("far leads in term 9");
    assertThat(refused.json().get("hint").asText()).contains("http://far:7070");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Approve", "Reject", "Cancel", "Pause", "Resume"})
  void passesOnWhatAPersonDecides(String name) throws Exception {
    var id = frontend.refresh("AWAITING_APPROVAL", "");
    frontend.leader(command -> new CommandReply.Done(id, false));

    var done = frontend.post("/api/v1/refreshes/" + id + "/" + name.toLowerCase(Locale.ROOT));

    assertThat(done.status()).isEqualTo(200);
    assertThat(done.json().get("id").asLong()).isEqualTo(id);
    assertThat(frontend.commands.getFirst().toString()).isEqualTo(name + "[refreshId=" + id + "]");
  }

  @Test
  void showsRefreshesNewestFirst() throws Exception {
    var first = frontend.refresh("SUCCEEDED", "");
    var second = frontend.refresh("REFRESHING", "");

    var all = frontend.get("/api/v1/refreshes").json();
    var one = frontend.get("/api/v1/refreshes?table=t&limit=1").json();
    var none = frontend.get("/api/v1/refreshes?table=other").json();

    assertThat(all.findValuesAsText("id"))
        .containsExactly(String.valueOf(second), String.valueOf(first));
    assertThat(one).hasSize(1);
    assertThat(none).isEmpty();
  }

  @Test
  void showsVNodes() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    frontend.sql(
        "INSERT INTO tidemark.refresh_progress (refresh_id, vnode, upper_bound, rows_read)"
            + " VALUES ("
            + id
            + ", 0, '{10}', 5)");

    var vnodes = frontend.get("/api/v1/refreshes/" + id + "/vnodes").json();

    assertThat(vnodes.get(0).get("upperBound").get(0).asText()).isEqualTo("10");
    assertThat(vnodes.get(0).get("lowerBound").isNull()).isTrue();
    assertThat(vnodes.get(0).get("rows").get("read").asLong()).isEqualTo(5);
  }
}
