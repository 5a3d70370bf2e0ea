package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * What DuckDB does not tell of a CSV file: its header as it is written, and in which line a record
 * begins. Lines end with LF or CR LF, also inside quotes, where they end no record. Blank lines
 * hold no record where there is more than one column.
 */
final class CsvRecords {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String path;
  private final char delimiter;
  private final CsvDialect dialect;

  CsvRecords(String path, char delimiter, CsvDialect dialect) {
    this.path = path;
    this.delimiter = delimiter;
    this.dialect = dialect;
  }

  /** The values of the first record; none where the file is empty. */
  List<String> first() {
    try (var reader = open()) {
      var scan = new Scan(reader);
      scan.record();
      return scan.values;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** The line, from 1, in which the record with this number, from 0, begins. */
  long line(long record) {
    try (var reader = open()) {
      var scan = new Scan(reader);
      for (var i = 0L; i <= record && scan.record(); i++) {
        // the last one read is the one asked for
      }
      return scan.begins;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private Reader open() throws IOException {
    var bytes = Files.newInputStream(Path.of(path));
    var plain = path.endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
    return new BufferedReader(
        new InputStreamReader(plain, Charset.forName(dialect.encoding().charset())));
  }

  private TidemarkException unreadable(IOException cause) {
    return new TidemarkException(
        ErrorCode.SOURCE_FAILED, path + " cannot be read: " + cause, cause);
  }

  /** One pass over the file. */
  private final class Scan {
    private final Reader reader;
    private final StringBuilder value = new StringBuilder();
    private List<String> values = new ArrayList<>();
    private long line = 1;
    private long begins;

    Scan(Reader reader) throws IOException {
      this.reader = reader;
      reader.mark(1);
      if (reader.read() != BYTE_ORDER_MARK) {
        reader.reset();
      }
    }

    /** Reads the next record that is not a blank line; false at the end. */
    boolean record() throws IOException {
      while (true) {
        begins = line;
        values = new ArrayList<>();
        var more = values();
        var blank = values.size() == 1 && values.getFirst().isEmpty();
        if (!blank || !more) {
          if (!more && blank) {
            values = new ArrayList<>();
          }
          return more || !values.isEmpty();
        }
      }
    }

    /** False where the file ended with it. */
    private boolean values() throws IOException {
      var quoted = false;
      value.setLength(0);
      while (true) {
        var c = reader.read();
        if (c == '\n') {
          line++;
        }
        if (c < 0 || (!quoted && c == '\n')) {
          endValue();
          return c >= 0;
        }
        if (quoted && c == dialect.escape() && dialect.escape() != dialect.quote()) {
          var next = reader.read();
          value.append((char) next);
        } else if (c == dialect.quote()) {
          if (quoted && peek() == dialect.quote()) {
            value.append((char) reader.read());
          } else {
            quoted = !quoted;
          }
        } else if (!quoted && c == delimiter) {
          endValue();
        } else {
          value.append((char) c);
        }
      }
    }

    private int peek() throws IOException {
      reader.mark(1);
      var next = reader.read();
      reader.reset();
      return next;
    }

    private void endValue() {
      var end = value.length();
      if (end > 0 && value.charAt(end - 1) == '\r') {
        value.setLength(end - 1);
      }
      values.add(value.toString());
      value.setLength(0);
    }
  }
}
