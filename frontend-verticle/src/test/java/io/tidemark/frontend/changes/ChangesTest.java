package io.tidemark.frontend.changes;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.frontend.Frontend;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final String PLAN =
      """
      plan = '{"columns": [{"name": "id"}, {"name": "the \\"price\\""}, {"name": "doc"}],
      "keyTypes": ["INT8"]}'
      """
          .replace("\n", " ");

  private Frontend frontend;

  @BeforeEach
  void start() throws Exception {
    frontend = new Frontend();
    // Its numbers here are small.
    frontend.sql(
        "INSERT INTO tidemark.tables (name, definition, incarnation) VALUES ('t', '{}', 0)");
  }

  @AfterEach
  void stop() throws Exception {
    frontend.stop();
  }

  @Test
  void tellsChangesOfSuccessfulRefreshesInOrder() throws Exception {
    var load = frontend.refresh("SUCCEEDED", "first_load = true, load_seq = 1, feed_last = 1");
    var page =
        page(
            "SUCCEEDED",
            "(2, 0, 'I', ROW(7, 1.10, '{\"a\": 1}'))",
            "(3, 0, 'U', ROW(8, 'NaN', NULL))",
            "(4, 1, 'D', ROW(9, NULL, NULL))");
    unlisted(page("FAILED", "(5, 0, 'I', ROW(1, 1, NULL))"));

    var answer = frontend.get("/api/v1/tables/t/changes");

    assertThat(answer.header("content-type")).contains("application/x-ndjson");
    assertThat(answer.text().lines())
        .containsExactly(
            "{\"seq\":1,\"refresh\":%d,\"op\":\"LOAD\"}".formatted(load),
            ("{\"seq\":2,\"refresh\":%d,\"op\":\"INSERT\",\"key\":{\"id\":7},"
                    + "\"row\":{\"id\":7,\"the \\\"price\\\"\":1.10,\"doc\":{\"a\":1}}}")
                .formatted(page),
            ("{\"seq\":3,\"refresh\":%d,\"op\":\"UPDATE\",\"key\":{\"id\":8},"
                    + "\"row\":{\"id\":8,\"the \\\"price\\\"\":\"NaN\",\"doc\":null}}")
                .formatted(page),
            "{\"seq\":4,\"refresh\":%d,\"op\":\"DELETE\",\"key\":{\"id\":9}}".formatted(page));
  }

  @Test
  void goesOnAfterANumberAndStopsAtTheLimit() throws Exception {
    frontend.refresh("SUCCEEDED", "first_load = true, load_seq = 1, feed_last = 1");
    for (var i = 0; i < 5; i++) {
      page(
          "SUCCEEDED",
          "(%d, 0, 'I', ROW(1, 1, NULL))".formatted(10 * i + 10),
          "(%d, 0, 'I', ROW(2, 1, NULL))".formatted(10 * i + 15));
    }

    assertThat(numbers("?after=0&limit=3")).containsExactly(1L, 10L, 15L);
    assertThat(numbers("?after=20&limit=4")).containsExactly(25L, 30L, 35L, 40L);
    assertThat(numbers("?after=25")).containsExactly(30L, 35L, 40L, 45L, 50L, 55L);
    assertThat(numbers("?after=55")).isEmpty();
  }

  @Test
  void ofARefreshThatDidNotSucceedTellsWhatItHadAppliedAndNoDelete() throws Exception {
    page(
        "CANCELLED",
        "(2, 0, 'I', ROW(7, 1, NULL))",
        "(3, 0, 'D', ROW(9, NULL, NULL))",
        "(4, 0, 'U', ROW(8, 1, NULL))");

    assertThat(numbers("")).containsExactly(2L, 4L);
  }

  @Test
  void saysWhereToStartAgainWhereChangesAreKeptNoMore() throws Exception {
    page("SUCCEEDED", "(20, 0, 'I', ROW(1, 1, NULL))");
    page("SUCCEEDED", "(30, 0, 'I', ROW(2, 1, NULL))");
    frontend.sql("UPDATE tidemark.tables SET feed_after = 10");

    var gone = frontend.get("/api/v1/tables/t/changes?after=9");

    assertThat(gone.status()).isEqualTo(410);
    assertThat(gone.json().get("code").asText()).isEqualTo("CHANGES_GONE");
    assertThat(gone.json().get("restartAfter").asLong()).isEqualTo(30);
    assertThat(frontend.get("/api/v1/tables/t/changes?after=0").status()).isEqualTo(410);
    assertThat(numbers("?after=10")).containsExactly(20L, 30L);
    assertThat(numbers("")).as("from the oldest").containsExactly(20L, 30L);
    assertThat(
            frontend
                .get(
                    "/api/v1/tables/t/changes", "Accept", "text/event-stream", "Last-Event-ID", "9")
                .status())
        .isEqualTo(410);
  }

  @Test
  void aTableThatIsDefinedAgainShowsNothingOfTheOneBefore() throws Exception {
    page("SUCCEEDED", "(2, 0, 'I', ROW(1, 1, NULL))");
    frontend.sql(
        "SELECT setval('tidemark.change_seq', 10)",
        "DELETE FROM tidemark.tables",
        "INSERT INTO tidemark.tables (name, definition) VALUES ('t', '{}')");

    assertThat(numbers("?after=0")).isEmpty();
    var gone = frontend.get("/api/v1/tables/t/changes?after=1");
    assertThat(gone.status()).isEqualTo(410);
    assertThat(numbers("?after=" + gone.json().get("restartAfter"))).isEmpty();
    page("SUCCEEDED", "(20, 0, 'I', ROW(1, 1, NULL))");
    assertThat(numbers("?after=0")).containsExactly(20L);
  }

  @Test
  void readsPagesLargerThanABatch() throws Exception {
    var id = page("SUCCEEDED");
    frontend.sql(
        ("INSERT INTO tidemark.delta_%d SELECT g, 0, 'I',"
                + " ROW(g, g, to_json(repeat('x', 3000)))::tidemark.delta_%d_row"
                + " FROM generate_series(1, 2500) g")
            .formatted(id, id));
    listed(id);

    assertThat(numbers("?limit=2400")).hasSize(2400).isSorted().endsWith(2400L);
  }

  @Test
  void sendsEventsToWhoAsksForThem() throws Exception {
    page("SUCCEEDED", "(2, 0, 'I', ROW(7, 1, NULL))", "(3, 0, 'D', ROW(8, NULL, NULL))");

    var answer =
        frontend.get(
            "/api/v1/tables/t/changes", "Accept", "text/event-stream", "Last-Event-ID", "2");

    assertThat(answer.header("content-type")).contains("text/event-stream");
    assertThat(answer.text()).contains("id: 3\nevent: change\ndata: {\"seq\":3,");
    assertThat(answer.text()).doesNotContain("id: 2");
  }

  @Test
  void keepsALineALineAndANumberExact() {
    var row =
        new ChangeRow(
            1,
            "I",
            "{\"c1\":12345678901234567890.123456789012345678901234567890,"
                + "\"c2\":{\n\"a\" :\n[1, {\"b\": 1e400}]},\"c3\":\"two\\nlines\"}");

    var line = row.line(9, List.of("n", "j", "t"), 1);

    assertThat(line)
        .isEqualTo(
            "{\"seq\":1,\"refresh\":9,\"op\":\"INSERT\","
                + "\"key\":{\"n\":12345678901234567890.123456789012345678901234567890},"
                + "\"row\":{\"n\":12345678901234567890.123456789012345678901234567890,"
                + "\"j\":{\"a\":[1,{\"b\":1e400}]},\"t\":\"two\\nlines\"}}");
  }

  /** Stores a refresh with a page of these rows. */
  private long page(String state, String... rows) throws SQLException {
    var id = frontend.refresh(state, "");
    frontend.sql(
        "UPDATE tidemark.refreshes SET " + PLAN + " WHERE id = " + id,
        "CREATE TYPE tidemark.delta_%d_row AS (c1 bigint, c2 numeric, c3 json)".formatted(id),
        ("CREATE TABLE tidemark.delta_%d (seq bigint PRIMARY KEY, vnode int NOT NULL,"
                + " op \"char\" NOT NULL, row tidemark.delta_%d_row NOT NULL)")
            .formatted(id, id));
    for (var row : rows) {
      frontend.sql("INSERT INTO tidemark.delta_%d VALUES %s".formatted(id, row));
    }
    listed(id);
    return id;
  }

  private void listed(long id) throws SQLException {
    frontend.sql(
        "UPDATE tidemark.refreshes SET feed_last = (SELECT max(seq) FROM tidemark.delta_%d) WHERE id = %d"
            .formatted(id, id));
  }

  private void unlisted(long id) throws SQLException {
    frontend.sql("UPDATE tidemark.refreshes SET feed_last = NULL WHERE id = " + id);
  }

  private List<Long> numbers(String query) throws Exception {
    return frontend
        .get("/api/v1/tables/t/changes" + query)
        .text()
        .lines()
        .map(line -> Long.parseLong(line.replaceAll("\\{\"seq\":(\\d+),.*", "$1")))
        .toList();
  }
}
