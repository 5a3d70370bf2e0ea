package io.tidemark.executor.source.files;

import io.tidemark.common.config.CsvDialect;
import io.tidemark.executor.source.SourceColumn;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The columns that CSV files have in common. */
final class CsvColumns {
  private static final int FILES_SAMPLED = 10;
  private static final int ROWS_SAMPLED = 10_000;

  /** Of wide files fewer rows are looked at. */
  private static final int VALUES_SAMPLED = 500_000;

  private final CsvDialect dialect;
  private final Map<String, String> given;
  private final boolean quarantines;

  /**
   * @param given SQL types by name, which are not guessed; all names in their order where the files
   *     have no header
   * @param quarantines records that are broken are passed over
   */
  CsvColumns(CsvDialect dialect, Map<String, String> given, boolean quarantines) {
    this.dialect = dialect;
    this.given = given;
    this.quarantines = quarantines;
  }

  /**
   * Looks at the header of each file, and at the first rows of some.
   *
   * @throws io.tidemark.common.error.TidemarkException SCHEMA_CHANGED where two files have
   *     different columns, naming both
   */
  List<SourceColumn> of(List<SourceFile> files) {
    var names =
        dialect.header()
            ? CsvFormat.header(dialect, files.getFirst())
            : List.copyOf(given.keySet());
    var format = new CsvFormat(dialect, names, files.getFirst().path());
    var guesses = Stream.generate(TypeGuess::ofText).limit(names.size()).toList();
    var rows = Math.clamp(VALUES_SAMPLED / names.size(), 10, ROWS_SAMPLED);
    for (var i = 0; i < files.size() && (dialect.header() || i < FILES_SAMPLED); i++) {
      look(files.get(i), format, i < FILES_SAMPLED ? rows : 0, guesses);
    }
    var columns = new ArrayList<SourceColumn>();
    for (var name : names) {
      var type = given.get(name);
      columns.add(
          new SourceColumn(
              name, type == null ? guesses.get(columns.size()).type() : type, false, true));
    }
    return columns;
  }

  private void look(SourceFile file, CsvFormat format, int rows, List<TypeGuess> guesses) {
    var line = 1L;
    try (var bytes = FileBytes.open(file.path(), format.charset(), 0, 0)) {
      var window = new Window(bytes, bytes.begins(), rows == 0 ? 0 : file.size());
      var records = format.rows(file, window, 1, true);
      if (quarantines) {
        records.quarantine();
      }
      for (var row = 0; row < rows && records.next(); row++) {
        line = records.nextLine();
        if (records.refused() != null) {
          continue;
        }
        IntStream.range(0, Math.min(guesses.size(), records.count()))
            .filter(column -> !records.isNull(column))
            .forEach(column -> guesses.get(column).see(records.text(column)));
      }
    } catch (IOException e) {
      throw TextReader.explained(file.path(), line, e);
    }
  }
}
