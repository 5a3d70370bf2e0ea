package io.tidemark.toxiproxy.toxic;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each toxic says about a chunk, without any clock but the numbers given. */
class ToxicTest {
  private static final long NOW = MILLISECONDS.toNanos(5_000);
  private static final Random RANDOM = new Random(1);

  @Test
  void latencyCountsFromWhenAChunkWasReceived() {
    var steps = at(new Latency(100, 0)).onChunk(chunk(10), NOW + MILLISECONDS.toNanos(30));

    assertThat(steps.getFirst()).isEqualTo(new Step.WaitUntil(NOW + MILLISECONDS.toNanos(100)));
    assertThat(passed(steps)).containsExactly(10);
  }

  @Test
  void latenciesOneAfterTheOtherAddUp() {
    var first = at(new Latency(100, 0)).onChunk(chunk(10), NOW);
    var between = ((Step.Pass) first.getLast()).chunk();

    var second = at(new Latency(50, 0)).onChunk(between, NOW + MILLISECONDS.toNanos(101));

    assertThat(second.getFirst()).isEqualTo(new Step.WaitUntil(NOW + MILLISECONDS.toNanos(150)));
  }

  @Test
  void jitterGoesBothWaysAndNoFurther() {
    var effect = at(new Latency(100, 20));

    var delays =
        RANDOM
            .ints(1_000)
            .mapToLong(
                any -> ((Step.WaitUntil) effect.onChunk(chunk(1), NOW).getFirst()).nanos() - NOW)
            .map(nanos -> nanos / 1_000_000)
            .summaryStatistics();

    assertThat(delays.getMin()).isBetween(80L, 85L);
    assertThat(delays.getMax()).isBetween(115L, 119L);
  }

  @ParameterizedTest
  @CsvSource({"-5,0", "0,0", "-9223372036854775808,0", "10,-3"})
  void aNegativeLatencyIsNone(long latency, long jitter) {
    var steps = at(new Latency(latency, jitter)).onChunk(chunk(1), NOW);

    assertThat(((Step.WaitUntil) steps.getFirst()).nanos() - NOW)
        .isEqualTo(MILLISECONDS.toNanos(Math.max(0, latency)));
  }

  @Test
  void timesBeyondAllMeasureDoNotOverflow() {
    var effect = at(new Latency(Long.MAX_VALUE, Long.MAX_VALUE));

    for (var i = 0; i < 100; i++) {
      var wait = (Step.WaitUntil) effect.onChunk(chunk(1), NOW).getFirst();
      assertThat(wait.nanos()).isGreaterThanOrEqualTo(NOW);
    }
  }

  @Test
  void bandwidthSendsAPieceEachTenthOfASecond() {
    // 1 kB/s is 1 byte a millisecond: 100 bytes a piece.
    var steps = at(new Bandwidth(1)).onChunk(chunk(250), NOW);

    assertThat(passed(steps)).containsExactly(100, 100, 50);
    assertThat(steps)
        .filteredOn(Step.Pause.class::isInstance)
        .containsOnly(new Step.Pause(MILLISECONDS.toNanos(100)))
        .hasSize(2);
    assertThat(steps).contains(new Step.WaitUntil(NOW + MILLISECONDS.toNanos(250)));
  }

  @Test
  void bandwidthMakesUpForATimerThatIsLateButNotForIdleness() {
    var effect = at(new Bandwidth(1));
    effect.onChunk(chunk(10), NOW);
    var late = NOW + MILLISECONDS.toNanos(12);
    var idle = NOW + MILLISECONDS.toNanos(500);

    assertThat(effect.onChunk(chunk(10), late).getFirst())
        .isEqualTo(new Step.WaitUntil(NOW + MILLISECONDS.toNanos(20)));
    assertThat(effect.onChunk(chunk(10), idle).getFirst())
        .isEqualTo(new Step.WaitUntil(idle + MILLISECONDS.toNanos(10)));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void withoutBandwidthNothingPassesUntilThatChanges(long rate) {
    var steps = at(new Bandwidth(rate)).onChunk(chunk(10), NOW);

    assertThat(steps.getFirst()).isEqualTo(new Step.Hold());
  }

  @Test
  void aVeryHighBandwidthDoesNotOverflow() {
    var steps = at(new Bandwidth(Long.MAX_VALUE)).onChunk(chunk(32_768), NOW);

    assertThat(passed(steps)).containsExactly(32_768);
  }

  @Test
  void slowCloseDelaysTheEndOnly() {
    var effect = at(new SlowClose(300));

    assertThat(effect.onChunk(chunk(3), NOW)).singleElement().isInstanceOf(Step.Pass.class);
    assertThat(effect.onEnd())
        .containsExactly(new Step.Pause(MILLISECONDS.toNanos(300)), new Step.Close());
  }

  @Test
  void timeoutDropsAndEndsAfterSilence() {
    assertThat(at(new Timeout(40)).onChunk(chunk(3), NOW)).isEmpty();
    assertThat(at(new Timeout(40)).maxSilence()).hasValue(MILLISECONDS.toNanos(40));
    assertThat(at(new Timeout(0)).maxSilence()).isEmpty();
    assertThat(at(new Timeout(-1)).maxSilence()).isEmpty();
  }

  @Test
  void resetPeerPassesNothing() {
    var effect = at(new ResetPeer(7));
    List<Step> expected = List.of(new Step.Pause(MILLISECONDS.toNanos(7)), new Step.Close());

    assertThat(effect.onChunk(chunk(3), NOW)).isEqualTo(expected);
    assertThat(effect.onEnd()).isEqualTo(expected);
    assertThat(effect.resets()).isTrue();
  }

  @Test
  void slicesAreNotLargerThanAverageAndVariationAndLoseNothing() {
    for (var seed = 0; seed < 50; seed++) {
      var slicer = new Slicer(100, 40, 10).effect(new Tally(), new Random(seed));

      var steps = slicer.onChunk(chunk(10_000), NOW);

      assertThat(passed(steps)).allMatch(size -> size >= 1 && size <= 140);
      assertThat(bytes(steps)).isEqualTo(chunk(10_000).bytes());
      assertThat(steps)
          .filteredOn(Step.Pause.class::isInstance)
          .containsOnly(new Step.Pause(MICROSECONDS.toNanos(10)))
          .hasSameSizeAs(passed(steps));
    }
  }

  @ParameterizedTest
  @CsvSource({"0,0", "-10,-20", "10,-20", "0,5", "1,100", "5,9223372036854775807"})
  void sizesForWhichSlicingWouldNeverEndStillPassEverything(long average, long variation) {
    var steps = at(new Slicer(average, variation, 0)).onChunk(chunk(1_000), NOW);

    assertThat(bytes(steps)).isEqualTo(chunk(1_000).bytes());
  }

  @Test
  void limitDataPassesExactlySoManyBytesAndThenCloses() {
    var effect = at(new LimitData(25));

    assertThat(effect.onChunk(chunk(10), NOW)).containsExactly(new Step.Pass(chunk(10)));
    assertThat(passed(effect.onChunk(chunk(10), NOW))).containsExactly(10);
    var last = effect.onChunk(chunk(10), NOW);
    assertThat(passed(last)).containsExactly(5);
    assertThat(last.getLast()).isEqualTo(new Step.Close());
  }

  @Test
  void limitDataClosesRightWhenTheLimitIsReached() {
    assertThat(at(new LimitData(10)).onChunk(chunk(10), NOW))
        .containsExactly(new Step.Pass(chunk(10)), new Step.Close());
    assertThat(at(new LimitData(0)).onChunk(chunk(10), NOW)).containsExactly(new Step.Close());
  }

  @Test
  void limitDataGoesOnCountingWhereItIsChanged() {
    var tally = new Tally();
    new LimitData(100).effect(tally, RANDOM).onChunk(chunk(60), NOW);

    assertThat(passed(new LimitData(70).effect(tally, RANDOM).onChunk(chunk(60), NOW)))
        .containsExactly(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bandwidth",
        "latency",
        "limit_data",
        "noop",
        "reset_peer",
        "slicer",
        "slow_close",
        "timeout"
      })
  void eachKindIsFoundByItsNameAndTakesItsAttributes(String type) {
    var toxic = Toxic.ofType(type).orElseThrow();
    assertThat(toxic.type()).isEqualTo(type);
    assertThat(toxic.attributes().values()).allMatch(value -> value == 0);

    for (var attribute : toxic.attributes().keySet()) {
      var changed = toxic.with(Map.of(attribute, 7L, "other", 9L)).attributes();
      assertThat(changed).containsEntry(attribute, 7L).hasSameSizeAs(toxic.attributes());
      assertThat(changed.values()).containsOnlyOnce(7L);
    }
  }

  @Test
  void otherKindsThereAreNot() {
    assertThat(Toxic.ofType("down")).isEmpty();
    assertThat(Toxic.ofType("Latency")).isEmpty();
  }

  private static Effect at(Toxic toxic) {
    return toxic.effect(new Tally(), RANDOM);
  }

  private static Chunk chunk(int size) {
    var bytes = new byte[size];
    for (var i = 0; i < size; i++) {
      bytes[i] = (byte) i;
    }
    return new Chunk(Buffer.buffer(bytes), NOW);
  }

  private static List<Integer> passed(List<Step> steps) {
    return steps.stream()
        .filter(Step.Pass.class::isInstance)
        .map(step -> ((Step.Pass) step).chunk().size())
        .toList();
  }

  private static Buffer bytes(List<Step> steps) {
    var all = Buffer.buffer();
    for (var step : steps) {
      if (step instanceof Step.Pass pass) {
        all.appendBuffer(pass.chunk().bytes());
      }
    }
    return all;
  }
}
