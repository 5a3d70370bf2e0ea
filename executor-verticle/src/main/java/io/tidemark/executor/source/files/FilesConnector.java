package io.tidemark.executor.source.files;

import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Files that this node can read. A version of the source is a manifest: path, size and time of each
 * file when the refresh was planned. A file that is not like that any more when it is read ends the
 * refresh.
 */
public final class FilesConnector implements Connector {
  /** More files than this are read several to a split. */
  private static final int MAX_SPLITS = 256;

  private final FilesSource source;
  private final Duck duck;

  /**
   * Opens nothing but a DuckDB.
   *
   * @param source placeholders resolved
   */
  public FilesConnector(FilesSource source) throws SQLException {
    this.source = source;
    this.duck = new Duck();
  }

  @Override
  public SourceVersion look() throws SQLException {
    var files = FileList.find(source.path(), source.format());
    if (files.isEmpty()) {
      var columns =
          source.columns().entrySet().stream()
              .map(given -> new SourceColumn(given.getKey(), given.getValue(), false, true))
              .toList();
      return new SourceVersion(columns, List.of(), List.of(), Optional.empty(), "");
    }
    var format = format(files);
    var sql = FileSql.of(format, source);
    try (var connection = duck.ask();
        var statement = connection.createStatement()) {
      var columns = sql.columns(statement, files);
      requireGiven(columns);
      var splits = grouped(sql.split(statement, files));
      return new SourceVersion(
          columns,
          List.of(),
          IntStream.range(0, splits.size()).mapToObj(i -> split(i, splits.get(i))).toList(),
          Optional.empty(),
          format.name());
    } catch (SQLException e) {
      throw Duck.explained(e, files);
    }
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    return new FilesReader(
        duck,
        FileSql.of(FileFormat.valueOf(version.spec()), source),
        version.columns(),
        FileSplit.read(split.spec()),
        columns,
        position.map(FilesReader.Position::of).orElse(FilesReader.Position.START));
  }

  @Override
  public void close() {
    duck.close();
  }

  private FileFormat format(List<SourceFile> files) {
    if (source.format().isPresent()) {
      return source.format().get();
    }
    var formats = files.stream().map(file -> FileList.formatOf(file.path())).distinct().toList();
    if (formats.size() == 1 && formats.getFirst().isPresent()) {
      return formats.getFirst().get();
    }
    throw new TidemarkException(
        ErrorCode.CONFIG_INVALID,
        formats.size() == 1
            ? files.getFirst().path() + " does not say by its name what format it has: set format"
            : source.path() + " holds files of several formats: set format, or a narrower path");
  }

  /** A column that the user has given a type, and that is not there, is a slip. */
  private void requireGiven(List<SourceColumn> columns) {
    for (var given : source.columns().keySet()) {
      if (columns.stream().noneMatch(column -> column.name().equals(given))) {
        throw new TidemarkException(
            ErrorCode.COLUMN_MISSING,
            "source.columns names %s, which the files do not have; they have %s"
                .formatted(
                    given, String.join(", ", columns.stream().map(SourceColumn::name).toList())));
      }
    }
  }

  /** Neighbours together, of about as many bytes, where there are too many. */
  private static List<FileSplit> grouped(List<FileSplit> splits) {
    if (splits.size() <= MAX_SPLITS) {
      return splits;
    }
    var total = splits.stream().mapToLong(split -> split.files().getFirst().size()).sum();
    var enough = Math.max(1, total / MAX_SPLITS);
    var most = 4 * Math.ceilDiv(splits.size(), MAX_SPLITS);
    var groups = new ArrayList<FileSplit>();
    var files = new ArrayList<SourceFile>();
    var bytes = 0L;
    for (var split : splits) {
      if (split.to() != FileSql.TO_END) {
        groups.add(split);
        continue;
      }
      files.addAll(split.files());
      bytes += split.files().getFirst().size();
      if (bytes >= enough || files.size() >= most) {
        groups.add(new FileSplit(files, 0, FileSql.TO_END));
        files.clear();
        bytes = 0;
      }
    }
    if (!files.isEmpty()) {
      groups.add(new FileSplit(files, 0, FileSql.TO_END));
    }
    return groups;
  }

  private static Split split(int number, FileSplit split) {
    var first = split.files().getFirst().path();
    var name =
        split.to() != FileSql.TO_END
            ? "%s, rows %d to %d".formatted(first, split.from() + 1, split.to())
            : split.files().size() == 1
                ? first
                : "%s and %d more".formatted(first, split.files().size() - 1);
    var rows = split.to() == FileSql.TO_END ? 0 : split.to() - split.from();
    var bytes = split.files().stream().mapToLong(SourceFile::size).sum();
    return new Split(number, name, split.json(), rows, bytes);
  }
}
