package io.tidemark.executor.staging;

import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SplitReader.Format;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Finds single rows in a batch. */
final class BatchRows {
  /** Of a row in quarantine so much is kept, in characters. */
  static final int MAX_SHOWN = 8_000;

  private final Format format;
  private final RowBatch batch;
  private final ByteBuffer bytes;
  private final int start;

  BatchRows(Format format, RowBatch batch) {
    this.format = format;
    this.batch = batch;
    var given = batch.bytes().duplicate();
    if (given.hasArray()) {
      this.bytes = ByteBuffer.wrap(given.array());
      this.start = given.arrayOffset() + given.position();
      this.bytes.limit(start + given.remaining());
    } else {
      var copy = new byte[given.remaining()];
      given.get(copy);
      this.bytes = ByteBuffer.wrap(copy);
      this.start = 0;
    }
  }

  byte[] array() {
    return bytes.array();
  }

  int count() {
    return batch.rows();
  }

  String place(int row) {
    return batch.place().apply(row);
  }

  /** Where a row begins; of the number of rows: where the last one ends. */
  int offset(int row) {
    if (row == 0) {
      return start;
    }
    if (row == batch.rows()) {
      return bytes.limit();
    }
    var at = start;
    for (var i = 0; i < row; i++) {
      at = format == Format.TEXT ? afterLine(at) : afterTuple(at);
    }
    return at;
  }

  /** As it was read: a line of COPY's text format, or the bytes of its binary form in hex. */
  String text(int row) {
    var from = offset(row);
    var to = offset(row + 1);
    return switch (format) {
      case TEXT ->
          new String(
                  Arrays.copyOfRange(array(), from, Math.min(to, from + MAX_SHOWN)),
                  StandardCharsets.UTF_8)
              .stripTrailing()
              .replace("\0", "");
      case BINARY ->
          "\\x" + HexFormat.of().formatHex(array(), from, Math.min(to, from + MAX_SHOWN / 2));
    };
  }

  private int afterLine(int at) {
    var end = at;
    while (bytes.get(end) != '\n') {
      end++;
    }
    return end + 1;
  }

  private int afterTuple(int at) {
    var fields = bytes.getShort(at);
    var end = at + Short.BYTES;
    for (var i = 0; i < fields; i++) {
      end += Integer.BYTES + Math.max(0, bytes.getInt(end));
    }
    return end;
  }
}
