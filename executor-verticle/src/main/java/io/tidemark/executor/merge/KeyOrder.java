package io.tidemark.executor.merge;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.KeyType;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Orders rows by their leading key columns as Postgres does, on the binary form: integers, dates
 * and timestamps as signed numbers, uuid, bytea and text "C" as unsigned bytes.
 */
public final class KeyOrder implements Comparator<byte[]> {
  private final KeyType[] types;

  public KeyOrder(List<KeyType> types) {
    this.types = types.toArray(KeyType[]::new);
  }

  /**
   * Compares two rows by key.
   *
   * @throws TidemarkException KEY_NULLABLE where a key column is null
   */
  @Override
  public int compare(byte[] a, byte[] b) {
    var atA = BinaryRow.FIRST_FIELD;
    var atB = BinaryRow.FIRST_FIELD;
    for (var type : types) {
      var lengthA = length(a, atA);
      var lengthB = length(b, atB);
      atA += Integer.BYTES;
      atB += Integer.BYTES;
      var order =
          switch (type) {
            case INT2 -> Short.compare(BinaryRow.int16(a, atA), BinaryRow.int16(b, atB));
            case INT4, DATE -> Integer.compare(BinaryRow.int32(a, atA), BinaryRow.int32(b, atB));
            case INT8, TIMESTAMP, TIMESTAMPTZ ->
                Long.compare(BinaryRow.int64(a, atA), BinaryRow.int64(b, atB));
            case UUID, BYTEA, TEXT ->
                Arrays.compareUnsigned(a, atA, atA + lengthA, b, atB, atB + lengthB);
          };
      if (order != 0) {
        return order;
      }
      atA += lengthA;
      atB += lengthB;
    }
    return 0;
  }

  /** The key of a row as text by key column, valid in SQL as {@code 'text'::type}. */
  public List<String> text(byte[] row) {
    var texts = new String[types.length];
    var at = BinaryRow.FIRST_FIELD;
    for (var i = 0; i < types.length; i++) {
      var length = length(row, at);
      at += Integer.BYTES;
      texts[i] = KeyText.of(types[i], row, at, length);
      at += length;
    }
    return List.of(texts);
  }

  /** Offset just behind the key columns: where the first value column's length stands. */
  public int end(byte[] row) {
    var at = BinaryRow.FIRST_FIELD;
    for (var i = 0; i < types.length; i++) {
      at = BinaryRow.nextField(row, at);
    }
    return at;
  }

  private static int length(byte[] row, int at) {
    var length = BinaryRow.int32(row, at);
    if (length < 0) {
      throw new TidemarkException(ErrorCode.KEY_NULLABLE, "a row has a null in a key column");
    }
    return length;
  }
}
