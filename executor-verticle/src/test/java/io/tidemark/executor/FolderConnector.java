package io.tidemark.executor;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.CopyText;
import io.tidemark.executor.source.RowBatch;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * For tests: a folder whose files are splits; a line is a row {@code id|v}, an empty {@code v} is
 * null. Counts what it reads, and can be held or broken in the middle.
 */
final class FolderConnector implements Connector {
  private static final int ROWS_A_BATCH = 50;

  private final Path folder;
  private final Observer observer;

  /** Hears of each batch before it is given, and of each split that is opened. */
  interface Observer {
    void batch(String file, int line) throws SQLException;
  }

  /** How often each file was opened, and where. */
  static final class Opened {
    private final List<String> opened = new ArrayList<>();

    synchronized void add(String what) {
      opened.add(what);
    }

    synchronized List<String> all() {
      return List.copyOf(opened);
    }
  }

  final Opened opened;

  /** Reads nothing yet. */
  FolderConnector(Path folder, Opened opened, Observer observer) {
    this.folder = folder;
    this.opened = opened;
    this.observer = observer;
  }

  @Override
  public SourceVersion look() {
    try (var files = Files.list(folder)) {
      var paths = files.sorted().toList();
      var splits = IntStream.range(0, paths.size()).mapToObj(i -> split(i, paths.get(i))).toList();
      return new SourceVersion(
          List.of(
              new SourceColumn("id", "integer", true, false),
              new SourceColumn("v", "text", false, false)),
          List.of("id"),
          splits,
          Optional.empty(),
          "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Split split(int number, Path file) {
    try {
      var size = Files.size(file);
      return new Split(number, file.getFileName().toString(), "{\"size\": " + size + "}", 0, size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position) {
    var from = position.map(Integer::parseInt).orElse(0);
    opened.add(split.name() + "@" + from);
    var wanted = new HashMap<String, Integer>();
    for (var column : columns) {
      wanted.put(column.name(), wanted.size());
    }
    return new Reader(split, lines(split), from, wanted.get("id") == 0);
  }

  private List<String> lines(Split split) {
    try {
      var file = folder.resolve(split.name());
      if (!Files.exists(file) || Files.size(file) != split.bytes()) {
        throw new TidemarkException(ErrorCode.SOURCE_CHANGED, split.name() + " has changed");
      }
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // Nothing is shared.
  }

  private final class Reader implements SplitReader {
    private final Split split;
    private final List<String> lines;
    private final boolean idFirst;
    private final CopyText text = new CopyText();
    private final AtomicInteger aborted = new AtomicInteger();
    private int at;

    Reader(Split split, List<String> lines, int from, boolean idFirst) {
      this.split = split;
      this.lines = lines;
      this.at = from;
      this.idFirst = idFirst;
    }

    @Override
    public Format format() {
      return Format.TEXT;
    }

    @Override
    public @Nullable RowBatch next() throws SQLException {
      observer.batch(split.name(), at);
      if (aborted.get() > 0) {
        throw new SQLException("aborted", "57014");
      }
      lines(split);
      if (at >= lines.size()) {
        return null;
      }
      text.clear();
      var first = at;
      var bytes = 0L;
      for (; at < lines.size() && at < first + ROWS_A_BATCH; at++) {
        var fields = lines.get(at).split("\\|", -1);
        var v = fields[1].isEmpty() ? null : fields[1];
        text.value(idFirst ? fields[0] : v);
        text.value(idFirst ? v : fields[0]);
        text.endRow();
        bytes += lines.get(at).length() + 1L;
      }
      return new RowBatch(
          text.rows(),
          at - first,
          bytes,
          Integer.toString(at),
          row -> split.name() + ", line " + (first + row + 1));
    }

    @Override
    public void abort() {
      aborted.incrementAndGet();
    }

    @Override
    public void close() {
      text.clear();
    }
  }
}
