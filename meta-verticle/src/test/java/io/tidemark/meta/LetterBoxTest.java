package io.tidemark.meta;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.CommandReply;
import io.tidemark.common.bus.ExecutorList;
import io.tidemark.common.home.HomePool;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is written to the leader of a term is read once, in its order, as far as it can be read. */
class LetterBoxTest {
  private static final int LIMIT_SECONDS = 20;
  private static final long TERM = 3;

  private final Vertx vertx = Vertx.vertx();
  private HomeDatabase home;
  private LetterBox box;

  @BeforeEach
  void open() throws Exception {
    home = new HomeDatabase();
    box = new LetterBox(HomePool.of(vertx, home.address, "test letters", 2));
  }

  @AfterEach
  void close() throws Exception {
    vertx.close().await(LIMIT_SECONDS, TimeUnit.SECONDS);
    home.close();
  }

  private List<Letter> taken(long term) throws Exception {
    return box.take(term).await(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private void send(Letter... letters) throws Exception {
    box.send(TERM, List.of(letters)).await(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void lettersAreTakenOnceInTheOrderInWhichTheyCame() throws Exception {
    // Given
    send(new Letter.News(1), new Letter.News(2), new Letter.News(3));
    send(new Letter.News(4));
    // The first ones lie behind the others now.
    home.execute("UPDATE tidemark.letters SET letter = letter WHERE id <= 2");
    // When
    var taken = taken(TERM);
    // Then
    assertThat(taken)
        .containsExactly(
            new Letter.News(1), new Letter.News(2), new Letter.News(3), new Letter.News(4));
    assertThat(taken(TERM)).isEmpty();
  }

  @Test
  void oneThatCannotBeReadIsSkippedAndKeepsNoOther() throws Exception {
    // Given
    send(new Letter.News(1), new Letter.News(2));
    home.execute(
        "UPDATE tidemark.letters SET letter = '{\"@type\": \"Letter$Unheard\"}' WHERE id = 1");
    // When / Then
    assertThat(taken(TERM)).containsExactly(new Letter.News(2));
    assertThat(taken(TERM)).isEmpty();
  }

  @Test
  void aNewLeaderDoesNotReadWhatTheOneBeforeItWasTold() throws Exception {
    send(new Letter.News(1));
    assertThat(taken(TERM + 1)).isEmpty();
    assertThat(taken(TERM)).isEmpty();
  }

  @Test
  void aBarrierThatCannotBeReadIsNone() throws Exception {
    home.execute(
        "INSERT INTO tidemark.announced_barrier VALUES ('meta', 1, 1, 'x', clock_timestamp())");
    assertThat(box.announced(0, 0).await(LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  void anAnswerIsCollectedByItsQuestionAndMayNotBeReadable() throws Exception {
    // Given
    box.answer("q1", new ExecutorList(List.of()), ExecutorList.class)
        .await(LIMIT_SECONDS, TimeUnit.SECONDS);
    box.answer("q2", new ExecutorList(List.of()), ExecutorList.class)
        .await(LIMIT_SECONDS, TimeUnit.SECONDS);
    // When
    var answers = box.collect(Set.of("q1")).await(LIMIT_SECONDS, TimeUnit.SECONDS);
    // Then
    assertThat(answers).extracting(LetterBox.Answer::question).containsExactly("q1");
    assertThat(answers.getFirst().as(ExecutorList.class)).isPresent();
    assertThat(answers.getFirst().as(CommandReply.class)).isEmpty();
  }
}
