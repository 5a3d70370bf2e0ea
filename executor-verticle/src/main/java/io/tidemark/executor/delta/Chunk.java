package io.tidemark.executor.delta;

import io.tidemark.executor.merge.Differences;
import io.tidemark.executor.merge.Rows;
import java.util.ArrayList;
import java.util.List;

/**
 * The differences found since the last checkpoint. Bounded: the lane checkpoints when it is full.
 */
public final class Chunk implements Differences {
  /** Bytes of rows after which a chunk is full; one row may exceed it. */
  public static final long MAX_BYTES = 8L << 20;

  private final int maxRows;
  private final List<Entry> entries = new ArrayList<>();
  private long bytes;

  /**
   * Makes an empty chunk.
   *
   * @param maxRows differences after which it is full
   */
  public Chunk(int maxRows) {
    this.maxRows = maxRows;
  }

  /** What a difference does to the target. */
  public enum Op {
    INSERT('I'),
    UPDATE('U'),
    DELETE('D');

    private final char code;

    Op(char code) {
      this.code = code;
    }

    /** As it stands in the delta's column {@code op}. */
    public char code() {
      return code;
    }
  }

  /**
   * One difference.
   *
   * @param row the source's row; for a delete the target's
   */
  @SuppressWarnings("ArrayRecordComponent") // a row as it came from the wire, never compared
  public record Entry(Op op, byte[] row) {}

  @Override
  public void insert(Rows source) {
    add(Op.INSERT, source);
  }

  @Override
  public void update(Rows source) {
    add(Op.UPDATE, source);
  }

  @Override
  public void delete(Rows target) {
    add(Op.DELETE, target);
  }

  public List<Entry> entries() {
    return entries;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  public boolean isFull() {
    return entries.size() >= maxRows || bytes >= MAX_BYTES;
  }

  public void clear() {
    entries.clear();
    bytes = 0;
  }

  private void add(Op op, Rows rows) {
    var row = rows.row();
    entries.add(new Entry(op, row));
    bytes += row.length;
  }
}
