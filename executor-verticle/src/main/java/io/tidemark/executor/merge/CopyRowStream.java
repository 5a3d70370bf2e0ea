package io.tidemark.executor.merge;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyOut;

/** The rows of one {@code COPY (SELECT …) TO STDOUT (FORMAT binary)}. Not thread-safe. */
public final class CopyRowStream implements RowStream {
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0
  };
  private static final int FLAGS_AND_EXTENSION = 2 * Integer.BYTES;
  private static final short TRAILER = -1;

  private final CopyOut copy;
  private final int columns;
  private boolean started;
  private boolean ended;

  private CopyRowStream(CopyOut copy, int columns) {
    this.copy = copy;
    this.columns = columns;
  }

  /**
   * Starts the COPY.
   *
   * @param columns how many fields each row must have
   */
  public static CopyRowStream open(Connection connection, String copy, int columns)
      throws SQLException {
    var api = connection.unwrap(PGConnection.class).getCopyAPI();
    return new CopyRowStream(api.copyOut(copy), columns);
  }

  @Override
  public byte @Nullable [] next() throws SQLException {
    if (ended) {
      return null;
    }
    var row = started ? read() : first();
    var fields = BinaryRow.fields(row);
    if (fields == TRAILER) {
      if (copy.readFromCopy() != null) {
        throw new SQLException("COPY sent data behind its trailer", ConnectionLoss.PROTOCOL);
      }
      ended = true;
      return null;
    }
    if (fields != columns) {
      throw new SQLException(
          "COPY sent a row of " + fields + " fields instead of " + columns,
          ConnectionLoss.PROTOCOL);
    }
    return row;
  }

  /** The header comes in a message of its own or in front of the first row. */
  private byte[] first() throws SQLException {
    var message = read();
    started = true;
    if (!Arrays.equals(
        message, 0, Math.min(message.length, SIGNATURE.length), SIGNATURE, 0, SIGNATURE.length)) {
      throw new SQLException("COPY sent no binary header", ConnectionLoss.PROTOCOL);
    }
    var extension = BinaryRow.int32(message, SIGNATURE.length + Integer.BYTES);
    var header = SIGNATURE.length + FLAGS_AND_EXTENSION + extension;
    return message.length == header ? read() : Arrays.copyOfRange(message, header, message.length);
  }

  private byte[] read() throws SQLException {
    var message = copy.readFromCopy();
    if (message == null) {
      throw new SQLException("COPY ended without its trailer", ConnectionLoss.PROTOCOL);
    }
    return message;
  }
}
