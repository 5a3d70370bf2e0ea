package io.tidemark.executor.source.postgres;

import java.util.Arrays;

/** Bytes of rows, in an array that is used again. */
final class RowBuffer {
  private byte[] bytes;
  private int length;

  RowBuffer(int capacity) {
    bytes = new byte[capacity];
  }

  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void clear() {
    length = 0;
  }

  void int16(int value) {
    reserve(Short.BYTES);
    bytes[length++] = (byte) (value >>> 8);
    bytes[length++] = (byte) value;
  }

  void put(byte[] source, int from, int to) {
    reserve(to - from);
    System.arraycopy(source, from, bytes, length, to - from);
    length += to - from;
  }

  private void reserve(int more) {
    if (bytes.length - length < more) {
      bytes =
          Arrays.copyOf(
              bytes, Math.max(Math.addExact(length, more), bytes.length + bytes.length / 2));
    }
  }
}
