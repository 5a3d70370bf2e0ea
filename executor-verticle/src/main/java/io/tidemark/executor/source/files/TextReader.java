package io.tidemark.executor.source.files;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SplitReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the text files of a split one after the other. A file is looked at again before it is
 * opened, with each batch, and after its last row.
 */
final class TextReader implements SplitReader {
  private static final int BATCH_ROWS = 20_000;
  private static final int BATCH_BYTES = 2 << 20;

  private final TextFormat form;
  private final FileSplit split;
  private final int[] wanted;
  private final boolean quarantines;
  private final CopyText text = new CopyText();
  private final long[] lines = new long[BATCH_ROWS];

  private int file;
  private long offset;
  private long line;
  private long counted;
  private volatile @Nullable FileBytes bytes;
  private @Nullable TextRows rows;
  private volatile boolean aborted;

  /**
   * @param wanted numbers of the version's columns
   * @param quarantines records that are broken are handed on as such
   */
  TextReader(
      TextFormat form, FileSplit split, int[] wanted, boolean quarantines, Position position) {
    this.form = form;
    this.split = split;
    this.wanted = wanted;
    this.quarantines = quarantines;
    this.file = position.file;
    this.offset = position.offset;
    this.line = position.line;
  }

  /**
   * How far a split is read.
   *
   * @param file number of the file that is read next, or is half read
   * @param offset where in it the next record begins
   * @param line likewise; 0: where the split begins in it
   */
  record Position(int file, long offset, long line) {
    static final Position START = new Position(0, 0, 0);

    static Position of(String text) {
      var parts = text.split(":", -1);
      return new Position(
          Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    @Override
    public String toString() {
      return file + ":" + offset + ":" + line;
    }
  }

  /** From this row of a batch on, rows are of this file. */
  private record Stretch(int row, String path) {}

  @Override
  public Format format() {
    return Format.TEXT;
  }

  @Override
  public @Nullable RowBatch next() throws SQLException {
    text.clear();
    var count = 0;
    var read = 0L;
    var stretches = new ArrayList<Stretch>();
    var refused = new TreeMap<Integer, String>();
    while (count < BATCH_ROWS && text.length() < BATCH_BYTES && file < split.files().size()) {
      var path = split.files().get(file).path();
      try {
        var from = rows();
        stretches.add(new Stretch(count, path));
        var more = true;
        while (count < BATCH_ROWS && text.length() < BATCH_BYTES && (more = from.next())) {
          var reason = from.refused();
          if (reason != null) {
            refused.put(count, reason);
          }
          lines[count++] = from.line();
          from.append(wanted, text);
        }
        offset = from.offset();
        line = from.nextLine();
        read += newlyRead();
        split.files().get(file).requireUnchanged();
        if (!more) {
          closeFile();
          file++;
          offset = 0;
          line = 0;
        }
      } catch (IOException e) {
        throw failed(path, e);
      } catch (TidemarkException e) {
        split.files().get(file).requireUnchanged();
        throw e;
      }
    }
    return count == 0
        ? null
        : new RowBatch(
            text.rows(),
            count,
            read,
            new Position(file, offset, line).toString(),
            row -> place(stretches, row),
            refused);
  }

  @Override
  public void abort() {
    aborted = true;
    var open = bytes;
    if (open != null) {
      try {
        open.abort();
      } catch (IOException ended) {
        // nothing reads it any more
      }
    }
  }

  @Override
  public void close() {
    try {
      closeFile();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private TextRows rows() throws IOException, SQLException {
    if (aborted) {
      throw aborted();
    }
    var open = rows;
    if (open == null) {
      var next = split.files().get(file);
      next.requireUnchanged();
      var begins = line == 0;
      var from = begins ? split.from() : offset;
      var input = FileBytes.open(next.path(), form.charset(), from, split.to());
      bytes = input;
      counted = 0;
      var window = new Window(input, Math.max(from, input.begins()), next.size());
      open =
          form.rows(
              next, window, begins ? Math.max(1, split.line()) : line, begins && split.from() == 0);
      if (quarantines) {
        open.quarantine();
      }
      rows = open;
    }
    return open;
  }

  private long newlyRead() {
    var open = bytes;
    if (open == null) {
      return 0;
    }
    var before = counted;
    counted = open.consumed();
    return counted - before;
  }

  private void closeFile() throws IOException {
    rows = null;
    var open = bytes;
    bytes = null;
    if (open != null) {
      open.close();
    }
  }

  private String place(List<Stretch> stretches, int row) {
    var in = stretches.stream().filter(it -> it.row <= row).reduce((a, b) -> b).orElseThrow();
    return in.path + ", line " + lines[row];
  }

  private SQLException aborted() {
    return new SQLException("the reading of " + split.files().getFirst().path() + " was aborted");
  }

  /** A file that is not what it was explains any error. */
  private SQLException failed(String path, IOException error) {
    if (aborted) {
      return aborted();
    }
    split.files().get(file).requireUnchanged();
    throw explained(path, rows == null ? 1 : rows.nextLine(), error);
  }

  /**
   * What an error means.
   *
   * @param line where the record begins that could not be read
   */
  static TidemarkException explained(String path, long line, IOException error) {
    return switch (error) {
      case CharacterCodingException e ->
          new TidemarkException(
              ErrorCode.ROW_MALFORMED,
              "%s, line %d: bytes that are not in the file's encoding".formatted(path, line),
              e);
      case EOFException e ->
          new TidemarkException(
              ErrorCode.SOURCE_FAILED, path + " ends in the middle of what is compressed", e);
      case ZipException e ->
          new TidemarkException(
              ErrorCode.SOURCE_FAILED, path + " cannot be unpacked: " + e.getMessage(), e);
      default ->
          new TidemarkException(ErrorCode.SOURCE_FAILED, path + " cannot be read: " + error, error);
    };
  }
}
