package io.tidemark.suite;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * All versions of a table that changes, one a transaction of its only writer; rows by key, both as
 * {@link TableImage} has them. For several threads.
 */
final class VersionLog {
  private final TreeMap<Long, Map<String, Optional<String>>> changes = new TreeMap<>();
  private final Map<String, String> oldest;
  private long oldestVersion;
  private long newest;

  /** Version 0. */
  VersionLog(Map<String, String> rows) {
    oldest = new HashMap<>(rows);
  }

  synchronized long newest() {
    return newest;
  }

  /**
   * The next version.
   *
   * @param changed its rows; empty: deleted
   */
  synchronized void add(Map<String, Optional<String>> changed) {
    changes.put(++newest, Map.copyOf(changed));
  }

  /** Versions below this one are asked for no more. */
  synchronized void forget(long below) {
    while (oldestVersion < below) {
      oldestVersion++;
      apply(oldest, changes.remove(oldestVersion));
    }
  }

  /**
   * The first version between these two, both inclusive, that has exactly these rows among these
   * keys.
   */
  synchronized OptionalLong find(
      long from, long to, Map<String, String> rows, Predicate<String> keys) {
    if (from < oldestVersion) {
      throw new IllegalArgumentException("version " + from + " is forgotten");
    }
    var part = new HashMap<String, String>();
    oldest.forEach((key, row) -> put(part, key, Optional.of(row), keys));
    for (var version = oldestVersion; version <= to; version++) {
      if (version > oldestVersion) {
        changes.get(version).forEach((key, row) -> put(part, key, row, keys));
      }
      if (version >= from && part.equals(rows)) {
        return OptionalLong.of(version);
      }
    }
    return OptionalLong.empty();
  }

  /** Whether each of these keys has, or lacks, a row as it did in one version between these two. */
  synchronized boolean isMixture(
      long from, long to, Map<String, String> rows, Predicate<String> keys) {
    var known = new HashMap<String, Set<Optional<String>>>();
    rows.keySet().forEach(key -> known.put(key, new HashSet<>()));
    var state = new HashMap<>(oldest);
    for (var version = oldestVersion; version <= to; version++) {
      if (version > oldestVersion) {
        apply(state, changes.get(version));
      }
      if (version >= from) {
        var later = version > from;
        state.keySet().stream()
            .filter(keys)
            .forEach(key -> known.computeIfAbsent(key, any -> lacking(later)));
        known.forEach((key, all) -> all.add(Optional.ofNullable(state.get(key))));
      }
    }
    return known.entrySet().stream()
        .allMatch(it -> it.getValue().contains(Optional.ofNullable(rows.get(it.getKey()))));
  }

  private static Set<Optional<String>> lacking(boolean lacked) {
    var rows = new HashSet<Optional<String>>();
    if (lacked) {
      rows.add(Optional.empty());
    }
    return rows;
  }

  private static void put(
      Map<String, String> rows, String key, Optional<String> row, Predicate<String> keys) {
    if (keys.test(key)) {
      row.ifPresentOrElse(value -> rows.put(key, value), () -> rows.remove(key));
    }
  }

  private static void apply(Map<String, String> rows, Map<String, Optional<String>> changed) {
    changed.forEach((key, row) -> put(rows, key, row, any -> true));
  }
}
