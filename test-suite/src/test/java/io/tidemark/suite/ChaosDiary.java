package io.tidemark.suite;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a soak did and saw, with seconds since its beginning. Of the first violation on it is over.
 */
final class ChaosDiary {
  private final long began = System.nanoTime();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<String> violations = new CopyOnWriteArrayList<>();

  void say(String what) {
    var line = "%7.1f s  %s".formatted((System.nanoTime() - began) / 1e9, what);
    lines.add(line);
    System.err.println(line);
  }

  /** Something that must never happen. */
  void violation(String what) {
    say("VIOLATION " + what);
    violations.add(what);
  }

  boolean hasViolation() {
    return !violations.isEmpty();
  }

  List<String> violations() {
    return List.copyOf(violations);
  }

  void write(Path file) {
    try {
      Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
