package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Chunk;
import io.tidemark.toxiproxy.toxic.Effect;
import io.tidemark.toxiproxy.toxic.Noop;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.tidemark.toxiproxy.toxic.Step;
import io.tidemark.toxiproxy.toxic.Tally;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The place of a toxic in the chain of one link. Carries out the steps that the toxic wants:
 *
 * <pre>
 *   idle ──chunk──▶ its steps, one by one ──▶ idle ──end──▶ its steps ──▶ closed
 * </pre>
 *
 * Used on one event loop only.
 */
final class ToxicStub implements Receiver {
  private enum Handling {
    NOTHING,
    CHUNK,
    END
  }

  private final Clock clock;
  private final RandomGenerator random;
  private final Runnable woken;
  private final Deque<Chunk> queue = new ArrayDeque<>();
  private final Tally tally = new Tally();

  private Receiver next;
  private PlacedToxic placed;
  private Effect effect;
  private Handling handling = Handling.NOTHING;
  private Iterator<Step> steps = Collections.emptyIterator();
  private @Nullable Step current;
  private Clock.@Nullable Timer waiting;
  private Clock.@Nullable Timer silence;
  private boolean inputEnded;
  private boolean closed;
  private boolean removed;

  /**
   * @param woken runs when a wait is over: {@link #work} should be called then
   */
  ToxicStub(
      PlacedToxic placed, Receiver next, Clock clock, RandomGenerator random, Runnable woken) {
    this.placed = placed;
    this.next = next;
    this.clock = clock;
    this.random = random;
    this.woken = woken;
    this.effect = draw();
  }

  /** Whether this is the place of the toxic of this name. */
  boolean holds(String name) {
    return !removed && placed.name().equals(name);
  }

  /** Whether it resets the connection. */
  boolean resets() {
    return !removed && effect.resets();
  }

  /** Whether it has ended the stream: nothing comes out any more. */
  boolean isClosed() {
    return closed;
  }

  int queued() {
    return queue.size();
  }

  int capacity() {
    return placed.toxic().queuedChunks();
  }

  void sendTo(Receiver other) {
    next = other;
  }

  @Override
  public boolean hasRoom() {
    return !closed && queue.size() < capacity();
  }

  @Override
  public void accept(Chunk chunk) {
    if (!closed) {
      queue.add(chunk);
    }
  }

  @Override
  public void end() {
    inputEnded = true;
  }

  /** Does all that can be done now; whether that was anything. */
  boolean work() {
    var worked = false;
    while (!closed && waiting == null && step()) {
      worked = true;
    }
    return worked;
  }

  /** Works on with other attributes or another toxicity. What it has in hand goes on at once. */
  void update(PlacedToxic other) {
    interrupt();
    if (!closed) {
      placed = other;
      effect = draw();
    }
  }

  /**
   * Takes the toxic away. All that waits here goes on at once.
   *
   * @return whether this place can be left out of the chain; otherwise it has ended the stream, and
   *     must stay so that nothing comes after the end
   */
  boolean remove() {
    interrupt();
    removed = true;
    if (!closed && placed.toxic().closesWhenRemoved()) {
      close();
    }
    if (closed) {
      return false;
    }
    stopSilence();
    queue.forEach(next::accept);
    queue.clear();
    if (inputEnded) {
      next.end();
    }
    return true;
  }

  /** Forgets everything: the connection is gone. */
  void discard() {
    closed = true;
    queue.clear();
    stopWaiting();
    stopSilence();
  }

  private Effect draw() {
    return random.nextFloat() < placed.toxicity()
        ? placed.toxic().effect(tally, random)
        : new Noop().effect(tally, random);
  }

  /** Whether there was something to do. */
  private boolean step() {
    if (current == null) {
      if (!steps.hasNext()) {
        return begin();
      }
      current = steps.next();
    }
    return switch (current) {
      case Step.Pass pass -> pass(pass.chunk());
      case Step.Pause pause -> await(pause.nanos());
      case Step.WaitUntil wait -> await(wait.nanos() - clock.nanos());
      case Step.Hold hold -> false;
      case Step.Close close -> close();
    };
  }

  private boolean begin() {
    var chunk = queue.poll();
    if (chunk != null) {
      stopSilence();
      handling = Handling.CHUNK;
      steps = effect.onChunk(chunk, clock.nanos()).iterator();
      return true;
    }
    handling = Handling.NOTHING;
    if (inputEnded) {
      stopSilence();
      handling = Handling.END;
      steps = effect.onEnd().iterator();
      return true;
    }
    if (silence == null) {
      effect
          .maxSilence()
          .ifPresent(
              nanos ->
                  silence =
                      clock.after(
                          nanos,
                          () -> {
                            close();
                            woken.run();
                          }));
    }
    return false;
  }

  private boolean pass(Chunk chunk) {
    if (!next.hasRoom()) {
      return false;
    }
    current = null;
    next.accept(chunk);
    return true;
  }

  private boolean await(long nanos) {
    current = null;
    if (nanos > 0) {
      waiting =
          clock.after(
              nanos,
              () -> {
                waiting = null;
                woken.run();
              });
    }
    return true;
  }

  private boolean close() {
    if (!closed) {
      discard();
      next.end();
    }
    return true;
  }

  /** Does the rest of a chunk's steps without their waits; an end is handled anew. */
  private void interrupt() {
    stopWaiting();
    stopSilence();
    if (handling == Handling.CHUNK) {
      flush();
    }
    handling = Handling.NOTHING;
    steps = Collections.emptyIterator();
    current = null;
  }

  private void flush() {
    var rest = Buffer.buffer();
    long since = 0;
    var closes = false;
    for (var step = current; step != null || steps.hasNext(); step = null) {
      switch (step != null ? step : steps.next()) {
        case Step.Pass pass -> {
          rest.appendBuffer(pass.chunk().bytes());
          since = pass.chunk().since();
        }
        case Step.Close close -> closes = true;
        case Step.Pause pause -> {}
        case Step.WaitUntil wait -> {}
        case Step.Hold hold -> {}
      }
    }
    if (rest.length() > 0) {
      next.accept(new Chunk(rest, since));
    }
    if (closes) {
      close();
    }
  }

  private void stopWaiting() {
    if (waiting != null) {
      waiting.cancel();
      waiting = null;
    }
  }

  private void stopSilence() {
    if (silence != null) {
      silence.cancel();
      silence = null;
    }
  }
}
