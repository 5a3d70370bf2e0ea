package io.tidemark.frontend.progress;

import static io.tidemark.common.refresh.RefreshState.FINISHING;
import static io.tidemark.common.refresh.RefreshState.REFRESHING;
import static io.tidemark.common.refresh.RefreshState.SUCCEEDED;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.refresh.RefreshView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressFramesTest {
  /** Of a refresh that is told whole. */
  private static final int MEMBERS = RefreshView.class.getRecordComponents().length;

  private final ProgressFrames frames = new ProgressFrames();

  @Test
  void tellsOnlyWhatChanged() {
    frames.begin(Views.view(1, REFRESHING, 5, 10));

    frames.hear(Views.view(1, REFRESHING, 6, 20));

    assertThat(frames.next().orElseThrow())
        .hasToString(
            "{\"type\":\"delta\",\"seq\":2,\"refresh\":{\"id\":1,\"epoch\":6,\"percent\":20.0}}");
    assertThat(frames.next()).isEmpty();
  }

  @Test
  void saysNothingBeforeTheSnapshotAndThenWhatCameMeanwhile() {
    frames.hear(Views.view(1, REFRESHING, 7, 30));
    assertThat(frames.next()).isEmpty();

    var snapshot = frames.begin(Views.view(1, REFRESHING, 5, 10));

    assertThat(snapshot.get("seq").asLong()).isEqualTo(1);
    assertThat(frames.next().orElseThrow().get("refresh").get("epoch").asLong()).isEqualTo(7);
  }

  @Test
  void dropsWhatIsOlderThanTheSnapshot() {
    frames.hear(Views.view(1, REFRESHING, 4, 5));

    frames.begin(Views.view(1, FINISHING, 5, 10));
    frames.hear(Views.view(1, REFRESHING, 5, 10));

    assertThat(frames.next()).isEmpty();
  }

  @Test
  void keepsOnlyTheNewestOfEachRefreshWhileTheClientIsSlow() {
    frames.begin(List.of(Views.view(1, REFRESHING, 0, 0), Views.view(2, REFRESHING, 0, 0)));

    for (var epoch = 1; epoch <= 1_000; epoch++) {
      frames.hear(Views.view(1, REFRESHING, epoch, 0));
      frames.hear(Views.view(2, REFRESHING, epoch, 0));
    }

    assertThat(rest()).extracting(frame -> frame.get("seq").asLong()).containsExactly(2L, 3L);
  }

  @Test
  void tellsAnEndOnce() {
    frames.begin(List.of(Views.view(1, REFRESHING, 1, 0)));

    frames.hear(Views.view(1, SUCCEEDED, 2, 100));

    assertThat(rest())
        .singleElement()
        .satisfies(
            end -> {
              assertThat(end.get("type").asText()).isEqualTo("end");
              assertThat(end.get("refresh")).hasSize(MEMBERS);
            });
    assertThat(frames.open()).isEmpty();
  }

  @Test
  void tellsTheEndOfARefreshThatHadEnded() {
    frames.begin(Views.view(1, SUCCEEDED, 2, 100));

    assertThat(rest()).extracting(frame -> frame.get("type").asText()).containsExactly("end");
  }

  @Test
  void tellsAllOfARefreshThatBegins() {
    frames.begin(List.of());

    frames.hear(Views.view(3, REFRESHING, 1, 0));

    assertThat(frames.next().orElseThrow().get("refresh")).hasSize(MEMBERS);
    assertThat(frames.open()).containsExactly(3L);
  }

  private List<ObjectNode> rest() {
    var all = new ArrayList<ObjectNode>();
    for (var next = frames.next(); next.isPresent(); next = frames.next()) {
      all.add(next.get());
    }
    return all;
  }
}
