package io.tidemark.executor.staging;

import io.tidemark.executor.plan.RefreshPlan;
import io.tidemark.executor.plan.StagedPlan.Comparison;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Rows of COPY's text format once more in its binary format, which the home reads a third quicker.
 * Only of integers and texts, whose text has but one reading; whatever else it meets, down to a
 * blank before a number, it leaves to the home.
 */
final class BinaryRows {
  /** Larger batches, of few and long rows, gain nothing. */
  private static final int MAX_BATCH_BYTES = 4 << 20;

  private static final int FIRST_CAPACITY = 1 << 20;
  private static final int LONGEST_NUMBER = 19;
  private static final int NULL = -1;

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH = 0x8080808080808080L;
  private static final long TABS = ONES * '\t';
  private static final long LINE_ENDS = ONES * '\n';
  private static final long BACKSLASHES = ONES * '\\';

  private final Form[] forms;

  private byte[] out = {};
  private ByteBuffer numbers = ByteBuffer.wrap(out);
  private int length;

  /** Whether the value that was looked at last has a backslash in it. */
  private boolean escaped;

  private BinaryRows(Form[] forms) {
    this.forms = forms;
  }

  private enum Form {
    INT2(Short.BYTES, Short.MIN_VALUE, Short.MAX_VALUE),
    INT4(Integer.BYTES, Integer.MIN_VALUE, Integer.MAX_VALUE),
    INT8(Long.BYTES, Long.MIN_VALUE, Long.MAX_VALUE),
    TEXT(0, 0, 0);

    private final int bytes;
    private final long least;
    private final long most;

    Form(int bytes, long least, long most) {
      this.bytes = bytes;
      this.least = least;
      this.most = most;
    }

    /** By a type's OID: of domains the base type's. */
    static Optional<Form> of(int oid) {
      return Optional.ofNullable(
          switch (oid) {
            case 21 -> INT2;
            case 23 -> INT4;
            case 20 -> INT8;
            case 25, 1042, 1043 -> TEXT; // text, char(n), varchar(n)
            default -> null;
          });
    }
  }

  /** Empty where a column is of another type. */
  static Optional<BinaryRows> of(RefreshPlan plan) {
    var compare = plan.staged().orElseThrow().compare();
    var forms =
        IntStream.range(0, plan.columns().size())
            // What is compared as text only travels as one: its type is another.
            .filter(i -> compare.get(i) != Comparison.TEXT)
            .mapToObj(i -> Form.of(plan.columns().get(i).wireOid()))
            .flatMap(Optional::stream)
            .toArray(Form[]::new);
    return forms.length == plan.columns().size() && forms.length <= Short.MAX_VALUE
        ? Optional.of(new BinaryRows(forms))
        : Optional.empty();
  }

  /** What was written last, without header and trailer. */
  byte[] bytes() {
    return out;
  }

  int length() {
    return length;
  }

  /**
   * Writes rows, in place of those before.
   *
   * @return false: only the home can read all of these values, or say what is wrong with one
   */
  boolean write(byte[] text, int start, int end, int rows) {
    if (end - start > MAX_BATCH_BYTES) {
      return false;
    }
    length = 0;
    var words = ByteBuffer.wrap(text).order(ByteOrder.nativeOrder());
    var i = start;
    for (var row = 0; row < rows; row++) {
      reserve(Short.BYTES);
      numbers.putShort(length, (short) forms.length);
      length += Short.BYTES;
      for (var column = 0; column < forms.length; column++) {
        var stop = valueEnd(forms[column], text, words, i, end);
        if (stop < 0 || text[stop] != (column == forms.length - 1 ? '\n' : '\t')) {
          return false;
        }
        if (!value(forms[column], text, i, stop)) {
          return false;
        }
        i = stop + 1;
      }
    }
    return i == end;
  }

  /**
   * Where a value ends: at a tab or a line's end that no backslash stands before; negative: not.
   */
  private int valueEnd(Form form, byte[] text, ByteBuffer words, int from, int end) {
    var i = from;
    escaped = false;
    while (i < end) {
      // Numbers are short.
      while (form == Form.TEXT && i + Long.BYTES <= end && plain(words.getLong(i))) {
        i += Long.BYTES;
      }
      // In a word that is not plain, and in the last few bytes.
      for (var near = Math.min(end, i + Long.BYTES); i < near; i++) {
        var b = text[i];
        if (b == '\t' || b == '\n') {
          return i;
        }
        if (b == '\\') {
          escaped = true;
          i++;
        }
      }
    }
    return -1;
  }

  private static boolean plain(long word) {
    return ((zero(word ^ TABS) | zero(word ^ LINE_ENDS) | zero(word ^ BACKSLASHES)) & HIGH) == 0;
  }

  /** Its high bits: of a byte that is zero, and perhaps of one behind it. */
  private static long zero(long word) {
    return (word - ONES) & ~word;
  }

  private boolean value(Form form, byte[] text, int from, int to) {
    if (escaped && to - from == 2 && text[from + 1] == 'N') {
      reserve(Integer.BYTES);
      numbers.putInt(length, NULL);
      length += Integer.BYTES;
      return true;
    }
    return form == Form.TEXT ? text(text, from, to) : number(form, text, from, to);
  }

  private boolean number(Form form, byte[] text, int from, int to) {
    var negative = from < to && text[from] == '-';
    var digit = negative ? from + 1 : from;
    // 18 digits are always a long; more are few, and the home's.
    if (digit == to || to - digit >= LONGEST_NUMBER) {
      return false;
    }
    var number = 0L;
    for (; digit < to; digit++) {
      if (text[digit] < '0' || text[digit] > '9') {
        return false;
      }
      number = 10 * number + text[digit] - '0';
    }
    number = negative ? -number : number;
    if (number < form.least || number > form.most) {
      return false;
    }
    reserve(Integer.BYTES + form.bytes);
    numbers.putInt(length, form.bytes);
    length += Integer.BYTES;
    switch (form) {
      case INT2 -> numbers.putShort(length, (short) number);
      case INT4 -> numbers.putInt(length, (int) number);
      case INT8 -> numbers.putLong(length, number);
      case TEXT -> throw new IllegalArgumentException("a text is no number");
    }
    length += form.bytes;
    return true;
  }

  private boolean text(byte[] text, int from, int to) {
    reserve(Integer.BYTES + to - from);
    var start = length + Integer.BYTES;
    var at = start;
    if (escaped) {
      for (var i = from; i < to; i++) {
        var b = text[i];
        if (b == '\\') {
          i++;
          b = i < to ? unescaped(text[i]) : 0;
          if (b == 0) {
            return false;
          }
        }
        out[at++] = b;
      }
    } else {
      System.arraycopy(text, from, out, at, to - from);
      at += to - from;
    }
    numbers.putInt(length, at - start);
    length = at;
    return true;
  }

  /** 0: an escape that connectors do not write. */
  private static byte unescaped(byte letter) {
    return switch (letter) {
      case '\\' -> '\\';
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      default -> 0;
    };
  }

  private void reserve(int more) {
    if (out.length - length < more) {
      out = Arrays.copyOf(out, Math.max(FIRST_CAPACITY, Math.max(out.length * 2, length + more)));
      numbers = ByteBuffer.wrap(out);
    }
  }
}
