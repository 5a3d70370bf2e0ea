package io.tidemark.meta;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Barrier;
import io.tidemark.common.bus.Json;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables in the home by which metas of different buses hear each other. What is older than
 * {@value #MAX_AGE_SECONDS} s is thrown away: an answer to a barrier must not be taken for a sign
 * of life long after it was given.
 */
final class LetterBox {
  private static final Logger LOG = LoggerFactory.getLogger(LetterBox.class);
  private static final int MAX_AGE_SECONDS = 5;
  private static final int MAX_LETTERS_AT_ONCE = 1_000;
  private static final int ANSWERS_KEPT_SECONDS = 60;

  /** Index: announced_barrier's primary key. A leader of an older term changes nothing. */
  private static final String ANNOUNCE =
      """
      INSERT INTO tidemark.announced_barrier AS b (name, term, epoch, barrier, announced_at)
      VALUES ('meta', $1::bigint, $2::bigint, $3::text, clock_timestamp())
      ON CONFLICT (name) DO UPDATE
         SET term = excluded.term, epoch = excluded.epoch, barrier = excluded.barrier,
             announced_at = excluded.announced_at
       WHERE (b.term, b.epoch) < (excluded.term, excluded.epoch)
      """;

  /** Index: announced_barrier's primary key. */
  private static final String ANNOUNCED =
      """
      SELECT barrier
        FROM tidemark.announced_barrier
       WHERE name = 'meta' AND (term, epoch) > ($1::bigint, $2::bigint)
         AND announced_at > clock_timestamp() - $3::int * interval '1 second'
      """;

  private static final String SEND =
      """
      INSERT INTO tidemark.letters (term, letter)
      SELECT $1::bigint, letter
        FROM jsonb_array_elements_text(($2::text)::jsonb) WITH ORDINALITY AS sent(letter, number)
       ORDER BY number
      """;

  /** In the order in which they came. Index: letters' primary key; it holds what came just now. */
  private static final String TAKE =
      """
      WITH taken AS (
        DELETE FROM tidemark.letters
         WHERE id IN (SELECT id FROM tidemark.letters
                       WHERE term <= $1::bigint ORDER BY id LIMIT $2::int)
        RETURNING id, letter,
                  term = $1::bigint
                    AND written_at > clock_timestamp() - $3::int * interval '1 second' AS counts)
      SELECT letter, counts FROM taken ORDER BY id
      """;

  /** Index: answers' primary key; old ones are few and far between. */
  private static final String ANSWER =
      """
      WITH unclaimed AS (
        DELETE FROM tidemark.answers
         WHERE written_at < clock_timestamp() - $3::int * interval '1 second')
      INSERT INTO tidemark.answers (question, answer) VALUES ($1::text, $2::text)
      ON CONFLICT (question) DO NOTHING
      """;

  /** Index: answers' primary key. */
  private static final String COLLECT =
      """
      DELETE FROM tidemark.answers
       WHERE question IN (SELECT jsonb_array_elements_text(($1::text)::jsonb))
      RETURNING question, answer
      """;

  private final SqlClient home;

  LetterBox(SqlClient home) {
    this.home = home;
  }

  /** An answer, as JSON. */
  record Answer(String question, String json) {
    /** Empty where it cannot be read. */
    <T> Optional<T> as(Class<T> type) {
      return read(json, type);
    }
  }

  /** Puts up a leader's barrier. */
  Future<Void> announce(Barrier barrier) {
    return home.preparedQuery(ANNOUNCE)
        .execute(Tuple.of(barrier.term(), barrier.epoch(), JsonText.of(barrier)))
        .mapEmpty();
  }

  /** The newest barrier, if it is fresh and above this one. */
  Future<Optional<Barrier>> announced(long term, long epoch) {
    return home.preparedQuery(ANNOUNCED)
        .execute(Tuple.of(term, epoch, MAX_AGE_SECONDS))
        .map(
            rows ->
                rows.size() == 0
                    ? Optional.empty()
                    : read(rows.iterator().next().getString("barrier"), Barrier.class));
  }

  /** Sends to the leader of that term. */
  Future<Void> send(long term, Collection<Letter> letters) {
    // The type is named: JSON would not say which letter it is, otherwise.
    var texts = letters.stream().map(letter -> write(letter, Letter.class)).toList();
    return home.preparedQuery(SEND).execute(Tuple.of(term, JsonText.of(texts))).mapEmpty();
  }

  /**
   * What came for the leader of that term, in the order in which it came; what was for leaders
   * before it is thrown away, and so is what cannot be read.
   */
  Future<List<Letter>> take(long term) {
    return home.preparedQuery(TAKE)
        .execute(Tuple.of(term, MAX_LETTERS_AT_ONCE, MAX_AGE_SECONDS))
        .map(
            rows -> {
              var letters = new ArrayList<Letter>();
              for (var row : rows) {
                if (row.getBoolean("counts")) {
                  read(row.getString("letter"), Letter.class).ifPresent(letters::add);
                }
              }
              return letters;
            });
  }

  <T> Future<Void> answer(String question, T answer, Class<T> type) {
    return home.preparedQuery(ANSWER)
        .execute(Tuple.of(question, write(answer, type), ANSWERS_KEPT_SECONDS))
        .mapEmpty();
  }

  Future<List<Answer>> collect(Set<String> questions) {
    return home.preparedQuery(COLLECT)
        .execute(Tuple.of(JsonText.of(questions)))
        .map(
            rows ->
                StreamSupport.stream(rows.spliterator(), false).map(LetterBox::answer).toList());
  }

  private static Answer answer(Row row) {
    return new Answer(row.getString("question"), row.getString("answer"));
  }

  private static <T> String write(T value, Class<T> type) {
    try {
      return Json.MAPPER.writerFor(type).writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Empty where it cannot be read: one that another version wrote does not keep the others. */
  private static <T> Optional<T> read(String json, Class<T> type) {
    try {
      return Optional.of(Json.MAPPER.readValue(json, type));
    } catch (JsonProcessingException e) {
      LOG.atWarn()
          .addKeyValue("kind", type.getSimpleName())
          .addKeyValue("error", e.getOriginalMessage())
          .log("skipped: it came by way of the home and cannot be read");
      return Optional.empty();
    }
  }
}
