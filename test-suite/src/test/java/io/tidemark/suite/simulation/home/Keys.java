package io.tidemark.suite.simulation.home;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The key space of a modelled table: tens of keys, in order. A table's content is an array: the
 * value at each key, 0 where there is no row.
 */
public final class Keys {
  public static final int COUNT = 20;

  /** Each row of the model stands for so many, so that the guard's thresholds mean something. */
  public static final int ROWS_PER_KEY = 50;

  public static final int VNODES = 4;

  private static final List<Optional<List<String>>> TEXT =
      IntStream.range(0, COUNT)
          .mapToObj(key -> Optional.of(List.of("%03d".formatted(key))))
          .toList();

  private Keys() {}

  /** As claims and checkpoints spell it; empty below the first. */
  public static Optional<List<String>> text(int key) {
    return key < 0 || key >= COUNT ? Optional.empty() : TEXT.get(key);
  }

  /** The key, or what to take where there is none. */
  public static int of(Optional<List<String>> text, int otherwise) {
    return text.map(List::getFirst).map(Integer::parseInt).orElse(otherwise);
  }

  /** The last key of a VNode; the VNode before ends below its first. */
  public static int last(int vnode) {
    return (vnode + 1) * COUNT / VNODES - 1;
  }
}
