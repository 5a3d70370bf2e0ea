package io.tidemark.executor.delta;

import io.tidemark.executor.merge.BinaryRow;
import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * Writes one {@code COPY … FROM STDIN (FORMAT binary)}: a small buffer collects, large values pass
 * it by. Leaves the transaction broken where it is closed without {@link #finish}.
 */
final class BinaryCopy implements AutoCloseable {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final byte[] HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  private final CopyIn copy;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int used;

  private BinaryCopy(CopyIn copy) {
    this.copy = copy;
  }

  static BinaryCopy open(Connection connection, String sql) throws SQLException {
    var copy = new BinaryCopy(connection.unwrap(PGConnection.class).getCopyAPI().copyIn(sql));
    copy.put(HEADER, 0, HEADER.length);
    return copy;
  }

  void int16(int value) throws SQLException {
    reserve(Short.BYTES);
    buffer[used++] = (byte) (value >>> 8);
    buffer[used++] = (byte) value;
  }

  void int32(int value) throws SQLException {
    reserve(Integer.BYTES);
    BinaryRow.putInt32(buffer, used, value);
    used += Integer.BYTES;
  }

  void int8(int value) throws SQLException {
    reserve(1);
    buffer[used++] = (byte) value;
  }

  void put(byte[] bytes, int offset, int length) throws SQLException {
    if (length > buffer.length) {
      flush();
      copy.writeToCopy(bytes, offset, length);
      return;
    }
    reserve(length);
    System.arraycopy(bytes, offset, buffer, used, length);
    used += length;
  }

  /** Ends the COPY. Returns the number of rows that the server took. */
  long finish() throws SQLException {
    int16(-1);
    flush();
    return copy.endCopy();
  }

  @Override
  public void close() throws SQLException {
    if (copy.isActive()) {
      copy.cancelCopy();
    }
  }

  private void reserve(int length) throws SQLException {
    if (used + length > buffer.length) {
      flush();
    }
  }

  private void flush() throws SQLException {
    copy.writeToCopy(buffer, 0, used);
    used = 0;
  }
}
