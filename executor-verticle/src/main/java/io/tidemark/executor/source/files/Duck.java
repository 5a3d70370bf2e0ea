package io.tidemark.executor.source.files;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Properties;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/**
 * Two DuckDBs in this process, without files of their own: one streams rows, one answers. They read
 * in the threads of those who ask, one each: so rows come in the order of the file, which positions
 * in a split count on.
 */
final class Duck implements AutoCloseable {
  /** Of native memory: over all readers, and once more for questions. */
  private static final String MEMORY = "256MB";

  /** DuckDB's words for rows that are not what the format wants. */
  private static final List<String> ROW_ERRORS =
      List.of("Invalid unicode", "invalid UTF", "not valid UTF");

  private static final int MAX_WORDS = 600;

  private final DuckDBConnection streaming;
  private final DuckDBConnection whole;

  Duck() throws SQLException {
    streaming = open(true);
    try {
      whole = open(false);
    } catch (SQLException | RuntimeException e) {
      closeAfter(e, streaming);
      throw e;
    }
  }

  /** For rows, which are not held in memory. Its errors do not say what is wrong. */
  Connection stream() throws SQLException {
    return streaming.duplicate();
  }

  /** For answers of a few rows, and to find out what is wrong. */
  Connection ask() throws SQLException {
    return whole.duplicate();
  }

  /**
   * What an error means. A file that is not what it was explains any.
   *
   * @param files that were read
   */
  static TidemarkException explained(SQLException error, List<SourceFile> files) {
    files.forEach(SourceFile::requireUnchanged);
    var message = String.valueOf(error.getMessage());
    var code =
        ROW_ERRORS.stream().anyMatch(message::contains)
            ? ErrorCode.ROW_MALFORMED
            : ErrorCode.SOURCE_FAILED;
    var words = words(message);
    var named = files.size() == 1 && !words.contains(files.getFirst().path());
    return new TidemarkException(
        code, named ? files.getFirst().path() + ": " + words : words, error);
  }

  /** Without the advice that speaks of DuckDB's own options, and without its own SQL. */
  private static String words(String message) {
    var words = message.split("Possible fixes|LINE \\d+:", 2)[0].strip();
    var line = words.replaceAll("\\s*\\R\\s*", "; ");
    return line.length() > MAX_WORDS ? line.substring(0, MAX_WORDS) + "…" : line;
  }

  private static DuckDBConnection open(boolean stream) throws SQLException {
    var settings = new Properties();
    settings.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, String.valueOf(stream));
    settings.setProperty("threads", "1");
    settings.setProperty("memory_limit", MEMORY);
    settings.setProperty("preserve_insertion_order", "true");
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("temp_directory", System.getProperty("java.io.tmpdir"));
    var opened = (DuckDBConnection) new DuckDBDriver().connect("jdbc:duckdb:", settings);
    try (var statement = opened.createStatement()) {
      statement.execute("SET GLOBAL TimeZone = 'UTC'");
      // It takes longer than all the rest of a query, by the square of the number of columns.
      statement.execute("SET GLOBAL disabled_optimizers = 'common_subexpressions'");
    } catch (SQLException | RuntimeException e) {
      closeAfter(e, opened);
      throw e;
    }
    return opened;
  }

  private static void closeAfter(Exception error, DuckDBConnection opened) {
    try {
      opened.close();
    } catch (SQLException e) {
      error.addSuppressed(e);
    }
  }

  @Override
  public void close() {
    try (whole;
        streaming) {
      // both, also where one fails
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
