package io.tidemark.executor.merge;

/**
 * Reads a row of {@code COPY … (FORMAT binary)}: {@code int16} number of fields, then for each
 * field {@code int32} length (-1: null) and that many bytes. A row is the bytes of one CopyData
 * message.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, "Binary Format"</a>
 */
public final class BinaryRow {
  /** Offset of the first field's length. */
  public static final int FIRST_FIELD = Short.BYTES;

  private BinaryRow() {}

  public static int fields(byte[] row) {
    return int16(row, 0);
  }

  /** Offset of the field after the one whose length stands at {@code offset}. */
  public static int nextField(byte[] row, int offset) {
    return offset + Integer.BYTES + Math.max(0, int32(row, offset));
  }

  public static short int16(byte[] bytes, int offset) {
    return (short) ((bytes[offset] & 0xff) << 8 | bytes[offset + 1] & 0xff);
  }

  public static int int32(byte[] bytes, int offset) {
    return (bytes[offset] & 0xff) << 24
        | (bytes[offset + 1] & 0xff) << 16
        | (bytes[offset + 2] & 0xff) << 8
        | bytes[offset + 3] & 0xff;
  }

  public static long int64(byte[] bytes, int offset) {
    return (long) int32(bytes, offset) << 32 | int32(bytes, offset + Integer.BYTES) & 0xffff_ffffL;
  }

  static void putInt16(byte[] bytes, int offset, int value) {
    bytes[offset] = (byte) (value >>> 8);
    bytes[offset + 1] = (byte) value;
  }

  /** Writes a big-endian {@code int32}. */
  public static void putInt32(byte[] bytes, int offset, int value) {
    bytes[offset] = (byte) (value >>> 24);
    bytes[offset + 1] = (byte) (value >>> 16);
    bytes[offset + 2] = (byte) (value >>> 8);
    bytes[offset + 3] = (byte) value;
  }
}
