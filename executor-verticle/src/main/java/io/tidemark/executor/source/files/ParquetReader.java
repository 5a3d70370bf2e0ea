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
 * Reads the files of a split one after the other, by as few queries as there are kinds of them: to
 * plan one takes longer than to read a small file. DuckDB writes each row as a line of COPY's text
 * format; a file is looked at again before it is opened and after its last row.
 */
final class ParquetReader implements SplitReader {
  private static final int BATCH_ROWS = 20_000;
  private static final int BATCH_BYTES = 2 << 20;

  private static final int LINE = 1;

  /** Number of a row's file among those that are read together. */
  private static final int FILE = 2;

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
  private @Nullable Reading reading;
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

  /** Files that are read by one query, the first of which is the split's file {@code first}. */
  private record Reading(List<SourceFile> files, int first, ResultSet rows)
      implements AutoCloseable {
    boolean isOfSeveral() {
      return files.size() > 1;
    }

    @Override
    public void close() throws SQLException {
      rows.close();
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
      var from = reading();
      stretches.add(new Stretch(split.files().get(file), count, split.from() + row));
      var more = true;
      try {
        while (count < BATCH_ROWS && text.length() < BATCH_BYTES && (more = from.rows.next())) {
          var of = from.isOfSeveral() ? from.first + from.rows.getInt(FILE) : file;
          if (of != file) {
            endFiles(of);
            stretches.add(new Stretch(split.files().get(file), count, 0));
          }
          text.line(from.rows.getBytes(LINE));
          count++;
          row++;
        }
      } catch (SQLException e) {
        throw failed(e, from.files.subList(file - from.first, from.files.size()));
      }
      if (!more) {
        closeFiles();
        endFiles(from.first + from.files.size());
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
      closeFiles();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private Reading reading() throws SQLException {
    if (aborted) {
      throw new SQLException("the split's reader was aborted");
    }
    var open = reading;
    if (open == null) {
      var alike = alike(split.files().subList(file, split.files().size()));
      var asking = connection.createStatement();
      statement = asking;
      try {
        open = new Reading(alike, file, asking.executeQuery(query(alike)));
      } catch (SQLException e) {
        throw failed(e, alike);
      }
      reading = open;
    }
    return open;
  }

  /** Those to read next, which have the columns that they must have. */
  private List<SourceFile> alike(List<SourceFile> left) throws SQLException {
    left.forEach(SourceFile::requireUnchanged);
    try (var asked = duck.ask();
        var asking = asked.createStatement()) {
      sql.requireColumns(asking, left.getFirst(), columns);
      return sql.alike(asking, left);
    } catch (SQLException e) {
      throw Duck.explained(e, left);
    }
  }

  /** Lines as bytes: DuckDB hands those over in a sixth of the time that it takes for texts. */
  private String query(List<SourceFile> from) {
    var values = new ArrayList<String>();
    var fields = new ArrayList<String>();
    for (var column : wanted) {
      var name = "v" + values.size();
      values.add(sql.value(column) + " AS " + name);
      fields.add("coalesce(" + (sql.mayNeedEscapes(column) ? escaped(name) : name) + ", '\\N')");
    }
    var number = from.size() == 1 ? "" : ", " + ParquetSql.FILE;
    return "SELECT encode(concat_ws(chr(9), %s)) AS line%s FROM (SELECT %s%s FROM %s%s%s)"
        .formatted(
            String.join(", ", fields),
            number,
            String.join(", ", values),
            number,
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

  private SQLException failed(SQLException error, List<SourceFile> files) {
    if (aborted) {
      return error;
    }
    files.forEach(SourceFile::requireUnchanged);
    throw Duck.explained(cause(error, files), files);
  }

  /** Reads on once more, without the rows: DuckDB keeps the errors of streams to itself. */
  private SQLException cause(SQLException error, List<SourceFile> files) {
    try (var again = duck.ask();
        var asking = again.createStatement()) {
      asking.execute("SELECT max(octet_length(line)) FROM (" + query(files) + ")");
      return error;
    } catch (SQLException cause) {
      return cause;
    }
  }

  /** All rows of the files before this one are read. */
  private void endFiles(int next) {
    split.files().subList(file, next).forEach(SourceFile::requireUnchanged);
    file = next;
    row = 0;
  }

  private void closeFiles() throws SQLException {
    var open = reading;
    var asked = statement;
    reading = null;
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
