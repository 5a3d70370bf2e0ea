package io.tidemark.toxiproxy.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.toxiproxy.toxic.Bandwidth;
import io.tidemark.toxiproxy.toxic.Direction;
import io.tidemark.toxiproxy.toxic.Latency;
import io.tidemark.toxiproxy.toxic.LimitData;
import io.tidemark.toxiproxy.toxic.Noop;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.ResetPeer;
import io.tidemark.toxiproxy.toxic.Slicer;
import io.tidemark.toxiproxy.toxic.SlowClose;
import io.tidemark.toxiproxy.toxic.Timeout;
import io.tidemark.toxiproxy.toxic.Toxic;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** A link without sockets and with a clock of the test's own: every moment is exact. */
class ToxicLinkTest {
  private static final int CHUNK = 1_000;

  private final HandClock clock = new HandClock();
  private final FakeEnds ends = new FakeEnds();
  private byte nextByte;
  private final Buffer sent = Buffer.buffer();

  @Test
  void withoutToxicsBytesAndTheEndPassAtOnce() {
    var link = link();

    receive(link, 10);
    link.end();

    assertThat(ends.received).isEqualTo(sent);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void aReceiverThatIsFullHoldsTheSenderBack() {
    var link = link();
    assertThat(ends.flowing).isTrue();

    ends.room = false;
    link.advance();
    assertThat(ends.flowing).isFalse();

    ends.room = true;
    link.advance();
    assertThat(ends.flowing).isTrue();
  }

  @Test
  void latencyIsAPipeline() {
    var link = link(new Latency(100, 0));
    for (var i = 0; i < 10; i++) {
      receive(link, CHUNK);
      clock.pass(5);
    }
    assertThat(ends.sizes).isEmpty();

    clock.pass(51);

    assertThat(ends.sizes).hasSize(1);
    clock.pass(5);
    assertThat(ends.sizes).hasSize(2);
    clock.pass(40);
    assertThat(ends.received).isEqualTo(sent);
  }

  @Test
  void theEndComesAfterTheLastDelayedByte() {
    var link = link(new Latency(100, 0));
    receive(link, CHUNK);
    link.end();

    clock.pass(99);
    assertThat(ends.ends).isZero();

    clock.pass(1);
    assertThat(ends.received).isEqualTo(sent);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void aLatencyQueueIsBounded() {
    var link = link(new Latency(60_000, 0));

    var chunks = 0;
    while (ends.flowing && chunks < 5_000) {
      receive(link, 1);
      chunks++;
    }

    assertThat(chunks).isBetween(1_024, 1_026);
  }

  @Test
  void whatARemovedToxicHeldCannotGrowTheQueueWithoutEnd() {
    var link = link(new Bandwidth(0));
    for (var round = 0; round < 100; round++) {
      while (ends.flowing) {
        receive(link, 1);
      }
      link.add(placed("extra", new Noop()));
      link.remove("extra");
      link.add(placed("extra", new Latency(0, 0)));
      link.remove("extra");
      assertThat(sent.length()).isLessThan(5);
    }
  }

  @Test
  void bandwidthKeepsItsRate() {
    var link = link(new Bandwidth(10));
    receive(link, 5_000);

    clock.pass(100);
    assertThat(ends.received.length()).isEqualTo(1_000);

    clock.pass(150);
    assertThat(ends.received.length()).isEqualTo(2_000);

    clock.pass(250);
    assertThat(ends.received).isEqualTo(sent);
  }

  @Test
  void bandwidthZeroHoldsBytesAndTheEndUntilItIsTakenAway() {
    var link = link(new Bandwidth(0));
    receive(link, CHUNK);
    link.end();
    clock.pass(1_000_000);
    assertThat(ends.sizes).isEmpty();

    link.remove("toxic0");

    assertThat(ends.received).isEqualTo(sent);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void anUpdateLetsGoOfTheChunkInHandAndActsOnTheNext() {
    var link = link(new Latency(10_000, 0));
    receive(link, 1);
    receive(link, 2);

    link.update(placed("toxic0", new Latency(20_000, 0)));

    assertThat(ends.sizes).containsExactly(1);
    clock.pass(19_999);
    assertThat(ends.sizes).containsExactly(1);
    clock.pass(1);
    assertThat(ends.sizes).containsExactly(1, 2);
  }

  @Test
  void aRemovedLatencyLetsGoOfEverythingInOrder() {
    var link = link(new Latency(10_000, 0));
    for (var i = 0; i < 100; i++) {
      receive(link, 3);
    }

    link.remove("toxic0");

    assertThat(ends.received).isEqualTo(sent);
  }

  @Test
  void slowCloseDelaysTheEndAndItsRemovalEndsAtOnce() {
    var link = link(new SlowClose(500));
    receive(link, CHUNK);
    link.end();
    clock.pass(499);
    assertThat(ends.received).isEqualTo(sent);
    assertThat(ends.ends).isZero();

    link.remove("toxic0");

    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void anUpdatedSlowCloseBeginsItsDelayAnew() {
    var link = link(new SlowClose(500));
    link.end();
    clock.pass(400);

    link.update(placed("toxic0", new SlowClose(300)));

    clock.pass(299);
    assertThat(ends.ends).isZero();
    clock.pass(1);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void timeoutEndsAnIdleLink() {
    link(new Timeout(50)).advance();

    clock.pass(49);
    assertThat(ends.ends).isZero();

    clock.pass(1);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void eachDroppedChunkBeginsTheTimeoutAnew() {
    var link = link(new Timeout(50));
    link.advance();
    for (var i = 0; i < 5; i++) {
      clock.pass(40);
      receive(link, CHUNK);
    }
    assertThat(ends.ends).isZero();
    assertThat(ends.sizes).isEmpty();

    clock.pass(50);

    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void timeoutZeroDropsForEverAndItsRemovalEndsTheLink() {
    var link = link(new Timeout(0));
    receive(link, CHUNK);
    clock.pass(10_000_000);
    assertThat(ends.ends).isZero();

    link.remove("toxic0");

    assertThat(ends.ends).isEqualTo(1);
    assertThat(ends.sizes).isEmpty();
  }

  @Test
  void theRemovalOfATimeoutEndsLinksThatItWasNotAtWorkOnToo() {
    var link = link(List.of(placed("rare", new Timeout(0)).withToxicity(0)));
    receive(link, CHUNK);
    assertThat(ends.received).isEqualTo(sent);

    link.remove("rare");

    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void afterItsEndALinkTakesChangesWithoutHarm() {
    var link = link(new Timeout(0), new Latency(10, 0));
    link.remove("toxic0");
    assertThat(ends.ends).isEqualTo(1);

    link.add(placed("late", new Timeout(5)));
    link.update(placed("toxic1", new Latency(1, 0)));
    link.remove("toxic1");
    receive(link, CHUNK);
    clock.pass(100);

    assertThat(ends.sizes).isEmpty();
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void resetPeerEndsSoLongAfterTheFirstChunk() {
    var link = link(new ResetPeer(30));
    assertThat(link.resets()).isTrue();
    clock.pass(1_000);
    assertThat(ends.ends).isZero();

    receive(link, CHUNK);
    clock.pass(29);
    assertThat(ends.ends).isZero();
    clock.pass(1);

    assertThat(ends.ends).isEqualTo(1);
    assertThat(ends.sizes).isEmpty();
  }

  @Test
  void theRemovalOfAResetPeerThatHasDroppedBytesDoesNotWaitForIt() {
    var link = link(new ResetPeer(60_000));
    receive(link, CHUNK);

    link.remove("toxic0");

    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void limitDataKeepsCountingOverUpdates() {
    var link = link(new LimitData(100));
    receive(link, 60);

    link.update(placed("toxic0", new LimitData(70)));
    receive(link, 60);

    assertThat(ends.received.length()).isEqualTo(70);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void aLimitBelowWhatHasPassedClosesAtTheNextByte() {
    var link = link(new LimitData(100));
    receive(link, 60);
    link.update(placed("toxic0", new LimitData(10)));
    assertThat(ends.ends).isZero();

    receive(link, 1);

    assertThat(ends.received.length()).isEqualTo(60);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void whatIsBehindALimitStillDelaysWhatHasPassedIt() {
    var link = link(new LimitData(10), new Latency(100, 0), new SlowClose(50));
    receive(link, 20);

    clock.pass(100);
    assertThat(ends.received.length()).isEqualTo(10);
    assertThat(ends.ends).isZero();

    clock.pass(50);
    assertThat(ends.ends).isEqualTo(1);
  }

  @Test
  void toxicityZeroIsNeverAtWorkAndOneAlways() {
    for (var i = 0; i < 200; i++) {
      assertThat(link(List.of(placed("x", new ResetPeer(0)).withToxicity(0))).resets()).isFalse();
      assertThat(link(List.of(placed("x", new ResetPeer(0)).withToxicity(1))).resets()).isTrue();
    }
  }

  @Test
  void toxicityIsDrawnForEachLinkAndAgainAtAnUpdate() {
    var half = placed("x", new ResetPeer(0)).withToxicity(0.5f);
    var hit = 0;
    var hitAgain = 0;
    for (var i = 0; i < 400; i++) {
      var link = new ToxicLink(ends, ends, List.of(half), clock, new Random(i * 7919L));
      hit += link.resets() ? 1 : 0;
      link.update(half);
      hitAgain += link.resets() ? 1 : 0;
    }

    assertThat(hit).isBetween(120, 280);
    assertThat(hitAgain).isBetween(120, 280);
  }

  @Test
  void aDiscardedLinkLeavesNoTimers() {
    var link = link(new Latency(100, 0), new Bandwidth(1), new Timeout(500));
    receive(link, CHUNK);

    link.discard();

    assertThat(clock.timers()).isZero();
  }

  /** Toxics that lose nothing, put in, changed and taken out at random under a stream. */
  @RepeatedTest(200)
  void noByteIsLostOrReorderedWhateverChanges(RepetitionInfo repetition) {
    var random = new Random(repetition.getCurrentRepetition());
    var link = new ToxicLink(ends, ends, List.of(), clock, random);
    var names = new ArrayList<String>();
    link.advance();
    for (var i = 0; i < 300; i++) {
      switch (random.nextInt(7)) {
        case 0 -> {
          names.add("t" + i);
          link.add(placed("t" + i, harmless(random)));
        }
        case 1 -> {
          if (!names.isEmpty()) {
            link.remove(names.remove(random.nextInt(names.size())));
          }
        }
        case 2 -> {
          if (!names.isEmpty()) {
            var name = names.get(random.nextInt(names.size()));
            link.update(placed(name, harmless(random)).withToxicity(random.nextFloat()));
          }
        }
        case 3 -> {
          ends.room = random.nextBoolean();
          link.advance();
        }
        case 4 -> clock.pass(random.nextInt(200));
        default -> {
          if (ends.flowing) {
            receive(link, 1 + random.nextInt(3_000));
          }
        }
      }
      assertThat(ends.received).isEqualTo(sent.slice(0, ends.received.length()));
    }
    ends.room = true;
    link.end();
    names.forEach(link::remove);
    clock.pass(1_000_000);

    assertThat(ends.received).isEqualTo(sent);
    assertThat(ends.ends).isEqualTo(1);
  }

  private static Toxic harmless(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new Latency(random.nextInt(100), random.nextInt(50));
      case 1 -> new Bandwidth(random.nextInt(20));
      case 2 -> new Slicer(random.nextInt(100), random.nextInt(50), random.nextInt(5_000));
      case 3 -> new SlowClose(random.nextInt(100));
      case 4 -> new LimitData(Long.MAX_VALUE);
      default -> new Noop();
    };
  }

  private ToxicLink link(Toxic... toxics) {
    var all = Arrays.asList(toxics);
    var placed = new ArrayList<PlacedToxic>();
    for (var i = 0; i < all.size(); i++) {
      placed.add(placed("toxic" + i, all.get(i)));
    }
    return link(placed);
  }

  private ToxicLink link(List<PlacedToxic> toxics) {
    var link = new ToxicLink(ends, ends, toxics, clock, new Random(1));
    link.advance();
    return link;
  }

  private static PlacedToxic placed(String name, Toxic toxic) {
    return PlacedToxic.on(Direction.UPSTREAM, toxic).named(name);
  }

  private void receive(ToxicLink link, int size) {
    var bytes = Buffer.buffer();
    for (var i = 0; i < size; i++) {
      bytes.appendByte(nextByte++);
    }
    sent.appendBuffer(bytes);
    link.receive(bytes);
  }
}
