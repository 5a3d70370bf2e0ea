package io.tidemark.executor.source.postgres;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.merge.CopyBlocks;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Passes the rows of one COPY on as they come. Of a heap each row begins with its place, which is
 * taken off and becomes the position.
 */
final class PostgresReader implements SplitReader {
  /** Bytes of rows after which a batch ends; one row may exceed it. */
  private static final int BATCH_BYTES = 4 << 20;

  private final Connection connection;
  private final Split split;
  private final CopiedRows rows;
  private final RowBuffer buffer = new RowBuffer(BATCH_BYTES);
  private long read;
  private long last;

  private PostgresReader(Connection connection, Split split, CopiedRows rows, long last) {
    this.connection = connection;
    this.split = split;
    this.rows = rows;
    this.last = last;
  }

  /**
   * Starts reading.
   *
   * @param connection in the snapshot; it is closed with the reader
   * @param after where rows have places: the last that was read before; empty: none was
   * @param copy the statement
   * @param columns how many values a row has without its place
   */
  static PostgresReader open(
      Connection connection,
      Split split,
      boolean placed,
      Optional<String> after,
      Format format,
      String copy,
      int columns)
      throws SQLException {
    var blocks = CopyBlocks.open(connection, copy);
    return new PostgresReader(
        connection,
        split,
        format == Format.BINARY
            ? new CopiedRows.Binary(blocks, columns, placed)
            : new CopiedRows.Text(blocks, placed),
        placed ? after.map(CopiedRows::at).orElse(CopiedRows.NOWHERE) : CopiedRows.NOWHERE);
  }

  @Override
  public Format format() {
    return rows.format();
  }

  @Override
  public @Nullable RowBatch next() throws SQLException {
    buffer.clear();
    var count = 0;
    while (buffer.length() < BATCH_BYTES && rows.append(buffer)) {
      requireOrder();
      count++;
    }
    if (count == 0) {
      return null;
    }
    var before = read;
    read += count;
    return new RowBatch(
        ByteBuffer.wrap(buffer.bytes(), 0, buffer.length()),
        count,
        buffer.length(),
        rows.place(),
        row -> split.name() + ", row " + (before + row + 1) + " of this read");
  }

  /** Who goes on behind a place would leave out, or read twice, what came in another order. */
  private void requireOrder() {
    var at = rows.at();
    if (at == CopiedRows.NOWHERE) {
      return;
    }
    if (at <= last) {
      throw new TidemarkException(
          ErrorReport.of(
                  ErrorCode.SOURCE_ORDER_BROKEN,
                  "%s: the row at %s came out of order, so no place says what was read"
                      .formatted(split.name(), rows.place()))
              .withHint(
                  "Nothing was deleted. See with EXPLAIN how the source reads this table by ctid,"
                      + " or read it through a view."));
    }
    last = at;
  }

  @Override
  public void abort() {
    try {
      connection.abort(Runnable::run);
    } catch (SQLException e) {
      // It was gone already.
    }
  }

  @Override
  public void close() {
    abort();
  }
}
