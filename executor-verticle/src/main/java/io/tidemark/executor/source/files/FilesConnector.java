package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect.Encoding;
import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.executor.source.Connector;
import io.tidemark.executor.source.SourceColumn;
import io.tidemark.executor.source.SourceVersion;
import io.tidemark.executor.source.Split;
import io.tidemark.executor.source.SplitReader;
import java.io.IOException;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Files that this node can read. A version of the source is a manifest: path, size and time of each
 * file when the refresh was planned. A file that is not like that any more when it is read ends the
 * refresh.
 */
public final class FilesConnector implements Connector {
  /** More files than this are read several to a split. */
  private static final int MAX_SPLITS = 256;

  private static final Set<String> JSON_TYPES = Set.of("json", "jsonb");

  private final FilesSource source;
  private final boolean quarantines;
  private volatile @Nullable Duck duck;

  /**
   * Opens nothing yet.
   *
   * @param source placeholders resolved
   */
  public FilesConnector(FilesSource source) {
    this(source, false);
  }

  /**
   * Likewise.
   *
   * @param quarantines records of text files that are broken do not end the reading, wherever it is
   *     sure where they end
   */
  public FilesConnector(FilesSource source, boolean quarantines) {
    this.source = source;
    this.quarantines = quarantines;
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
    var version =
        switch (format) {
          case CSV ->
              version(
                  format,
                  new CsvColumns(source.csv(), source.columns(), quarantines).of(files),
                  splits(
                      files,
                      new TextSplits(
                          source.csv().encoding() == Encoding.UTF_8
                              && source.csv().escape() == source.csv().quote(),
                          (byte) source.csv().quote())));
          case NDJSON ->
              version(
                  format,
                  new NdjsonColumns(source.columns(), quarantines).of(files),
                  splits(files, new TextSplits(true, CsvCuts.NO_QUOTE)));
          case PARQUET -> {
            var sql = new ParquetSql(source);
            yield version(
                format,
                asked(files, statement -> sql.columns(statement, files)),
                grouped(asked(files, statement -> sql.split(statement, files))));
          }
        };
    requireGiven(version.columns());
    return version;
  }

  private static SourceVersion version(
      FileFormat format, List<SourceColumn> columns, List<FileSplit> splits) {
    return new SourceVersion(
        columns,
        List.of(),
        IntStream.range(0, splits.size())
            .mapToObj(i -> split(i, splits.get(i), format == FileFormat.PARQUET))
            .toList(),
        Optional.empty(),
        format.name());
  }

  private static List<FileSplit> splits(List<SourceFile> files, TextSplits splits) {
    try {
      return splits.of(files);
    } catch (IOException e) {
      files.forEach(SourceFile::requireUnchanged);
      throw new TidemarkException(ErrorCode.SOURCE_FAILED, "the files cannot be read: " + e, e);
    }
  }

  private interface Question<T> {
    T ask(Statement duck) throws SQLException;
  }

  private <T> T asked(List<SourceFile> files, Question<T> question) throws SQLException {
    try (var connection = duck().ask();
        var statement = connection.createStatement()) {
      return question.ask(statement);
    } catch (SQLException e) {
      throw Duck.explained(e, files);
    }
  }

  @Override
  public SplitReader open(
      SourceVersion version, Split split, List<WantedColumn> columns, Optional<String> position)
      throws SQLException {
    var piece = FileSplit.read(split.spec());
    var names = version.columns().stream().map(SourceColumn::name).toList();
    return switch (FileFormat.valueOf(version.spec())) {
      case CSV ->
          text(new CsvFormat(source.csv(), names, first(version)), piece, names, columns, position);
      case NDJSON ->
          text(new NdjsonFormat(names, asJson(names, columns)), piece, names, columns, position);
      case PARQUET ->
          new ParquetReader(
              duck(),
              new ParquetSql(source),
              version.columns(),
              piece,
              columns,
              position.map(ParquetReader.Position::of).orElse(ParquetReader.Position.START));
    };
  }

  private SplitReader text(
      TextFormat format,
      FileSplit split,
      List<String> names,
      List<WantedColumn> columns,
      Optional<String> position) {
    return new TextReader(
        format,
        split,
        columns.stream().mapToInt(column -> names.indexOf(column.name())).toArray(),
        quarantines,
        position.map(TextReader.Position::of).orElse(TextReader.Position.START));
  }

  /** The file that the columns are known from. */
  private static String first(SourceVersion version) {
    return FileSplit.read(version.splits().getFirst().spec()).files().getFirst().path();
  }

  private static List<Boolean> asJson(List<String> names, List<WantedColumn> columns) {
    return names.stream()
        .map(
            name ->
                columns.stream()
                    .anyMatch(
                        column -> column.name().equals(name) && JSON_TYPES.contains(column.type())))
        .toList();
  }

  @Override
  public void close() {
    var open = duck;
    if (open != null) {
      open.close();
    }
  }

  /** Only Parquet needs it. */
  private synchronized Duck duck() throws SQLException {
    var open = duck;
    if (open == null) {
      open = new Duck();
      duck = open;
    }
    return open;
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
      if (split.to() != ParquetSql.TO_END) {
        groups.add(split);
        continue;
      }
      files.addAll(split.files());
      bytes += split.files().getFirst().size();
      if (bytes >= enough || files.size() >= most) {
        groups.add(new FileSplit(files, 0, ParquetSql.TO_END, 0));
        files.clear();
        bytes = 0;
      }
    }
    if (!files.isEmpty()) {
      groups.add(new FileSplit(files, 0, ParquetSql.TO_END, 0));
    }
    return groups;
  }

  private static Split split(int number, FileSplit split, boolean rows) {
    var first = split.files().getFirst().path();
    var others = split.files().size() - 1;
    var bytes = split.files().stream().mapToLong(SourceFile::size).sum();
    if (split.to() == ParquetSql.TO_END) {
      return new Split(
          number,
          others == 0 ? first : "%s and %d more".formatted(first, others),
          split.json(),
          0,
          bytes);
    }
    var length = split.to() - split.from();
    return rows
        ? new Split(
            number,
            "%s, rows %d to %d".formatted(first, split.from() + 1, split.to()),
            split.json(),
            length,
            bytes)
        : new Split(
            number, "%s from line %d".formatted(first, split.line()), split.json(), 0, length);
  }
}
