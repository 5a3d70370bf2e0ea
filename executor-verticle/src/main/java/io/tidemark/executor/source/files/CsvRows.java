package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The records of a CSV file, straight from its bytes: a value that needs nothing done to it is only
 * copied. RFC 4180 with the dialect's characters, and strict: a quote stands around a whole value
 * or is doubled, since what else it might mean would be a guess. Lines end with LF or CR LF.
 *
 * <p>A record knows the line and the byte that it begins with, so that a reader can name it and go
 * on exactly there.
 */
final class CsvRows implements TextRows {
  private static final int MORE = -1;

  /** What a byte may end, or ask for. */
  private static final byte ENDS_VALUE = 1;

  private static final byte ENDS_QUOTED = 2;
  private static final byte TO_ESCAPE = 4;

  /** Bytes after which what follows is looked at in words. */
  private static final int LONG_VALUE = 8;

  private static final byte QUOTED = 8;
  private static final byte DOUBLED = 16;

  private final String path;
  private final Window window;
  private final int columns;
  private final byte delimiter;
  private final byte quote;
  private final byte escape;
  private final byte[] nullText;
  private final byte[] kinds;
  private final PlainBytes plain;

  private boolean quarantines;
  private @Nullable String refused;
  private int refusedFrom;
  private long line;
  private long nextLine;
  private int count;
  private int[] from = new int[16];
  private int[] to = new int[16];
  private byte[] flags = new byte[16];

  /**
   * @param path what messages call it
   * @param window in UTF-8, where a record begins
   * @param line of that place, from 1
   * @param columns how many a record should have
   */
  CsvRows(String path, Window window, long line, int columns, char delimiter, CsvDialect dialect) {
    this.path = path;
    this.window = window;
    this.nextLine = line;
    this.columns = columns;
    this.delimiter = (byte) delimiter;
    this.quote = (byte) dialect.quote();
    this.escape = (byte) dialect.escape();
    this.nullText = dialect.nullText().getBytes(StandardCharsets.UTF_8);
    this.kinds = kinds(this.delimiter, this.quote, this.escape);
    this.plain = new PlainBytes(this.delimiter, this.quote);
  }

  private static byte[] kinds(byte delimiter, byte quote, byte escape) {
    var kinds = new byte[256];
    kinds['\t'] |= TO_ESCAPE;
    kinds['\r'] |= TO_ESCAPE;
    kinds['\n'] |= TO_ESCAPE;
    kinds['\\'] |= TO_ESCAPE;
    kinds['\n'] |= ENDS_VALUE;
    kinds[delimiter & 0xff] |= ENDS_VALUE;
    kinds[quote & 0xff] |= ENDS_VALUE | ENDS_QUOTED;
    kinds[escape & 0xff] |= ENDS_QUOTED;
    return kinds;
  }

  /**
   * Goes to the next record. Blank lines are none where there are several columns.
   *
   * @return false where the bytes end after a whole record
   * @throws TidemarkException ROW_MALFORMED, naming the line, where quotes are not as they must be
   */
  @Override
  public boolean next() throws IOException {
    while (true) {
      if (window.empty() && (window.ended || !window.refill() || window.empty())) {
        return false;
      }
      refused = null;
      int end;
      try {
        end = parse();
        while (end == MORE) {
          if (!window.refill()) {
            throw new Broken(
                "a record is longer than %d MB".formatted(Window.MAX_RECORD_BYTES >> 20));
          }
          end = parse();
        }
      } catch (Broken broken) {
        refuse(broken);
        return true;
      }
      window.at = end;
      if (columns == 1 || count > 1 || to[0] > from[0] || (flags[0] & QUOTED) != 0) {
        return true;
      }
    }
  }

  /**
   * The line is a broken record of its own where it holds an even number of quotes: no value that
   * is open at its end could go on in the next. Anything else would be a guess.
   */
  private void refuse(Broken broken) throws IOException {
    if (!quarantines || escape != quote) {
      throw malformed(broken);
    }
    var quotes = 0;
    var at = 0;
    while (true) {
      if (window.at + at == window.limit) {
        if (window.ended) {
          break;
        }
        if (!window.refill()) {
          throw malformed(broken);
        }
        continue; // perhaps nothing came but the end
      }
      var next = window.bytes[window.at + at++];
      quotes += next == quote ? 1 : 0;
      if (next == '\n') {
        break;
      }
    }
    if (quotes % 2 != 0) {
      throw malformed(broken);
    }
    refused = broken.getMessage();
    refusedFrom = window.at;
    window.at += at;
    nextLine = line + 1;
  }

  @Override
  public void quarantine() {
    quarantines = true;
  }

  @Override
  public @Nullable String refused() {
    return refused;
  }

  @Override
  public long offset() {
    return window.offset();
  }

  @Override
  public long nextLine() {
    return nextLine;
  }

  @Override
  public long line() {
    return line;
  }

  /** How many values this record has. */
  int count() {
    return count;
  }

  /** Whether a value is null: as the dialect writes it, and not in quotes. */
  boolean isNull(int value) {
    return to[value] - from[value] == nullText.length
        && (flags[value] & QUOTED) == 0
        && Arrays.equals(window.bytes, from[value], to[value], nullText, 0, nullText.length);
  }

  String text(int value) {
    var text = new byte[to[value] - from[value]];
    var length = 0;
    for (var i = from[value]; i < to[value]; i++) {
      i = unescaped(value, i);
      text[length++] = window.bytes[i];
    }
    return new String(text, 0, length, StandardCharsets.UTF_8);
  }

  /**
   * Appends values to a row, and ends it. A record that has too many or too few goes as it is: the
   * home refuses it, and then it is named, or put in quarantine, like any other that it refuses.
   */
  @Override
  public void append(int[] wanted, CopyText row) {
    if (refused != null) {
      row.escaped(window.bytes, refusedFrom, window.at);
      return;
    }
    if (count == columns) {
      for (var value : wanted) {
        append(value, row);
      }
    } else {
      for (var value = 0; value < count; value++) {
        append(value, row);
      }
      if (count == wanted.length) {
        row.value(null);
      }
    }
    row.endRow();
  }

  private void append(int value, CopyText row) {
    var start = from[value];
    var end = to[value];
    if (isNull(value)) {
      row.value(null);
    } else if ((flags[value] & (TO_ESCAPE | DOUBLED)) == 0) {
      row.plain(window.bytes, start, end - start);
    } else {
      row.begin(end - start);
      for (var i = start; i < end; i++) {
        i = unescaped(value, i);
        row.escape(window.bytes[i]);
      }
    }
  }

  /** An escape before a quote, or before an escape, stands for what follows it. */
  private int unescaped(int value, int i) {
    var bytes = window.bytes;
    return (flags[value] & DOUBLED) != 0
            && bytes[i] == escape
            && i + 1 < to[value]
            && (bytes[i + 1] == quote || bytes[i + 1] == escape)
        ? i + 1
        : i;
  }

  /** Marks the values of the record that begins here; where it ends, or MORE. */
  private int parse() throws Broken {
    var bytes = window.bytes;
    var limit = window.limit;
    var ended = window.ended;
    var i = window.at;
    line = nextLine;
    count = 0;
    var lines = 0;
    while (true) {
      byte flag = 0;
      int start;
      int end;
      if (i < limit && bytes[i] == quote) {
        flag = QUOTED;
        start = ++i;
        while (true) {
          byte kind = 0;
          while (i < limit && ((kind = kinds[bytes[i] & 0xff]) & ENDS_QUOTED) == 0) {
            flag |= kind;
            lines += bytes[i] == '\n' ? 1 : 0;
            i++;
          }
          if (i + 1 >= limit && !ended) {
            return MORE;
          }
          if (i >= limit) {
            throw new Broken("a quote is opened and not closed");
          }
          var next = i + 1 < limit ? bytes[i + 1] : 0;
          if (bytes[i] == escape && i + 1 < limit && (next == quote || next == escape)) {
            // With another escape than the quote, what it escapes may need COPY's own.
            flag |= DOUBLED;
            flag |= (byte) (kinds[next & 0xff] & TO_ESCAPE);
            i += 2;
          } else if (bytes[i] == quote) {
            break;
          } else {
            flag |= (byte) (kind & TO_ESCAPE);
            i++;
          }
        }
        end = i++;
        if (i < limit && bytes[i] == '\r') {
          if (i + 1 >= limit && !ended) {
            return MORE;
          }
          i += i + 1 >= limit || bytes[i + 1] == '\n' ? 1 : 0;
        }
        if (i < limit && bytes[i] != delimiter && bytes[i] != '\n') {
          throw new Broken("something follows a closing quote");
        }
        flag &= QUOTED | DOUBLED | TO_ESCAPE;
      } else {
        start = i;
        byte kind;
        while (i < limit && ((kind = kinds[bytes[i] & 0xff]) & ENDS_VALUE) == 0) {
          flag |= kind;
          i++;
          if (i - start == LONG_VALUE) {
            i = plain.end(window.words, i, limit);
          }
        }
        if (i >= limit && !ended) {
          return MORE;
        }
        if (i < limit && bytes[i] == quote && quote != delimiter) {
          throw new Broken("a quote stands inside a value that does not begin with one");
        }
        end = i;
        if ((i >= limit || bytes[i] == '\n') && end > start && bytes[end - 1] == '\r') {
          end--;
        }
        flag &= TO_ESCAPE;
      }
      mark(start, end, flag);
      if (i >= limit) {
        if (!ended) {
          return MORE;
        }
        nextLine = line + lines;
        return limit;
      }
      if (bytes[i++] == '\n') {
        nextLine = line + lines + 1;
        return i;
      }
    }
  }

  private void mark(int start, int end, byte flag) {
    if (count == from.length) {
      from = Arrays.copyOf(from, count * 2);
      to = Arrays.copyOf(to, count * 2);
      flags = Arrays.copyOf(flags, count * 2);
    }
    from[count] = start;
    to[count] = end;
    flags[count++] = flag;
  }

  private TidemarkException malformed(Broken broken) {
    return new TidemarkException(
        ErrorCode.ROW_MALFORMED, "%s, line %d: %s".formatted(path, line, broken.getMessage()));
  }

  /** Quotes are not as they must be. */
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    Broken(String what) {
      super(what, null, false, false);
    }
  }
}
