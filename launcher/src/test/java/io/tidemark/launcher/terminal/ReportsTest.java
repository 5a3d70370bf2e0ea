package io.tidemark.launcher.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import java.time.ZoneOffset;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ReportsTest {
  @Test
  void theGuardSaysWhyAndWhatToRunNext() {
    var view = Views.view(Views.AWAITING);
    assertThat(GuardText.of(view, Objects.requireNonNull(view.guard()), "--server http://h:1"))
        .isEqualTo(
            """
            orders: waits for approval, too many rows would be deleted
              300 of 1000 rows would be deleted: more than 20 %
              0 would be inserted, 1 updated, 300 deleted; the target has 1,000 rows
              Some of the keys that would be deleted:
                {"id":1}
                {"id":2}
                and 298 more
            Next: `tidemark approve 17 --server http://h:1` applies it,
                  `tidemark reject 17 --server http://h:1` discards it.
            """);
  }

  @Test
  void theLineOfARefreshNamesTheDeletesThatWereSkipped() {
    var skipped =
        Views.AWAITING
            .replace("AWAITING_APPROVAL", "SUCCEEDED")
            .replace("\"sample\"", "\"skipped\": 300, \"sample\"");
    assertThat(RefreshSummary.line(Views.view(skipped)))
        .contains("300 deletes skipped by the guard");
    assertThat(RefreshSummary.line(Views.view(Views.AWAITING))).doesNotContain("skipped by");
  }

  @Test
  void theLineOfAStagedRefreshNamesItsSplitsAndWhatWasLeftOut() {
    var loaded =
        """
        {"splits": {"total": 4, "completed": 4, "skipped": 1},
         "loadReport": {"quarantined": 1, "nullKeys": 2, "duplicates": 3, "samples": []}}
        """;
    assertThat(RefreshSummary.line(Views.view(loaded)))
        .contains(
            "1 row quarantined, 2 rows without a key skipped, 3 duplicates skipped, splits 4/4, VNodes");
    assertThat(RefreshSummary.line(Views.running())).doesNotContain("splits", "skipped");
  }

  @Test
  void theLineOfARefreshThatReadNothingSaysWhy() {
    var unread =
        Views.AWAITING
            .replace("AWAITING_APPROVAL", "SUCCEEDED")
            .replace(
                "\"percent\"",
                """
                "unchanged": {"refresh": 16, "version": "snapshot 8", "message":
                  "snapshot 8 was already refreshed by refresh 16: nothing was read"}, "percent"\
                """);
    assertThat(RefreshSummary.line(Views.view(unread)))
        .endsWith(": unchanged, snapshot 8 was already refreshed by refresh 16: nothing was read");
  }

  @Test
  void theLineOfARefreshSaysWhyAPostgresSourceIsStaged() {
    var staged =
        Views.AWAITING.replace(
            "\"percent\"",
            "\"merge\": {\"way\": \"STAGED\", \"why\": \"merge: staged\"}, \"percent\"");
    assertThat(RefreshSummary.line(Views.view(staged))).contains("staged (merge: staged)");
    assertThat(RefreshSummary.line(Views.view(staged.replace("STAGED", "STREAMING"))))
        .doesNotContain("staged");
  }

  @Test
  void anErrorSaysWhatWhereWhatIsSafeAndWhatNext() {
    var view = Views.view(Views.FAILED);
    assertThat(ErrorText.of(view, Objects.requireNonNull(view.error())))
        .isEqualTo(
            """
            orders: shop.example:5432 does not answer
              Where: stage MERGING, VNode 4, after key 1234
              Safe: the target is untouched; 131 of 256 VNodes are merged and will be skipped
              Next: What is merged is safe: run the refresh again.
            """);
    assertThat(ErrorText.of(ErrorReport.of(ErrorCode.NOT_FOUND, "no table\u001b[2J x\ny\u009b")))
        .isEqualTo(
            """
            tidemark: no table?[2J x
            y?
              Next: List what exists with `tidemark status`.
            """);
  }

  @Test
  void refreshesStandInColumns() {
    var table =
        new RefreshTable(ZoneOffset.UTC)
            .add(Views.view(Views.SUCCEEDED))
            .add(Views.view("{\"id\": 9, \"table\": \"注文\", \"paused\": true}"))
            .addIdle("cities");
    assertThat(table)
        .hasToString(
            """
            ID  TABLE   STATE        DONE       READ  INSERTED  UPDATED  DELETED   VNODES  STARTED              TOOK
            17  orders  SUCCEEDED  100.0%  5,000,000       120   50,000        3  256/256  2026-11-24 10:00:01  6.2s
             9  注文    PAUSED      51.2%  2,554,112       120   25,541        3  131/256  2026-11-24 10:00:01     -
             -  cities  IDLE            -          -         -        -        -        -  -                       -
            """);
  }

  @Test
  void numbersAreRoughWhereTheyMove() {
    assertThat(Figures.rough(999)).isEqualTo("999");
    assertThat(Figures.rough(1_000)).isEqualTo("1.0k");
    assertThat(Figures.rough(431_000)).isEqualTo("431k");
    assertThat(Figures.rough(999_600)).isEqualTo("1.0M");
    assertThat(Figures.seconds(65)).isEqualTo("1m05s");
    assertThat(Figures.seconds(7_380)).isEqualTo("2h03m");
  }
}
