package io.tidemark.executor.merge;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.plan.KeyType;
import java.util.Arrays;
import java.util.List;

/**
 * Orders rows by their leading key columns as Postgres does, on the binary form: integers, dates
 * and timestamps as signed numbers, uuid, bytea and text "C" as unsigned bytes. A key is a row cut
 * off behind its key columns.
 */
public final class KeyOrder {
  private final KeyType[] types;

  public KeyOrder(List<KeyType> types) {
    this.types = types.toArray(KeyType[]::new);
  }

  /**
   * Compares the rows at hand by key.
   *
   * @throws TidemarkException KEY_NULLABLE where a key column is null
   */
  int compare(Rows a, Rows b) {
    return compare(a.bytes(), a.from(), b.bytes(), b.from());
  }

  /** Likewise, with a key that was kept. */
  int compare(byte[] key, Rows rows) {
    return compare(key, 0, rows.bytes(), rows.from());
  }

  /** The key of the row at hand, to be kept. */
  byte[] key(Rows rows) {
    var end = rows.from() + BinaryRow.FIRST_FIELD;
    for (var i = 0; i < types.length; i++) {
      end = BinaryRow.nextField(rows.bytes(), end);
    }
    return Arrays.copyOfRange(rows.bytes(), rows.from(), end);
  }

  /** The key as text by key column, valid in SQL as {@code 'text'::type}. */
  List<String> text(byte[] key) {
    var texts = new String[types.length];
    var at = BinaryRow.FIRST_FIELD;
    for (var i = 0; i < types.length; i++) {
      var length = length(key, at);
      at += Integer.BYTES;
      texts[i] = KeyText.of(types[i], key, at, length);
      at += length;
    }
    return List.of(texts);
  }

  /** The key of the row at hand as text. */
  List<String> text(Rows rows) {
    return text(key(rows));
  }

  private int compare(byte[] a, int rowA, byte[] b, int rowB) {
    var atA = rowA + BinaryRow.FIRST_FIELD;
    var atB = rowB + BinaryRow.FIRST_FIELD;
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
            case HOME_ORDERED -> throw new IllegalStateException("only the home compares it");
          };
      if (order != 0) {
        return order;
      }
      atA += lengthA;
      atB += lengthB;
    }
    return 0;
  }

  private static int length(byte[] row, int at) {
    var length = BinaryRow.int32(row, at);
    if (length < 0) {
      throw new TidemarkException(ErrorCode.KEY_NULLABLE, "a row has a null in a key column");
    }
    return length;
  }
}
