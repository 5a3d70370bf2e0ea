package io.tidemark.executor.lane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsAtRiskTest {
  private static final int AT_ONCE = 64;
  private static final int ROWS = 3_000_000;

  /** A home that writes positions one after the other, each after a while, and knows its rows. */
  private static final class Home {
    private final ArrayDeque<Long> rows = new ArrayDeque<>();
    private long given;
    private long durable;
    private long durableRows;

    long submit(long upTo) {
      rows.add(upTo);
      return ++given;
    }

    boolean isDurable(long ticket) {
      return ticket <= durable;
    }

    void write() {
      if (!rows.isEmpty()) {
        durable++;
        durableRows = Math.max(durableRows, rows.remove());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 4", "2, 4", "3, 500", "4, 500", "5, 9000", "6, 9000"})
  void neverMoreRowsThanMayBeAreBehindNoDurablePosition(long seed, int pace) {
    // Given: a lane as StreamedVNodes is one, differences now and then, and a home of its own pace
    var random = new Random(seed);
    var home = new Home();
    var risk = new RowsAtRisk();
    var read = 0L;
    var differences = false;
    var most = 0L;
    while (read < ROWS) {
      // When
      var rows = 1 + random.nextInt(AT_ONCE);
      read += rows;
      risk.read(rows);
      differences |= seed % 2 == 0 && random.nextInt(500) == 0;
      most = Math.max(most, read - home.durableRows);
      if (random.nextInt(pace) == 0) {
        home.write();
      }
      var barrierOrEnd = random.nextInt(2_000) == 0;
      if (!barrierOrEnd && !risk.isDue(differences, home::isDurable, AT_ONCE)) {
        continue;
      }
      if (differences) {
        home.durableRows = read;
        risk.written();
        differences = false;
        continue;
      }
      for (long ticket; (ticket = risk.toAwait(home::isDurable)) > 0; ) {
        while (!home.isDurable(ticket)) {
          home.write();
        }
      }
      risk.handedOver(home.submit(read));
    }
    // Then: and no less is made use of
    assertThat(most).isBetween((long) RowsAtRisk.STEP, (long) RowsAtRisk.MOST);
  }
}
