package io.tidemark.executor.source.files;

import io.tidemark.executor.source.Connector.WantedColumn;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SplitReader;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a split one after the other. DuckDB writes each row as a line of COPY's text
 * format; a file is looked at again before it is opened and after its last row.
 */
final class ParquetReader implements SplitReader {
  private static final int BATCH_ROWS = 20_000;
  private static final int BATCH_BYTES = 2 << 20;

  private final Duck duck;
  private final Connection connection;
  private final ParquetSql sql;
  private final List<SourceColumn> columns;
  private final FileSplit split;
  private final List<WantedColumn> wanted;
  private final CopyText text = new CopyText();

  private int file;
  private long row;
  private @Nullable Statement statement;
  private @Nullable ResultSet rows;
  private volatile boolean aborted;

  ParquetReader(
      Duck duck,
      ParquetSql sql,
      List<SourceColumn> columns,
      FileSplit split,
      List<WantedColumn> wanted,
      Position position)
      throws SQLException {
    this.duck = duck;
    this.connection = duck.stream();
    this.sql = sql;
    this.columns = columns;
    this.split = split;
    this.wanted = wanted;
    this.file = position.file;
    this.row = position.row;
  }

  /**
   * How far a split is read.
   *
   * @param file number of the file that is read next, or is half read
   * @param row rows of it that are read
   */
  record Position(int file, long row) {
    static final Position START = new Position(0, 0);

    static Position of(String text) {
      var colon = text.indexOf(':');
      return new Position(
          Integer.parseInt(text.substring(0, colon)), Long.parseLong(text.substring(colon + 1)));
    }

    @Override
    public String toString() {
      return file + ":" + row;
    }
  }

  /** Rows of one file within a batch: the first is the batch's row {@code at}. */
  private record Stretch(SourceFile file, int at, long row) {}

  @Override
  public Format format() {
    return Format.TEXT;
  }

  @Override
  public @Nullable RowBatch next() throws SQLException {
    text.clear();
    var count = 0;
    var stretches = new ArrayList<Stretch>();
    while (count < BATCH_ROWS && text.length() < BATCH_BYTES && file < split.files().size()) {
      var from = rows();
      stretches.add(new Stretch(split.files().get(file), count, split.from() + row));
      var before = count;
      var more = true;
      try {
        while (count < BATCH_ROWS && text.length() < BATCH_BYTES && (more = from.next())) {
          text.line(from.getBytes(1));
          count++;
        }
      } catch (SQLException e) {
        throw failed(e);
      }
      row += count - before;
      if (!more) {
        endFile();
      }
    }
    if (count == 0) {
      return null;
    }
    return new RowBatch(
        text.rows(),
        count,
        text.length(),
        new Position(file, row).toString(),
        number -> place(stretches, number));
  }

  @Override
  public void abort() {
    aborted = true;
    var open = statement;
    if (open != null) {
      try {
        open.cancel();
      } catch (SQLException ended) {
        // nothing to wake
      }
    }
  }

  @Override
  public void close() {
    try (connection) {
      closeFile();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private ResultSet rows() throws SQLException {
    if (aborted) {
      throw new SQLException("the split's reader was aborted");
    }
    var open = rows;
    if (open == null) {
      var next = split.files().get(file);
      next.requireUnchanged();
      var asking = connection.createStatement();
      statement = asking;
      try {
        sql.requireColumns(asking, next, columns);
        open = asking.executeQuery(query(next));
      } catch (SQLException e) {
        throw failed(e);
      }
      rows = open;
    }
    return open;
  }

  /** Lines as bytes: DuckDB hands those over in a sixth of the time that it takes for texts. */
  private String query(SourceFile from) {
    var values = new ArrayList<String>();
    var fields = new ArrayList<String>();
    for (var column : wanted) {
      var name = "v" + values.size();
      values.add(sql.value(column) + " AS " + name);
      fields.add("coalesce(" + escaped(name) + ", '\\N')");
    }
    return "SELECT encode(concat_ws(chr(9), %s)) AS line FROM (SELECT %s FROM %s%s%s)"
        .formatted(
            String.join(", ", fields),
            String.join(", ", values),
            sql.from(from),
            sql.range(split.from(), split.to()),
            row == 0 ? "" : " OFFSET " + row);
  }

  /** As COPY's text format wants it; few values hold anything to escape. */
  private static String escaped(String value) {
    return """
           CASE WHEN contains(%1$s, '\\') OR contains(%1$s, chr(9)) OR contains(%1$s, chr(10))
                  OR contains(%1$s, chr(13))
                THEN replace(replace(replace(replace(%1$s, '\\', '\\\\'), chr(9), '\\t'), chr(10), '\\n'),
                             chr(13), '\\r')
                ELSE %1$s END
           """
        .formatted(value);
  }

  private SQLException failed(SQLException error) {
    if (aborted) {
      return error;
    }
    var reading = split.files().get(file);
    reading.requireUnchanged();
    throw Duck.explained(cause(error, reading), List.of(reading));
  }

  /** Reads on once more, without the rows: DuckDB keeps the errors of streams to itself. */
  private SQLException cause(SQLException error, SourceFile reading) {
    try (var again = duck.ask();
        var asking = again.createStatement()) {
      asking.execute("SELECT max(octet_length(line)) FROM (" + query(reading) + ")");
      return error;
    } catch (SQLException cause) {
      return cause;
    }
  }

  private void endFile() throws SQLException {
    closeFile();
    split.files().get(file).requireUnchanged();
    file++;
    row = 0;
  }

  private void closeFile() throws SQLException {
    var open = rows;
    var asked = statement;
    rows = null;
    statement = null;
    // Both, also where one fails.
    try (asked;
        open) {
      // nothing else
    }
  }

  private String place(List<Stretch> stretches, int number) {
    var in =
        stretches.reversed().stream()
            .filter(stretch -> stretch.at <= number)
            .findFirst()
            .orElseThrow();
    return sql.place(in.file, in.row + number - in.at);
  }
}
