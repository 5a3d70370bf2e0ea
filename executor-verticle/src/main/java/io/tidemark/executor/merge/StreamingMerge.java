package io.tidemark.executor.merge;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.RowCounts;
import java.sql.SQLException;
import java.util.Arrays;
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
  /** Rows up to this size are kept as they are: a copy of the key would cost more. */
  private static final int MAX_KEPT_BYTES = 64 << 10;

  private final KeyOrder order;
  private final RowStream source;
  private final RowStream target;
  private final Differences differences;

  private byte @Nullable [] sourceRow;
  private byte @Nullable [] targetRow;

  /** The target's next row is read when it is compared: until then only one row is ahead. */
  private boolean targetPassed;

  private byte @Nullable [] previousSource;
  private byte @Nullable [] merged;

  private long read;
  private long inserted;
  private long updated;
  private long deleted;
  private long bytes;

  /** Reads the first row of both streams. */
  public StreamingMerge(KeyOrder order, RowStream source, RowStream target, Differences differences)
      throws SQLException {
    this.order = order;
    this.source = source;
    this.target = target;
    this.differences = differences;
    this.sourceRow = source.next();
    this.targetRow = target.next();
  }

  /**
   * Merges the next key.
   *
   * @return false once both streams have ended cleanly
   * @throws SQLException where a stream breaks; nothing is reported for the rows it did not send
   * @throws TidemarkException SOURCE_KEY_DUPLICATE, SOURCE_ORDER_BROKEN
   */
  public boolean advance() throws SQLException {
    if (targetPassed) {
      targetPassed = false;
      targetRow = target.next();
    }
    // Rows may be large: no variable here holds on to one while the next is read.
    switch (pass()) {
      case NOTHING -> {
        return false;
      }
      case TARGET -> {}
      case SOURCE, BOTH -> sourceRow = source.next();
    }
    return true;
  }

  private enum Passed {
    NOTHING,
    SOURCE,
    TARGET,
    BOTH
  }

  /** Reports what differs at the next key, and lets go of its rows. */
  private Passed pass() {
    var left = sourceRow;
    var right = targetRow;
    if (left == null) {
      return right == null ? Passed.NOTHING : delete(right);
    }
    if (right == null) {
      return insert(left);
    }
    if (!Arrays.equals(left, right)) {
      requireRising(left);
      var sign = order.compare(left, right);
      if (sign != 0) {
        return sign < 0 ? insert(left) : delete(right);
      }
      differences.update(left);
      updated++;
    }
    passTarget(right);
    passSource(left);
    return Passed.BOTH;
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
    if (sourceRow != null) {
      requireRising(sourceRow);
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

  private Passed insert(byte[] row) {
    requireRising(row);
    differences.insert(row);
    inserted++;
    passSource(row);
    return Passed.SOURCE;
  }

  private Passed delete(byte[] row) {
    if (merged != null && order.compare(merged, row) >= 0) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.TARGET_UNSUITABLE,
                  "the target sent key " + order.text(row) + " behind " + order.text(merged))
              .withHint("Rebuild the index of the target's key (REINDEX), then refresh again."));
    }
    differences.delete(row);
    deleted++;
    passTarget(row);
    return Passed.TARGET;
  }

  private void passSource(byte[] row) {
    read++;
    bytes += row.length;
    previousSource = kept(row);
    merged = previousSource;
    sourceRow = null;
  }

  private void passTarget(byte[] row) {
    merged = kept(row);
    targetRow = null;
    targetPassed = true;
  }

  /** What is asked of a row later: its key. */
  private byte[] kept(byte[] row) {
    return row.length <= MAX_KEPT_BYTES ? row : Arrays.copyOf(row, order.end(row));
  }

  private void requireRising(byte[] row) {
    var before = previousSource;
    if (before == null) {
      return;
    }
    var sign = order.compare(before, row);
    if (sign == 0) {
      throw new TidemarkException(
          ErrorCode.SOURCE_KEY_DUPLICATE,
          "the key is not unique in the source: " + order.text(row) + " occurs more than once");
    }
    if (sign > 0) {
      throw new TidemarkException(
          ErrorCode.SOURCE_ORDER_BROKEN,
          "the source sent key " + order.text(row) + " behind " + order.text(before));
    }
  }
}
