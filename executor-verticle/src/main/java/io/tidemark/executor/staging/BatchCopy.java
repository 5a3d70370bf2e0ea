package io.tidemark.executor.staging;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.SqlName;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader.Format;
import io.tidemark.executor.staging.StagingTable.Appended;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;

/**
 * Copies one batch, in binary where that can be. A row that the home cannot read ends the COPY;
 * where it may go to quarantine, the rows before it go in again, and then the rows after it. So
 * each row is sent twice at most.
 */
final class BatchCopy {
  private static final byte[] BINARY_HEADER = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };
  private static final byte[] BINARY_END = {(byte) 0xff, (byte) 0xff};

  private final Connection home;
  private final Quarantine quarantine;
  private final Into into;
  private final Split split;
  private final Format format;
  private final Optional<BinaryRows> binary;

  /**
   * Copies nothing yet.
   *
   * @param binary writes what is given as text in binary; empty: not of these columns
   */
  BatchCopy(
      Connection home,
      Quarantine quarantine,
      Into into,
      Split split,
      Format format,
      Optional<BinaryRows> binary) {
    this.home = home;
    this.quarantine = quarantine;
    this.into = into;
    this.split = split;
    this.format = format;
    this.binary = format == Format.TEXT ? binary : Optional.empty();
  }

  /**
   * Where rows go.
   *
   * @param table quoted, schema-qualified
   * @param columns unquoted, in the order of a row's values
   */
  record Into(String table, List<String> columns) {}

  Appended append(RowBatch batch) throws SQLException {
    var rows = new BatchRows(format, batch);
    if (batch.refused().isEmpty() && appendedInBinary(rows)) {
      return new Appended(batch.rows(), 0);
    }
    var from = 0;
    var done = new Appended(0, 0);
    for (var refused : batch.refused().entrySet()) {
      int number = refused.getKey();
      done = done.plus(append(rows, from, number)).plus(refuse(rows, number, refused.getValue()));
      from = number + 1;
    }
    return done.plus(append(rows, from, batch.rows()));
  }

  /** Puts a row that the source could not read into quarantine. */
  private Appended refuse(BatchRows rows, int number, String reason) throws SQLException {
    var row = new BadRow(number, rows.place(number), Optional.empty(), reason, rows.text(number));
    if (!quarantine.open()) {
      throw new TidemarkException(ErrorCode.ROW_MALFORMED, row.words());
    }
    quarantine.add(home, split.number(), row);
    return new Appended(0, 1);
  }

  private Appended append(BatchRows rows, int first, int end) throws SQLException {
    if (!quarantine.open()) {
      try {
        return new Appended(copy(rows, first, end), 0);
      } catch (SQLException e) {
        throw malformed(e, rows, first);
      }
    }
    var from = first;
    var appended = 0L;
    var quarantined = 0L;
    while (from < end) {
      var savepoint = home.setSavepoint();
      try {
        appended += copy(rows, from, end);
        from = end;
        home.releaseSavepoint(savepoint);
      } catch (SQLException e) {
        var row = BadRow.of(e, rows, from, into.columns());
        if (row.isEmpty()) {
          throw e;
        }
        home.rollback(savepoint);
        var bad = row.get().number();
        appended += bad > from ? copy(rows, from, bad) : 0;
        quarantine.add(home, split.number(), row.get());
        quarantined++;
        from = bad + 1;
      }
    }
    return new Appended(appended, quarantined);
  }

  /**
   * False: nothing was appended. Which row is wrong, and how it was written, its text will tell.
   */
  private boolean appendedInBinary(BatchRows rows) throws SQLException {
    var from = rows.offset(0);
    if (binary.isEmpty()
        || !binary.get().write(rows.array(), from, rows.offset(rows.count()), rows.count())) {
      return false;
    }
    var savepoint = home.setSavepoint();
    try {
      send(Format.BINARY, binary.get().bytes(), 0, binary.get().length());
    } catch (SQLException e) {
      if (!BadRow.ofARow(e.getSQLState())) {
        throw e;
      }
      home.rollback(savepoint);
      return false;
    }
    home.releaseSavepoint(savepoint);
    return true;
  }

  private RuntimeException malformed(SQLException error, BatchRows rows, int from)
      throws SQLException {
    var row = BadRow.of(error, rows, from, into.columns());
    if (row.isEmpty()) {
      throw error;
    }
    return row.get().malformed(error);
  }

  private long copy(BatchRows rows, int from, int to) throws SQLException {
    var start = rows.offset(from);
    return send(format, rows.array(), start, rows.offset(to) - start);
  }

  private long send(Format as, byte[] bytes, int start, int length) throws SQLException {
    var copy =
        home.unwrap(PGConnection.class)
            .getCopyAPI()
            .copyIn(
                "COPY %s (%s) FROM STDIN (FORMAT %s)"
                    .formatted(
                        into.table(),
                        into.columns().stream()
                            .map(SqlName::quote)
                            .collect(Collectors.joining(", ")),
                        as == Format.TEXT ? "text" : "binary"));
    try {
      if (as == Format.BINARY) {
        copy.writeToCopy(BINARY_HEADER, 0, BINARY_HEADER.length);
      }
      copy.writeToCopy(bytes, start, length);
      if (as == Format.BINARY) {
        copy.writeToCopy(BINARY_END, 0, BINARY_END.length);
      }
      return copy.endCopy();
    } finally {
      if (copy.isActive()) {
        copy.cancelCopy();
      }
    }
  }
}
