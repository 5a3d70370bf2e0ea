package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RecoveryCause;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.Visibility;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node whose link to one of the databases is gone and does not come back. */
class CutOffTest {
  private static final int ROWS = 1_500;
  private static final int ROWS_PER_SECOND = 400;

  /** Less than each node tries for by itself. */
  private static final long GOES_ON_NANOS = TimeUnit.SECONDS.toNanos(25);

  private static final String CONTENT =
      "SELECT md5(string_agg(t::text, ' ' ORDER BY id)) FROM public.t t";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"source", "home"})
  void othersGoOnWithWhatANodeHadThatIsCutOff(String link) throws Exception {
    try (var databases = new Databases();
        var nodes =
            new FailureCluster(databases, folder, Visibility.ATOMIC, ROWS_PER_SECOND, false)) {
      // Given: two executors at work
      fill(databases);
      var owned =
          "SELECT count(*) FROM tidemark.refresh_progress WHERE NOT is_completed AND owner LIKE 'c-%'";
      nodes.start(false);
      var id = nodes.refresh();
      Until.holds("c works", () -> Databases.number(databases.home, owned) > 0);
      // When
      nodes.node("c").cutFrom(link);
      var cut = System.nanoTime();
      // Then
      Until.holds("c has nothing any more", () -> Databases.number(databases.home, owned) == 0);
      assertThat(System.nanoTime() - cut).isLessThan(GOES_ON_NANOS);
      Until.holds("it has ended", () -> !nodes.view(id).state().active());
      var done = nodes.view(id);
      assertThat(done.state()).as("%s", done).isEqualTo(RefreshState.SUCCEEDED);
      assertThat(
              done.recoveries().stream().anyMatch(it -> it.cause() == RecoveryCause.EXECUTOR_LOST))
          .as("released by the leader: %s", done)
          .isEqualTo(link.equals("home"));
      assertThat(Databases.column(databases.home, CONTENT))
          .isEqualTo(Databases.column(databases.source, CONTENT));
    }
  }

  private static void fill(Databases databases) throws Exception {
    for (var side : List.of(databases.source, databases.home)) {
      Databases.execute(
          side,
          "CREATE TABLE public.t (id bigint PRIMARY KEY, v text)",
          "INSERT INTO public.t SELECT i, md5(i::text) FROM generate_series(1, " + ROWS + ") i");
    }
    Databases.execute(databases.source, "UPDATE public.t SET v = v || 'new' WHERE id % 3 = 0");
  }
}
