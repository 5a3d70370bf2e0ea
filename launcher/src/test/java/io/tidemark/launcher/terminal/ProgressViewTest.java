package io.tidemark.launcher.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RefreshView;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ProgressViewTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);

  private String shown() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String line(int width, boolean unicode, RefreshView view) {
    return new ProgressLayout(width, unicode).lines(List.of(view)).getFirst();
  }

  private ProgressBars bars(int rows, int columns, boolean colour) {
    return new ProgressBars(
        new Terminal(err, true, colour, false, () -> new Terminal.Size(rows, columns)));
  }

  @Test
  void aWideLineShowsEverything() {
    assertThat(line(120, false, Views.running()))
        .isEqualTo(
            "orders  MERGING     [##############--------------]   51.2%  431k rows/s  ETA 6s     VNodes 131/256"
                + "  +120 ~25,541 -3");
  }

  @Test
  void theLeastImportantGoesFirstWhereTheLineIsNarrow() {
    assertThat(line(79, true, Views.running()))
        .isEqualTo(
            "orders  MERGING     [████░░░░░]   51.2%  431k rows/s  ETA 6s     VNodes 131/256");
    assertThat(line(40, true, Views.running()))
        .isEqualTo("orders  MERGING     [█████░░░░░]   51.2%");
    assertThat(line(20, true, Views.running())).isEqualTo("orders  MERGING    ~");
  }

  @Test
  void severalLinesStandInColumns() {
    var skipping =
        Views.view(
            """
            {"table": "注文", "percent": 5, "etaSeconds": 100, "rowsPerSecond": 9,
             "vnodes": {"total": 4, "completed": 2, "skipped": 2}}
            """);
    assertThat(new ProgressLayout(90, false).lines(List.of(Views.running(), skipping)))
        .containsExactly(
            "orders  MERGING     [######------]   51.2%  431k rows/s  ETA 6s     VNodes 131/256",
            "注文    MERGING     [------------]    5.0%     9 rows/s  ETA 1m40s  VNodes 2/4 (skipped 2)");
  }

  @Test
  void splitsAreShownWhileTheyAreLoaded() {
    var loading =
        """
        {"stage": "REFRESHING", "splits": {"total": 40, "completed": 12, "skipped": %s},
         "vnodes": {"total": %s, "completed": 0, "skipped": 0}}
        """;
    assertThat(line(120, false, Views.view(loading.formatted(0, 0)))).contains("  splits 12/40  ");
    assertThat(line(140, false, Views.view(loading.formatted(9, 0))))
        .contains("  splits 12/40 (skipped 9)  ");
    assertThat(line(120, false, Views.view(loading.formatted(9, 256)))).contains("  VNodes 0/256 ");
  }

  @Test
  void noLineIsWiderThanItMayBe() {
    var view =
        Views.view(
            """
            {"table": "注文\\u0007日本語のとても長い名前", "vnodes": {"total": 65536, "completed": 50000, "skipped": 40000}}
            """);
    for (int width = 1; width < 200; width++) {
      var line = line(width, true, view);
      assertThat(Printable.cells(line)).isLessThanOrEqualTo(width);
      assertThat(line).doesNotContain("\u0007");
    }
  }

  @Test
  void barsAreRedrawnInPlaceAndEndsStayAboveThem() {
    var bars = bars(24, 40, false);

    bars.show(Views.running());
    bars.show(Views.view("{\"id\": 18, \"table\": \"parts\"}"));
    bars.note("connection lost");
    bars.end(Views.view(Views.SUCCEEDED));

    assertThat(shown())
        .isEqualTo(
            """
            \r^Jorders  MERGING     [####-----]   51.2%
            ^1A\r^Jorders  MERGING     [####-----]   51.2%
            parts   MERGING     [####-----]   51.2%
            ^2A\r^Jconnection lost
            orders  MERGING     [####-----]   51.2%
            parts   MERGING     [####-----]   51.2%
            ^2A\r^Jorders: refresh 17 SUCCEEDED in 6.2s: 5,000,000 rows read, 120 inserted, 50,000 \
            updated, 3 deleted, 4,949,880 unchanged, VNodes 256/256 (skipped 131), recovered 1 time
            parts  MERGING     [#####-----]   51.2%
            """
                .replace("^", "\u001b["));
  }

  @Test
  void moreTablesThanTheScreenHasLinesAreCounted() {
    var bars = bars(5, 40, false);
    for (int id = 1; id <= 9; id++) {
      bars.show(Views.view("{\"id\": " + id + "}"));
    }
    var last = shown().substring(shown().lastIndexOf('\r') + 1);
    assertThat(last.lines()).hasSize(4).last().isEqualTo("and 6 more");
  }

  @Test
  void coloursAreLeftOutWhereTheyAreNotWanted() {
    bars(24, 80, false).show(Views.running());
    assertThat(shown()).doesNotContain("m" + "MERGING");
    bars(24, 80, true).show(Views.running());
    assertThat(shown()).contains("\u001b[36mMERGING\u001b[0m");
  }

  @Test
  void dataCannotSteerTheTerminal() {
    var nasty = "{\"table\": \"a\\u001b[2J\\u009b31m\\u202e\\nb\"}";
    bars(24, 80, false).show(Views.view(nasty));
    new ProgressLines(err).show(Views.view(nasty));
    var own = Pattern.compile("\u001b\\[(\\d+A|J)|[\\r\\n]");
    assertThat(own.matcher(shown()).replaceAll("")).doesNotContainPattern("[\\p{Cc}\\p{Cf}]");
  }

  @Test
  void plainLinesComeOnceASecondAndAtEachState() {
    var nanos = new AtomicLong();
    var lines = new ProgressLines(err, nanos::get);

    lines.show(Views.running());
    lines.show(Views.view("{\"percent\": 52}"));
    lines.show(
        Views.view("{\"id\": 18, \"table\": \"parts\", \"stage\": \"NORMAL\", \"percent\": 0}"));
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
    lines.show(Views.view("{\"percent\": 53, \"etaSeconds\": null}"));
    lines.show(Views.view("{\"state\": \"FINISHING\", \"percent\": 99.9, \"etaSeconds\": null}"));
    lines.end(Views.view(Views.FAILED));

    assertThat(shown())
        .isEqualTo(
            """
            orders: refresh 17 MERGING 51.2%, 431,000 rows/s, ETA 6s, VNodes 131/256 (skipped 0), +120 ~25,541 -3
            parts: refresh 18 REFRESHING 0.0%, 431,000 rows/s, ETA 6s, VNodes 131/256 (skipped 0), +120 ~25,541 -3
            orders: refresh 17 MERGING 53.0%, 431,000 rows/s, VNodes 131/256 (skipped 0), +120 ~25,541 -3
            orders: refresh 17 FINISHING 99.9%, 431,000 rows/s, VNodes 131/256 (skipped 0), +120 ~25,541 -3
            orders: refresh 17 FAILED in 30s: 2,554,112 rows read, 120 inserted, 25,541 updated, 3 deleted, 2,528,451 unchanged, VNodes 131/256
            """);
  }

  @Test
  void aTerminalIsOneThatCanBeRedrawn() {
    var size = Optional.of(new Terminal.Size(50, 132));
    assertThat(Terminal.of(err, Map.of("TERM", "xterm"), () -> size))
        .matches(Terminal::interactive)
        .matches(Terminal::colour)
        .matches(terminal -> terminal.size().get().columns() == 132);
    assertThat(Terminal.of(err, Map.of("TERM", "xterm", "NO_COLOR", "1"), () -> size))
        .matches(Terminal::interactive)
        .matches(terminal -> !terminal.colour());
    assertThat(Terminal.of(err, Map.of("TERM", "dumb"), () -> size).interactive()).isFalse();
    assertThat(Terminal.of(err, Map.of(), () -> size).interactive()).isFalse();
    assertThat(Terminal.of(err, Map.of("TERM", "xterm"), Optional::empty).interactive()).isFalse();
    assertThat(Terminal.size("50 132\n")).isEqualTo(size);
    assertThat(Terminal.size("0 0\n")).contains(Terminal.Size.DEFAULT);
    assertThat(Terminal.size("")).isEmpty();
  }
}
