package io.tidemark.frontend.progress;

import static io.tidemark.common.refresh.RefreshState.FINISHING;
import static io.tidemark.common.refresh.RefreshState.REFRESHING;
import static io.tidemark.common.refresh.RefreshState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.bus.Address;
import io.tidemark.common.bus.ProgressNews;
import io.tidemark.common.refresh.RefreshView;
import io.tidemark.frontend.Frontend;
import java.net.http.WebSocketHandshakeException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProgressHubTest {
  private static final int BIG = 2_000;

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
  void tellsASnapshotThenDeltasThenTheEnd() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    var watcher = Watcher.of(frontend, "/api/v1/refreshes/" + id + "/progress");
    var snapshot = watcher.frame();

    publish(Views.view(id, REFRESHING, 1, 10));
    var delta = watcher.frame();
    publish(Views.view(id, FINISHING, 2, 90));
    var second = watcher.frame();
    publish(Views.view(id, SUCCEEDED, 3, 100));
    var end = watcher.frame();

    assertThat(snapshot.get("type").asText()).isEqualTo("snapshot");
    assertThat(snapshot.get("refresh").get("id").asLong()).isEqualTo(id);
    assertThat(delta.get("type").asText()).isEqualTo("delta");
    assertThat(delta.get("refresh").get("percent").asDouble()).isEqualTo(10);
    assertThat(delta.get("refresh").has("table")).isFalse();
    assertThat(second.get("refresh").get("state").asText()).isEqualTo("FINISHING");
    assertThat(end.get("type").asText()).isEqualTo("end");
    assertThat(end.get("seq").asLong()).isEqualTo(4);
    assertThat(watcher.closeCode()).isEqualTo(1000);
  }

  @Test
  void tellsTheEndOfARefreshThatHasEnded() throws Exception {
    var id = frontend.refresh("FAILED", "");

    var watcher = Watcher.of(frontend, "/api/v1/refreshes/" + id + "/progress");

    assertThat(watcher.frame().get("type").asText()).isEqualTo("snapshot");
    assertThat(watcher.frame().get("type").asText()).isEqualTo("end");
    assertThat(watcher.closeCode()).isEqualTo(1000);
  }

  @Test
  void tellsOfAllThatAreActiveAndThatBegin() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    var watcher = Watcher.of(frontend, "/api/v1/progress");

    var snapshot = watcher.frame();
    publish(Views.view(id + 1, REFRESHING, 1, 10));
    var begun = watcher.frame();

    assertThat(snapshot.get("refreshes")).hasSize(1);
    assertThat(begun.get("refresh").get("id").asLong()).isEqualTo(id + 1);
    assertThat(begun.get("refresh").get("table").asText()).isEqualTo("t");
    watcher.close();
  }

  @Test
  void tellsWhatItReadsWhereNewsAreLost() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    var one = Watcher.of(frontend, "/api/v1/refreshes/" + id + "/progress");
    var all = Watcher.of(frontend, "/api/v1/progress");
    one.frame();
    all.frame();

    frontend.sql("UPDATE tidemark.refreshes SET state = 'SUCCEEDED', finished_at = now()");

    assertThat(one.frame().get("type").asText()).isEqualTo("end");
    assertThat(all.frame().get("type").asText()).isEqualTo("end");
    all.close();
  }

  @Test
  void refusesTheHandshakeForAnUnknownRefresh() {
    assertThatThrownBy(() -> Watcher.of(frontend, "/api/v1/refreshes/99/progress"))
        .hasCauseInstanceOf(WebSocketHandshakeException.class)
        .satisfies(
            e ->
                assertThat(((WebSocketHandshakeException) e.getCause()).getResponse().statusCode())
                    .isEqualTo(404));
  }

  @Test
  void tellsASlowClientTheNewestOnly() throws Exception {
    var id = frontend.refresh("REFRESHING", "");
    var fast = Watcher.of(frontend, "/api/v1/refreshes/" + id + "/progress");
    fast.frame();
    var watcher = Watcher.slow(frontend, "/api/v1/refreshes/" + id + "/progress");
    watcher.frame();

    var published = 200;
    for (var epoch = 1; epoch < published; epoch++) {
      publish(Views.view(id, REFRESHING, epoch, 50, BIG));
    }
    publish(Views.view(id, SUCCEEDED, published, 100));
    fast.closeCode(); // and so all is published before the slow one takes its second frame

    var frames = 1;
    for (var frame = watcher.frame(); ; frame = watcher.frame()) {
      assertThat(frame.get("seq").asLong()).isEqualTo(++frames);
      if (frame.get("type").asText().equals("end")) {
        assertThat(frame.get("refresh").get("epoch").asLong()).isEqualTo(published);
        break;
      }
    }
    assertThat(frames).isLessThan(published);
  }

  private void publish(RefreshView view) {
    frontend.vertx.eventBus().publish(Address.PROGRESS, new ProgressNews(view));
  }
}
