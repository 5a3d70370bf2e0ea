package io.tidemark.common.config;

import io.tidemark.common.config.CsvDialect.Encoding;
import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import java.util.Optional;

/** A source of {@code type: files} as a {@link FilesSource}. */
final class FilesSourceReader {
  private FilesSourceReader() {}

  /** The definition; empty where anything was wrong. */
  static Optional<SourceDefinition> read(Section source) {
    source.has("type");
    source.require("path", "write `path: \"data/orders/*.csv\"`");
    var path = source.text("path");
    var format = source.choice("format", FileFormat.class);
    var columns = source.pairs("columns", "`columns: {id: bigint}`");
    var csv = source.section("csv").map(FilesSourceReader::csv);
    if (csv.isPresent() && format.filter(it -> it != FileFormat.CSV).isPresent()) {
      source.problem("csv", "is for files of format csv", "leave it out");
    }
    if (csv.isPresent() && !csv.get().header() && columns.isEmpty()) {
      source.problem(
          "csv",
          "says that the files have no header, and nothing else names the columns",
          "name all of them, in their order: `columns: {id: bigint, name: text}`");
    }
    source.end();
    return path.map(it -> new FilesSource(it, format, columns, csv.orElse(CsvDialect.DEFAULT)));
  }

  private static CsvDialect csv(Section csv) {
    var delimiter = character(csv, "delimiter", ";");
    var quote = character(csv, "quote", "'");
    var escape = character(csv, "escape", "\\");
    var header = csv.truth("header");
    var nullText = csv.text("null");
    var encoding = csv.choice("encoding", Encoding.class);
    csv.end();
    var quoted = quote.orElse(CsvDialect.DEFAULT.quote());
    return new CsvDialect(
        delimiter,
        quoted,
        escape.orElse(quoted),
        header.orElse(true),
        nullText.orElse(CsvDialect.DEFAULT.nullText()),
        encoding.orElse(Encoding.UTF_8));
  }

  private static Optional<Character> character(Section csv, String key, String example) {
    var text = csv.resolved(key);
    var one = text.filter(it -> it.length() == 1 && it.charAt(0) < 128 && !"\n\r".contains(it));
    if (text.isPresent() && one.isEmpty()) {
      csv.problem(
          key,
          "is not one ASCII character",
          "write one, such as `%s: \"%s\"`".formatted(key, example));
    }
    return one.map(it -> it.charAt(0));
  }
}
