package io.tidemark.executor.merge;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RowCounts;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Merges two streams in key order (a sort-merge full outer join) and reports what differs. Rows
 * whose bytes are equal cost one memory comparison and are never decoded.
 *
 * <p>A duplicate key or a broken order in the source is found: two equal rows in a row on both
 * sides cannot be duplicates, since the target's key is unique; on every other path the row is
 * compared with its predecessor. {@link #position} does the same for the row that was read ahead,
 * so that a position never hides a duplicate behind it.
 */
public final class StreamingMerge {
  private final KeyOrder order;
  private final Rows source;
  private final Rows target;
  private final Differences differences;

  /** Of the last row that the source passed, and of the last that either did: its key alone. */
  private byte @Nullable [] previousSource;

  private byte @Nullable [] merged;

  private long read;
  private long inserted;
  private long updated;
  private long deleted;
  private long bytes;

  /** Reads the source's first row. */
  public StreamingMerge(KeyOrder order, Rows source, Rows target, Differences differences)
      throws SQLException {
    this.order = order;
    this.source = source;
    this.target = target;
    this.differences = differences;
    source.load();
  }

  /**
   * Merges the next key, or several that are equal.
   *
   * @param atMost rows
   * @return how many keys; 0 once both streams have ended cleanly
   * @throws SQLException where a stream breaks; nothing is reported for the rows it did not send
   * @throws TidemarkException SOURCE_KEY_DUPLICATE, SOURCE_ORDER_BROKEN
   */
  public int advance(int atMost) throws SQLException {
    // Rows may be large: the target's is read when it is compared, so that only one is ahead.
    var more = target.load();
    if (!source.load()) {
      if (more) {
        delete();
      }
      return more ? 1 : 0;
    }
    if (!more) {
      insert();
      return 1;
    }
    var start = source.from();
    var equal = source.equal(target, atMost);
    if (equal > 0) {
      read += equal - 1;
      bytes += source.from() - start;
      passBoth();
      return equal;
    }
    requireRising();
    var sign = order.compare(source, target);
    if (sign < 0) {
      insert();
    } else if (sign > 0) {
      delete();
    } else {
      differences.update(source);
      updated++;
      passBoth();
    }
    return 1;
  }

  /**
   * The last key merged, as text by key column; empty where none was.
   *
   * @throws TidemarkException where the source's next row is not above it
   */
  public Optional<List<String>> position() {
    var last = merged;
    if (last == null) {
      return Optional.empty();
    }
    if (source.isLoaded()) {
      requireRising();
    }
    return Optional.of(order.text(last));
  }

  public RowCounts counts() {
    return new RowCounts(read, inserted, updated, deleted);
  }

  /** Bytes of the source's rows so far. */
  public long bytes() {
    return bytes;
  }

  /** Keys behind it, of both sides together: moves with every {@link #advance}. */
  public long keysMerged() {
    return read + deleted;
  }

  private void insert() throws SQLException {
    requireRising();
    differences.insert(source);
    inserted++;
    merged = passSource();
  }

  private void delete() {
    var last = merged;
    if (last != null && order.compare(last, target) >= 0) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.TARGET_UNSUITABLE,
                  "the target sent key " + order.text(target) + " behind " + order.text(last))
              .withHint("Rebuild the index of the target's key (REINDEX), then refresh again."));
    }
    differences.delete(target);
    deleted++;
    merged = order.key(target);
    target.pass();
  }

  private void passBoth() throws SQLException {
    target.pass();
    merged = passSource();
  }

  /** Reads the row after it: {@link #position} has to see that. Returns its key. */
  private byte[] passSource() throws SQLException {
    var key = order.key(source);
    read++;
    bytes += source.to() - source.from();
    previousSource = key;
    source.pass();
    source.load();
    return key;
  }

  private void requireRising() {
    var before = previousSource;
    if (before == null) {
      return;
    }
    var sign = order.compare(before, source);
    if (sign == 0) {
      throw new TidemarkException(
          ErrorCode.SOURCE_KEY_DUPLICATE,
          "the key is not unique in the source: " + order.text(source) + " occurs more than once");
    }
    if (sign > 0) {
      throw new TidemarkException(
          ErrorCode.SOURCE_ORDER_BROKEN,
          "the source sent key " + order.text(source) + " behind " + order.text(before));
    }
  }
}
