package io.tidemark.executor.source.jdbc;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Streams one SELECT. */
final class JdbcSplitReader implements SplitReader {
  private static final int MAX_BATCH_BYTES = 1 << 20;
  private static final int MAX_BATCH_ROWS = 20_000;
  private static final int MAX_FETCH_SIZE = 1_000;

  /** What a driver may hold for one reader, where the columns' widths are what they may be. */
  private static final int MAX_FETCHED_CHARACTERS = 8 << 20;

  /** As wide a column of unbounded width is taken to be. */
  private static final int WIDE_COLUMN_CHARACTERS = 1 << 20;

  private final JdbcSession session;
  private final Connection connection;
  private final SplitQuery query;
  private final Split split;
  private final Consumer<JdbcSplitReader> onClose;
  private final PreparedStatement statement;
  private final CopyText text = new CopyText();
  private final @Nullable MessageDigest digest;
  private @Nullable ResultSet result;
  private Optional<Position> goOn;
  private long rowsRead;
  private boolean hasEnded;
  private volatile boolean isAborted;

  /**
   * Asks for nothing yet.
   *
   * @param connection closed with the reader
   */
  JdbcSplitReader(
      JdbcSession session,
      Connection connection,
      SplitQuery query,
      Split split,
      Optional<Integer> fetchSize,
      Optional<Position> position,
      Consumer<JdbcSplitReader> onClose)
      throws SQLException {
    this.session = session;
    this.connection = connection;
    this.query = query;
    this.split = split;
    this.goOn = position;
    this.onClose = onClose;
    this.digest = query.key().isEmpty() ? sha256() : null;
    var after = position.flatMap(Position::after);
    if (after.isPresent() && after.get().size() != query.key().size()) {
      throw JdbcConnector.changed("it has another primary key");
    }
    this.statement =
        session.streaming(
            connection, query.sql(after), fetchSize.orElseGet(() -> fetchSize(query)));
    query.bind(statement, after);
  }

  private static int fetchSize(SplitQuery query) {
    var rows = MAX_FETCHED_CHARACTERS / Math.max(1, query.width(WIDE_COLUMN_CHARACTERS));
    return Math.clamp(rows, 1, MAX_FETCH_SIZE);
  }

  @Override
  public Format format() {
    return Format.TEXT;
  }

  @Override
  public @Nullable RowBatch next() throws SQLException {
    if (hasEnded) {
      return null;
    }
    try {
      var rows = rows();
      if (isAborted) {
        throw new SQLException("the read was aborted", "08006");
      }
      return batch(rows);
    } catch (SQLException e) {
      if (isAborted) {
        throw new SQLException("the read was aborted", "08006", e);
      }
      throw session.failure().working(connection, split.name() + " cannot be read", e);
    }
  }

  private ResultSet rows() throws SQLException {
    var open = result;
    if (open == null) {
      open = statement.executeQuery();
      result = open;
      var position = goOn;
      if (position.isPresent()) {
        rowsRead = position.get().rows();
        if (position.get().hash().isPresent()) {
          skip(open, rowsRead, position.get().hash().get());
        }
      }
    }
    return open;
  }

  /**
   * Without a key, rows that are safe come again. They are skipped only where they are the same
   * ones, in the same order: else a row might be lost, and its like in the target deleted.
   */
  private void skip(ResultSet rows, long count, String hash) throws SQLException {
    for (long row = 0; row < count; row++) {
      if (!rows.next()) {
        throw JdbcConnector.changed("rows that were read are gone");
      }
      text.clear();
      append(rows);
      update();
    }
    if (!hash.equals(hashSoFar())) {
      throw JdbcConnector.changed("rows that were read come no more, or in another order");
    }
  }

  private @Nullable RowBatch batch(ResultSet rows) throws SQLException {
    text.clear();
    var keys = new ArrayList<List<String>>();
    var count = 0;
    while (count < MAX_BATCH_ROWS && text.length() < MAX_BATCH_BYTES) {
      if (!rows.next()) {
        hasEnded = true;
        break;
      }
      append(rows);
      if (!query.key().isEmpty()) {
        keys.add(key(rows));
      }
      count++;
    }
    if (count == 0) {
      return null;
    }
    update();
    var first = rowsRead;
    rowsRead += count;
    var position =
        keys.isEmpty()
            ? new Position(Optional.empty(), rowsRead, Optional.of(hashSoFar()))
            : new Position(Optional.of(keys.getLast()), rowsRead, Optional.empty());
    return new RowBatch(
        text.rows(), count, text.length(), position.json(), place(List.copyOf(keys), first));
  }

  private void append(ResultSet rows) throws SQLException {
    var readings = query.readings();
    for (var column = 0; column < readings.size(); column++) {
      var value = readings.get(column).rendering().render(rows, column + 1);
      if (value != null && !isWhole(value)) {
        throw new TidemarkException(
            ErrorCode.ROW_MALFORMED,
            place(query.key().isEmpty() ? List.of() : List.of(key(rows)), rowsRead).apply(0)
                + ": a text holds half of a character (an unpaired surrogate)");
      }
      text.value(value);
    }
    text.endRow();
  }

  private List<String> key(ResultSet rows) throws SQLException {
    var key = new ArrayList<String>();
    for (var column = 0; column < query.key().size(); column++) {
      var value =
          query
              .keyReadings()
              .get(column)
              .rendering()
              .render(rows, query.readings().size() + column + 1);
      if (value == null) {
        throw new TidemarkException(
            ErrorCode.SOURCE_KEY_NULL,
            split.name() + ": the primary key's " + query.key().get(column).name() + " is null");
      }
      key.add(value);
    }
    return key;
  }

  private IntFunction<String> place(List<List<String>> keys, long first) {
    var names = query.key().stream().map(JdbcColumn::shown).toList();
    return row -> {
      var where = query.relation().name() + ", ";
      if (keys.isEmpty()) {
        return where + "row " + (first + row + 1) + " of " + split.name();
      }
      var shown = new ArrayList<String>();
      for (var column = 0; column < names.size(); column++) {
        shown.add(names.get(column) + " " + keys.get(row).get(column));
      }
      return where + String.join(", ", shown);
    };
  }

  /** Whether UTF-8 can hold it: Java would write a question mark for half a character. */
  private static boolean isWhole(String value) {
    for (var i = 0; i < value.length(); i++) {
      if (Character.isSurrogate(value.charAt(i))) {
        if (i + 1 == value.length()
            || !Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1))) {
          return false;
        }
        i++;
      }
    }
    return true;
  }

  private void update() {
    if (digest != null) {
      digest.update(text.rows());
    }
  }

  private String hashSoFar() {
    if (digest == null) {
      return "";
    }
    try {
      return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Drivers may wait for the network themselves: never the caller. */
  @Override
  public void abort() {
    isAborted = true;
    Thread.ofVirtual().start(this::breakOff);
  }

  private void breakOff() {
    try {
      connection.abort(Runnable::run);
      // Some drivers do not abort; theirs cancel.
      if (!connection.isClosed()) {
        statement.cancel();
      }
    } catch (SQLException | RuntimeException broken) {
      // It is broken already.
    }
  }

  @Override
  public void close() {
    onClose.accept(this);
    try {
      if (!hasEnded) {
        // Else a driver that streams reads the rest before it closes.
        connection.abort(Runnable::run);
      }
      statement.close();
      if (hasEnded) {
        connection.rollback();
      }
    } catch (SQLException | RuntimeException broken) {
      // Nothing was written: there is nothing to lose.
    } finally {
      closeConnection();
    }
  }

  private void closeConnection() {
    try {
      connection.close();
    } catch (SQLException | RuntimeException broken) {
      // The server ends what its client has left.
    }
  }
}
