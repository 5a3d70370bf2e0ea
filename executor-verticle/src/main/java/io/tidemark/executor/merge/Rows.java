package io.tidemark.executor.merge;

import java.sql.SQLException;
import java.util.Arrays;

/**
 * The rows of a binary COPY in the order in which they come, one at a time, where they lie: a row
 * is a slice of {@link #bytes}, and is gone after the next {@link #load}. Not thread-safe.
 *
 * <p>It ends only where everything was sent: trailer, and the server's word. Any other end throws,
 * so that a short read can never look like the end of the source.
 */
public final class Rows {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int FLAGS_BYTES = Integer.BYTES;
  private static final byte[] NOTHING = {};
  private static final short TRAILER = -1;

  private final RowBlocks blocks;
  private final int columns;

  private byte[] block = NOTHING;
  private int from;
  private int to;
  private boolean started;
  private boolean ended;

  private Rows(RowBlocks blocks, int columns, boolean ended) {
    this.blocks = blocks;
    this.columns = columns;
    this.ended = ended;
  }

  /**
   * Reads a COPY from its header on.
   *
   * @param columns how many fields each row must have
   */
  public static Rows of(RowBlocks blocks, int columns) {
    return new Rows(blocks, columns, false);
  }

  /** Without a row: the target of a first load. */
  public static Rows none() {
    return new Rows(() -> null, 0, true);
  }

  /**
   * Makes sure that the next row is at hand, or known that there is none.
   *
   * @return false once the stream has ended cleanly
   */
  public boolean load() throws SQLException {
    if (from < to) {
      return true;
    }
    if (ended) {
      return false;
    }
    while (from == block.length) {
      // Blocks may be large: the one before is let go of first.
      release();
      block = next();
      if (!started) {
        from = header();
        started = true;
      }
    }
    if (block.length - from >= Short.BYTES && BinaryRow.int16(block, from) == TRAILER) {
      end();
      return false;
    }
    to = rowEnd(from);
    if (to < 0) {
      throw new SQLException(
          "COPY sent a row that is not one of " + columns + " fields", ConnectionLoss.PROTOCOL);
    }
    return true;
  }

  /** Whether the next row is at hand. */
  boolean isLoaded() {
    return from < to;
  }

  /** What holds the row: it starts at {@link #from} and ends before {@link #to}. */
  public byte[] bytes() {
    return block;
  }

  public int from() {
    return from;
  }

  public int to() {
    return to;
  }

  /** The row as an array of its own. */
  public byte[] row() {
    return from == 0 && to == block.length ? block : Arrays.copyOfRange(block, from, to);
  }

  /** Moves behind the row. */
  public void pass() {
    from = to;
    if (to == block.length) {
      release();
    }
  }

  private void release() {
    block = NOTHING;
    from = 0;
    to = 0;
  }

  /**
   * Counts the rows that both have next, byte for byte the same, as far as they are at hand, and
   * moves both to the last of them.
   *
   * @return how many; 0: their next rows differ
   */
  int equal(Rows other, int atMost) {
    // A row says itself where it ends: equal bytes are equal rows.
    var common =
        Arrays.mismatch(block, from, block.length, other.block, other.from, other.block.length);
    var same =
        from
            + (common < 0
                ? Math.min(block.length - from, other.block.length - other.from)
                : common);
    if (to > same) {
      return 0;
    }
    var shift = other.from - from;
    var rows = 1;
    while (rows < atMost) {
      var next = rowEnd(to);
      if (next < 0 || next > same) {
        break;
      }
      from = to;
      to = next;
      rows++;
    }
    other.from = from + shift;
    other.to = to + shift;
    return rows;
  }

  private byte[] next() throws SQLException {
    var next = blocks.next();
    if (next == null) {
      throw new SQLException("COPY ended without its trailer", ConnectionLoss.PROTOCOL);
    }
    return next;
  }

  private int header() throws SQLException {
    var extension = SIGNATURE.length + FLAGS_BYTES;
    if (block.length < extension + Integer.BYTES
        || !Arrays.equals(block, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length)) {
      throw new SQLException("COPY sent no binary header", ConnectionLoss.PROTOCOL);
    }
    return extension + Integer.BYTES + BinaryRow.int32(block, extension);
  }

  private void end() throws SQLException {
    if (block.length - from > Short.BYTES || blocks.next() != null) {
      throw new SQLException("COPY sent data behind its trailer", ConnectionLoss.PROTOCOL);
    }
    release();
    ended = true;
  }

  /** Where the row at this offset ends; negative: no such row lies there. */
  private int rowEnd(int row) {
    var bytes = block;
    if (bytes.length - row < Short.BYTES || BinaryRow.int16(bytes, row) != columns) {
      return -1;
    }
    var at = row + BinaryRow.FIRST_FIELD;
    for (var i = 0; i < columns; i++) {
      if (bytes.length - at < Integer.BYTES) {
        return -1;
      }
      at = BinaryRow.nextField(bytes, at);
      if (at > bytes.length || at < row) {
        return -1;
      }
    }
    return at;
  }
}
