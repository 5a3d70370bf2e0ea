package io.tidemark.toxiproxy.engine;

import io.tidemark.toxiproxy.toxic.Chunk;
import io.tidemark.toxiproxy.toxic.PlacedToxic;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: the chain of toxics between the socket that is read and the one
 * that is written.
 *
 * <pre>
 *   inlet ──▶ stub ──▶ stub ──▶ outlet
 * </pre>
 *
 * Bounded: the inlet is read only while there is room. Used on one event loop only.
 */
final class ToxicLink {
  /** The socket that is read. */
  @FunctionalInterface
  interface Inlet {
    /** Lets bytes come, or holds them back. */
    void flow(boolean on);
  }

  private final Inlet inlet;
  private final Receiver outlet;
  private final Clock clock;
  private final RandomGenerator random;
  private final List<ToxicStub> stubs = new ArrayList<>();

  private boolean inputEnded;
  private boolean discarded;
  private boolean advancing;
  private boolean advanceAgain;

  /**
   * @param toxics those of its direction, in their order
   */
  ToxicLink(
      Inlet inlet, Receiver outlet, List<PlacedToxic> toxics, Clock clock, RandomGenerator random) {
    this.inlet = inlet;
    this.outlet = outlet;
    this.clock = clock;
    this.random = random;
    toxics.forEach(this::append);
  }

  /** Takes bytes that were read. */
  void receive(Buffer bytes) {
    if (!inputEnded && !discarded) {
      head().accept(new Chunk(bytes, clock.nanos()));
      advance();
    }
  }

  /** Nothing more will be read. */
  void end() {
    if (!inputEnded && !discarded) {
      inputEnded = true;
      head().end();
      advance();
    }
  }

  /** Forgets what is under way: nobody is there to receive it. */
  void discard() {
    discarded = true;
    stubs.forEach(ToxicStub::discard);
  }

  /** Moves all that can be moved, and says whether more may come. */
  void advance() {
    if (discarded) {
      return;
    }
    advanceAgain = true;
    if (advancing) {
      return;
    }
    advancing = true;
    try {
      while (advanceAgain && !discarded) {
        advanceAgain = false;
        for (var i = stubs.size() - 1; i >= 0; i--) {
          advanceAgain |= stubs.get(i).work();
        }
      }
    } finally {
      advancing = false;
    }
    if (!discarded) {
      inlet.flow(hasRoom());
    }
  }

  /** Puts a toxic at the end of the chain, unless the end of the stream has come out of that. */
  void add(PlacedToxic toxic) {
    var ended = stubs.isEmpty() ? inputEnded : stubs.getLast().isClosed();
    if (!ended && !discarded) {
      append(toxic);
      advance();
    }
  }

  /** Changes the toxic of the same name, where this link has it. */
  void update(PlacedToxic toxic) {
    var stub = find(toxic.name());
    if (stub != null) {
      stub.update(toxic);
      advance();
    }
  }

  /** Takes a toxic out of the chain, where this link has it. */
  void remove(String name) {
    var stub = find(name);
    if (stub == null) {
      return;
    }
    var place = stubs.indexOf(stub);
    if (stub.remove()) {
      stubs.remove(place);
      if (place > 0) {
        stubs.get(place - 1).sendTo(from(place));
      }
    }
    advance();
  }

  /** Whether a toxic here makes the connection close with a reset. */
  boolean resets() {
    return stubs.stream().anyMatch(ToxicStub::resets);
  }

  private void append(PlacedToxic toxic) {
    var stub = new ToxicStub(toxic, outlet, clock, random, this::advance);
    if (!stubs.isEmpty()) {
      stubs.getLast().sendTo(stub);
    }
    stubs.add(stub);
  }

  private @Nullable ToxicStub find(String name) {
    return stubs.stream().filter(stub -> stub.holds(name)).findFirst().orElse(null);
  }

  private Receiver head() {
    return from(0);
  }

  private Receiver from(int place) {
    return place < stubs.size() ? stubs.get(place) : outlet;
  }

  /** Also counts what removed toxics left to others, so that the sum has a limit too. */
  private boolean hasRoom() {
    var queued = stubs.stream().mapToInt(ToxicStub::queued).sum();
    var capacity = stubs.stream().mapToInt(ToxicStub::capacity).sum();
    return head().hasRoom() && (stubs.isEmpty() || queued < capacity);
  }
}
