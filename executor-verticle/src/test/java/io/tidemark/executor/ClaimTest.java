package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.home.RefreshProgressTable;
import io.tidemark.common.home.VNodeRange;
import java.sql.SQLException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClaimTest {
  private RefreshFixture fixture;
  private RefreshProgressTable progress;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
    var id = fixture.request();
    progress = new RefreshProgressTable(id);
    progress.insert(
        fixture.databases.home,
        IntStream.range(0, 32).mapToObj(i -> new VNodeRange(i, null, null, 10)).toList());
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void aClaimTakesNeighboursAndNoMoreThanItsLimit() throws SQLException {
    var first = progress.claim(fixture.databases.home, "a", 0, 2);
    var second = progress.claim(fixture.databases.home, "b", 0, 2);
    assertThat(first).extracting(RefreshProgressTable.Claim::vnode).containsExactlyInAnyOrder(0, 1);
    assertThat(second)
        .extracting(RefreshProgressTable.Claim::vnode)
        .containsExactlyInAnyOrder(2, 3);
  }

  @Test
  void aClaimTakenAnewFencesTheFormerOne() throws SQLException {
    var claim = progress.claim(fixture.databases.home, "a", 0, 1).getFirst();
    var again = progress.retake(fixture.databases.home, claim).orElseThrow();
    assertThat(again.generation()).isGreaterThan(claim.generation());
    assertThat(progress.retake(fixture.databases.home, claim)).isEmpty();
  }
}
