package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.suite.SyncCommands.Ended;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A folder of CSV files, from the first load on, by {@code tidemark sync}. */
class FilesSyncTest {
  private static final int ROWS = 20_000;

  @TempDir Path folder;
  private Path data;
  private SyncCommands sync;

  @BeforeEach
  void open() throws Exception {
    sync = new SyncCommands(folder);
    data = Files.createDirectory(folder.resolve("data"));
    configure("");
    write("a.csv", 0, ROWS / 2);
    write("b.csv", ROWS / 2, ROWS);
  }

  @AfterEach
  void close() throws Exception {
    sync.close();
  }

  private void configure(String policy) throws Exception {
    sync.write(
        """
        home: "%s"
        meta: {barrier-interval: 100ms, lease: 2s}
        executor: {lanes: 2, chunk-rows: 5000}
        tables:
          - name: t
            source: {type: files, path: "%s"}
            target: public.t
            key: [id]
            vnodes: 16
            %s
        """
            .formatted(sync.databases.homeAddress.url(), data, policy));
  }

  /** Rows {@code id, v, note}: every third note is null, every third an empty text. */
  private void write(String file, int from, int to) throws Exception {
    Files.writeString(
        data.resolve(file),
        IntStream.range(from, to)
            .mapToObj(FilesSyncTest::line)
            .collect(Collectors.joining("\n", "id,v,note\n", "\n")));
  }

  private static String line(int id) {
    var note = id % 3 == 0 ? "" : id % 3 == 1 ? "\"\"" : "\"two\nlines\"";
    return id + ",v" + id + "," + note;
  }

  private void edit(String file, List<String> lines) throws Exception {
    Files.write(data.resolve(file), lines);
  }

  private List<String> lines(String file) throws Exception {
    return Files.readAllLines(data.resolve(file));
  }

  private String target() throws Exception {
    return Databases.column(
            sync.databases.home,
            "SELECT md5(string_agg(row(t.*)::text, '|' ORDER BY id)) || ' ' || count(*)"
                + " FROM public.t")
        .getFirst();
  }

  private static void assertDone(Ended ended, long inserted, long updated, long deleted)
      throws Exception {
    assertThat(ended.exitCode()).as(ended.err()).isZero();
    var rows = ended.view().rows();
    assertThat(ended.view().state()).isEqualTo(RefreshState.SUCCEEDED);
    assertThat(List.of(rows.inserted(), rows.updated(), rows.deleted()))
        .containsExactly(inserted, updated, deleted);
  }

  private void assertRefused(ErrorCode code, String says) throws Exception {
    var before = target();
    var ended = sync.run("--json");
    assertThat(ended.exitCode()).as(ended.err()).isPositive();
    assertThat(ended.out() + ended.err()).contains(says, code.name());
    assertThat(target()).isEqualTo(before);
  }

  @Test
  void loadsThenFindsNothingThenAppliesChangesOnly() throws Exception {
    assertDone(sync.run("--json"), ROWS, 0, 0);
    assertThat(
            Databases.column(
                sync.databases.home,
                "SELECT count(*) FILTER (WHERE note IS NULL) || ' ' || count(*) FILTER (WHERE note = '')"
                    + " || ' ' || count(*) FILTER (WHERE note = E'two\\nlines') FROM public.t"))
        .containsExactly("6667 6667 6666");
    var loaded = target();
    assertDone(sync.run("--json"), 0, 0, 0);
    assertThat(target()).isEqualTo(loaded);
    // When: one row changes, one goes, two come
    write("a.csv", 1, ROWS / 2);
    var lines = lines("a.csv");
    lines.set(1, "1,changed,\"\"");
    edit("a.csv", lines);
    write("b.csv", ROWS / 2, ROWS + 2);
    assertDone(sync.run("--json"), 2, 1, 1);
    // Then: the identical row comes again
    write("a.csv", 0, ROWS / 2);
    write("b.csv", ROWS / 2, ROWS);
    assertDone(sync.run("--json"), 1, 1, 2);
    assertThat(target()).isEqualTo(loaded);
  }

  @Test
  void anEmptyFolderAsksAndNothingIsDeletedUntilThen() throws Exception {
    assertDone(sync.run("--json"), ROWS, 0, 0);
    var loaded = target();
    Files.delete(data.resolve("a.csv"));
    Files.delete(data.resolve("b.csv"));
    // When
    var asks = sync.run("--json");
    // Then
    assertThat(asks.exitCode()).as(asks.err()).isEqualTo(3);
    assertThat(asks.view().state()).isEqualTo(RefreshState.AWAITING_APPROVAL);
    assertThat(target()).isEqualTo(loaded);
  }

  @Test
  void whatIsWrongWithAFileIsNamedAndTheTargetStays() throws Exception {
    assertDone(sync.run("--json"), ROWS, 0, 0);
    // A key in two files
    write("b.csv", ROWS / 2 - 1, ROWS);
    assertRefused(ErrorCode.SOURCE_KEY_DUPLICATE, "id=" + (ROWS / 2 - 1));
    // A word where a number should be
    write("b.csv", ROWS / 2, ROWS);
    var lines = lines("b.csv");
    lines.set(1, lines.get(1).replaceFirst("\\d+", "abc"));
    edit("b.csv", lines);
    assertRefused(ErrorCode.ROW_MALFORMED, "b.csv, line 2, column id");
    // Other columns
    lines = lines("a.csv");
    lines.set(0, "id,w,note");
    edit("a.csv", lines);
    assertRefused(ErrorCode.SCHEMA_CHANGED, "b.csv");
  }

  @Test
  void duplicatesAndBadRowsGoWhereThePolicySays() throws Exception {
    configure("on-duplicate: last\n    on-bad-row: quarantine\n    max-bad-rows: 5");
    write("b.csv", ROWS / 2 - 1, ROWS);
    var lines = lines("b.csv");
    lines.set(1, (ROWS / 2 - 1) + ",the last,x");
    lines.add("abc,v,w");
    edit("b.csv", lines);
    assertDone(sync.run("--json"), ROWS, 0, 0);
    assertThat(
            Databases.column(
                sync.databases.home, "SELECT v FROM public.t WHERE id = " + (ROWS / 2 - 1)))
        .containsExactly("the last");
    assertThat(Databases.column(sync.databases.home, "SELECT place FROM tidemark.quarantine"))
        .singleElement()
        .asString()
        .contains("b.csv, line ");
  }
}
