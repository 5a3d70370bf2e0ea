package io.tidemark.executor.source.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.tidemark.common.bus.Json;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * What one split of a Postgres source reads: rows of one heap that lie in a range of its blocks, or
 * all of a relation that has no blocks of its own. As JSON it is the split's {@code spec}.
 *
 * @param relation quoted, schema-qualified: the source's, one of its partitions or heirs; of a
 *     query that itself, as FROM takes it
 * @param heap whether rows have a place ({@code ctid}) in it, so that a read can go on at one
 * @param from first block
 * @param to block behind the last; empty: to the end, also where that has moved since
 */
record Blocks(String relation, boolean heap, long from, Optional<Long> to) {
  static Blocks read(String spec) {
    try {
      return Json.MAPPER.readValue(spec, Blocks.class);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  String spec() {
    try {
      return Json.MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A condition on {@code ctid}, which Postgres 14 and later read as that range of blocks only.
   *
   * @param position the last {@code ctid} that is safe
   */
  Optional<String> condition(Optional<String> position) {
    if (!heap) {
      return Optional.empty();
    }
    var start =
        position.map(it -> "ctid > '" + it + "'::tid").orElse("ctid >= '(" + from + ",0)'::tid");
    return Optional.of(start + to.map(it -> " AND ctid < '(" + it + ",0)'::tid").orElse(""));
  }
}
