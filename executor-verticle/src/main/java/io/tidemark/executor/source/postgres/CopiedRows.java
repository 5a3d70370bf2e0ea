package io.tidemark.executor.source.postgres;

import io.tidemark.executor.merge.BinaryRow;
import io.tidemark.executor.merge.RowBlocks;
import io.tidemark.executor.merge.Rows;
import io.tidemark.executor.source.SplitReader.Format;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** The rows of a COPY, one at a time, without the place that each may begin with. */
sealed interface CopiedRows {
  Format format();

  /** Adds the next row; false once all were sent. */
  boolean append(RowBuffer buffer) throws SQLException;

  /** {@code ctid} of the last row, as text; of rows without a place: that some were read. */
  String place();

  /** That place as a number, in the order in which rows lie; {@link #NOWHERE}: it has none. */
  long at();

  /** Before all places. */
  long NOWHERE = -1;

  /** A place that is written as {@code ctid} is: {@code (block,number)}. */
  static long at(String place) {
    var comma = place.indexOf(',');
    return (Long.parseLong(place, 1, comma, 10) << Short.SIZE)
        | Long.parseLong(place, comma + 1, place.length() - 1, 10);
  }

  /** What stands for a place where rows have none. */
  String SOMEWHERE = "somewhere";

  /** In COPY's binary format. */
  final class Binary implements CopiedRows {
    /** A place: its length, the block in 4 bytes, the row's number in it in 2. */
    private static final int PLACE_BYTES = Integer.BYTES + Integer.BYTES + Short.BYTES;

    private final Rows rows;
    private final int columns;
    private final boolean placed;
    private int block;
    private int number;

    Binary(RowBlocks blocks, int columns, boolean placed) {
      this.rows = Rows.of(blocks, placed ? columns + 1 : columns);
      this.columns = columns;
      this.placed = placed;
    }

    @Override
    public Format format() {
      return Format.BINARY;
    }

    @Override
    public boolean append(RowBuffer buffer) throws SQLException {
      if (!rows.load()) {
        return false;
      }
      var bytes = rows.bytes();
      var from = rows.from() + BinaryRow.FIRST_FIELD;
      if (placed) {
        block = BinaryRow.int32(bytes, from + Integer.BYTES);
        number = BinaryRow.int16(bytes, from + 2 * Integer.BYTES);
        from += PLACE_BYTES;
      }
      buffer.int16(columns);
      buffer.put(bytes, from, rows.to());
      rows.pass();
      return true;
    }

    @Override
    public String place() {
      return placed
          ? "(" + Integer.toUnsignedString(block) + "," + (number & 0xffff) + ")"
          : SOMEWHERE;
    }

    @Override
    public long at() {
      return placed ? (Integer.toUnsignedLong(block) << Short.SIZE) | (number & 0xffff) : NOWHERE;
    }
  }

  /** In COPY's text format: a row is a line. */
  final class Text implements CopiedRows {
    private static final byte[] NOTHING = {};

    private final RowBlocks blocks;
    private final boolean placed;
    private byte[] block = NOTHING;
    private int at;
    private boolean ended;
    private int placeFrom;
    private int placeTo;

    Text(RowBlocks blocks, boolean placed) {
      this.blocks = blocks;
      this.placed = placed;
    }

    @Override
    public Format format() {
      return Format.TEXT;
    }

    @Override
    public boolean append(RowBuffer buffer) throws SQLException {
      while (!ended && at == block.length) {
        var next = blocks.next();
        if (next == null) {
          ended = true;
          return false;
        }
        block = next;
        at = 0;
      }
      if (ended) {
        return false;
      }
      var from = at;
      var end = after((byte) '\n', from);
      if (placed) {
        placeFrom = from;
        from = after((byte) '\t', from);
        placeTo = from - 1;
      }
      buffer.put(block, from, end);
      at = end;
      return true;
    }

    private int after(byte wanted, int from) {
      var i = from;
      while (block[i] != wanted) {
        i++;
      }
      return i + 1;
    }

    @Override
    public String place() {
      return placed
          ? new String(block, placeFrom, placeTo - placeFrom, StandardCharsets.US_ASCII)
          : SOMEWHERE;
    }

    @Override
    public long at() {
      return placed ? CopiedRows.at(place()) : NOWHERE;
    }
  }
}
