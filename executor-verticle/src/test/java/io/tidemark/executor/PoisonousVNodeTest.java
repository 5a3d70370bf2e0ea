package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VNode that fails wherever it is claimed is named, and does not keep others from completion. */
class PoisonousVNodeTest {
  private static final int VNODES = 8;

  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture().vnodes(VNODES).key("id");
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void theOthersCompleteWhereOneHasADuplicateKey() throws Exception {
    // Given
    fixture
        .source(
            "CREATE TABLE public.t (id bigint NOT NULL, v text)",
            "INSERT INTO public.t SELECT i, 'v' FROM generate_series(1, 8000) i",
            "INSERT INTO public.t VALUES (1500, 'again')")
        .home("CREATE TABLE public.t (id bigint PRIMARY KEY, v text)");
    // When
    var failure = fixture.refused();
    // Then
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_KEY_DUPLICATE);
    assertThat(failure.message()).contains("1500");
    assertThat(completed()).isEqualTo(VNODES - 1);
    assertThat(
            fixture.homeValue(
                "SELECT vnode FROM tidemark.refresh_progress WHERE NOT is_completed"
                    + " AND owner IS NULL"))
        .isEqualTo(String.valueOf(failure.vnode()));
  }

  @Test
  void whatMayPassIsTriedAgainButNotForEver() throws Exception {
    // Given
    fixture
        .source(
            "CREATE TABLE public.plain (id bigint PRIMARY KEY, v bigint)",
            "INSERT INTO public.plain SELECT i, i FROM generate_series(1, 8000) i",
            "CREATE DOMAIN public.sure AS bigint NOT NULL",
            "CREATE VIEW public.t AS SELECT id::public.sure AS id, 1000 / (v - 7500) AS v"
                + " FROM public.plain")
        .home("CREATE TABLE public.t (id bigint PRIMARY KEY, v bigint)");
    // When
    var id = fixture.request();
    var end = fixture.leader.lead(id);
    // Then
    assertThat(end).isEqualTo(RefreshState.FAILED);
    var failure = fixture.leader.failure(id).orElseThrow();
    assertThat(failure.code()).isEqualTo(ErrorCode.SOURCE_FAILED);
    assertThat(failure.message()).contains("division by zero");
    assertThat(failure.vnode()).isNotNull();
    assertThat(completed()).isEqualTo(VNODES - 1);
  }

  private int completed() throws Exception {
    return Integer.parseInt(
        fixture.homeValue("SELECT count(*) FROM tidemark.refresh_progress WHERE is_completed"));
  }
}
