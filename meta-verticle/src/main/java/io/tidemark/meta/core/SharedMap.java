package io.tidemark.meta.core;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map by name. Its next version shares all but one of its parts with it, so that one
 * of a thousand entries is changed without copying the others. Iterates in the same order wherever
 * the same was done to it.
 */
public final class SharedMap<V> {
  /** A power of two. Up to some thousand entries a part has a few. */
  private static final int PARTS = 256;

  private static final SharedMap<?> EMPTY =
      new SharedMap<Object>(Collections.nCopies(PARTS, Map.of()), 0);

  private final List<Map<String, V>> parts;
  private final int size;

  private SharedMap(List<Map<String, V>> parts, int size) {
    this.parts = parts;
    this.size = size;
  }

  @SuppressWarnings("unchecked") // it has no value
  static <V> SharedMap<V> empty() {
    return (SharedMap<V>) EMPTY;
  }

  /** A set of names. */
  static SharedMap<Boolean> of(List<String> names) {
    var parts = new ArrayList<Map<String, Boolean>>(Collections.nCopies(PARTS, Map.of()));
    for (var name : names) {
      var part = part(name);
      if (parts.get(part).isEmpty()) {
        parts.set(part, new LinkedHashMap<>());
      }
      parts.get(part).put(name, true);
    }
    return new SharedMap<>(parts, names.size());
  }

  public int size() {
    return size;
  }

  public Optional<V> find(String name) {
    return Optional.ofNullable(at(name));
  }

  @Nullable V at(String name) {
    return parts.get(part(name)).get(name);
  }

  boolean has(String name) {
    return at(name) != null;
  }

  SharedMap<V> with(String name, V value) {
    var part = new LinkedHashMap<>(parts.get(part(name)));
    var grows = part.put(name, value) == null;
    return replaced(name, part, grows ? size + 1 : size);
  }

  SharedMap<V> without(String name) {
    if (!has(name)) {
      return this;
    }
    var part = new LinkedHashMap<>(parts.get(part(name)));
    part.remove(name);
    return replaced(name, part, size - 1);
  }

  public void forEach(BiConsumer<String, V> each) {
    for (var part : parts) {
      part.forEach(each);
    }
  }

  /** The first name; empty where there is none. */
  Optional<String> first() {
    for (var part : parts) {
      for (var name : part.keySet()) {
        return Optional.of(name);
      }
    }
    return Optional.empty();
  }

  private SharedMap<V> replaced(String name, Map<String, V> part, int newSize) {
    var next = new ArrayList<>(parts);
    next.set(part(name), part);
    return new SharedMap<>(next, newSize);
  }

  private static int part(String name) {
    var hash = name.hashCode();
    return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (PARTS - 1);
  }
}
