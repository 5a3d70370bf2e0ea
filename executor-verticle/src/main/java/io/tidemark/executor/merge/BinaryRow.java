package io.tidemark.executor.merge;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads a row of {@code COPY … (FORMAT binary)}: {@code int16} number of fields, then for each
 * field {@code int32} length (-1: null) and that many bytes.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, "Binary Format"</a>
 */
public final class BinaryRow {
  /** Offset of the first field's length. */
  public static final int FIRST_FIELD = Short.BYTES;

  private static final VarHandle INT16 = bigEndian(short[].class);
  private static final VarHandle INT32 = bigEndian(int[].class);
  private static final VarHandle INT64 = bigEndian(long[].class);

  private BinaryRow() {}

  /** Offset of the field after the one whose length stands at {@code offset}. */
  public static int nextField(byte[] row, int offset) {
    return offset + Integer.BYTES + Math.max(0, int32(row, offset));
  }

  public static short int16(byte[] bytes, int offset) {
    return (short) INT16.get(bytes, offset);
  }

  public static int int32(byte[] bytes, int offset) {
    return (int) INT32.get(bytes, offset);
  }

  public static long int64(byte[] bytes, int offset) {
    return (long) INT64.get(bytes, offset);
  }

  /** Writes a big-endian {@code int32}. */
  public static void putInt32(byte[] bytes, int offset, int value) {
    INT32.set(bytes, offset, value);
  }

  private static VarHandle bigEndian(Class<?> array) {
    return MethodHandles.byteArrayViewVarHandle(array, ByteOrder.BIG_ENDIAN);
  }
}
