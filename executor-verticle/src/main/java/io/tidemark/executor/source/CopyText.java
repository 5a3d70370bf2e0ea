package io.tidemark.executor.source;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Rows in COPY's text format, in a buffer that is used again. */
public final class CopyText {
  private static final int FIRST_CAPACITY = 64 * 1024;

  private byte[] bytes = new byte[FIRST_CAPACITY];
  private int length;
  private boolean inRow;

  public void clear() {
    length = 0;
    inRow = false;
  }

  public int length() {
    return length;
  }

  /** The rows so far, in the buffer itself: valid until the next change. */
  public ByteBuffer rows() {
    return ByteBuffer.wrap(bytes, 0, length);
  }

  /** Appends a value to the row whose bytes, in UTF-8, hold nothing that must be escaped. */
  public void plain(byte[] from, int start, int count) {
    begin(count);
    System.arraycopy(from, start, bytes, length, count);
    length += count;
  }

  /**
   * Begins a value that {@link #escape} completes byte by byte.
   *
   * @param count of its bytes at most, before they are escaped
   */
  public void begin(int count) {
    reserve(2 * count + 1);
    if (inRow) {
      bytes[length++] = '\t';
    }
    inRow = true;
  }

  /** Appends a byte of a value in UTF-8. */
  public void escape(byte b) {
    switch (b) {
      case '\\' -> escaped('\\');
      case '\t' -> escaped('t');
      case '\n' -> escaped('n');
      case '\r' -> escaped('r');
      default -> bytes[length++] = b;
    }
  }

  /** Appends a value to the row. */
  public void value(@Nullable String value) {
    if (value == null) {
      begin(1);
      put((byte) '\\');
      put((byte) 'N');
      return;
    }
    var utf8 = value.getBytes(StandardCharsets.UTF_8);
    begin(utf8.length);
    for (var b : utf8) {
      escape(b);
    }
  }

  /** Appends a whole row that is written in this format already, in UTF-8 without its newline. */
  public void line(byte[] utf8) {
    reserve(utf8.length + 1);
    System.arraycopy(utf8, 0, bytes, length, utf8.length);
    length += utf8.length;
    endRow();
  }

  /** Appends a whole row of one value: these bytes, without what ends their line. */
  public void escaped(byte[] from, int start, int end) {
    var last = end;
    while (last > start && (from[last - 1] == '\n' || from[last - 1] == '\r')) {
      last--;
    }
    begin(last - start);
    for (var i = start; i < last; i++) {
      escape(from[i]);
    }
    endRow();
  }

  public void endRow() {
    put((byte) '\n');
    inRow = false;
  }

  private void escaped(char letter) {
    bytes[length++] = '\\';
    bytes[length++] = (byte) letter;
  }

  private void put(byte b) {
    reserve(1);
    bytes[length++] = b;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, Math.addExact(length, more)));
    }
  }
}
