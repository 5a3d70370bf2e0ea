package io.tidemark.executor.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.MergeChoice;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Which way a Postgres source goes. */
class WayChoiceTest {
  private TwoDatabases databases;

  @BeforeEach
  void start() throws Exception {
    databases = new TwoDatabases("TEMPLATE template0 LOCALE 'C' ENCODING 'UTF8'");
  }

  @AfterEach
  void stop() throws Exception {
    databases.close();
  }

  private Optional<String> staged(String relation, MergeChoice merge) throws Exception {
    var table = TwoDatabases.with(TwoDatabases.table(relation, "public.t", "id"), merge);
    var choice =
        WayChoice.of(table, (PostgresSource) table.source(), databases.source, databases.home);
    assertThat(choice.why()).isNotBlank();
    return choice.staged() ? Optional.of(choice.why()) : Optional.empty();
  }

  @Test
  void keysThatEveryServerOrdersAlikeAreStreamed() throws Exception {
    databases.atSource("CREATE TABLE public.s (id int PRIMARY KEY)");
    assertThat(staged("public.s", MergeChoice.AUTO)).isEmpty();
    assertThat(staged("public.s", MergeChoice.STAGED)).contains("merge: staged");
  }

  @Test
  void keysWhoseOrderIsInDoubtAndViewsAreStaged() throws Exception {
    databases.atSource(
        "CREATE TABLE public.n (id numeric PRIMARY KEY)",
        "CREATE TABLE public.i (id text COLLATE \"und-x-icu\" PRIMARY KEY)",
        "CREATE TABLE public.b (id int PRIMARY KEY)",
        "CREATE VIEW public.v AS SELECT * FROM public.b");
    assertThat(staged("public.n", MergeChoice.AUTO).orElse("")).contains("numeric");
    assertThat(staged("public.i", MergeChoice.AUTO).orElse("")).contains("und-x-icu");
    assertThat(staged("public.v", MergeChoice.AUTO).orElse("")).contains("may be null");
    assertThat(staged("public.n", MergeChoice.STREAMING)).isEmpty();
  }

  @Test
  void whatCannotBeReadAtAllIsNotStagedEither() throws Exception {
    assertThat(staged("public.nothing", MergeChoice.AUTO)).isEmpty();
  }

  @Test
  void aLargeHeapInAnotherOrderIsStaged() throws Exception {
    databases.atSource(
        "CREATE TABLE public.u (id uuid PRIMARY KEY, v text)",
        "INSERT INTO public.u SELECT md5(i::text)::uuid, repeat('x', 100)"
            + " FROM generate_series(1, 5000) i",
        "ANALYZE public.u");
    assertThat(staged("public.u", MergeChoice.AUTO)).isEmpty();
    databases.atSource("SET effective_cache_size = '80kB'");
    assertThat(staged("public.u", MergeChoice.AUTO).orElse("")).contains("another order", "id");
  }
}
