package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.config.SourceDefinition.FileFormat;
import io.tidemark.common.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a path means; what cannot be seen is never taken for what is not there. */
class FileListTest {
  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    Files.createDirectories(folder.resolve("day1"));
    for (var name : List.of("a.csv", "b.CSV.gz", "notes.txt", ".c.csv", "_d.csv", "day1/e.csv")) {
      Files.writeString(folder.resolve(name), "id\n1\n");
    }
  }

  private List<String> found(String path) {
    return FileList.find(folder.resolve(path).toString(), Optional.<FileFormat>empty()).stream()
        .map(file -> folder.relativize(Path.of(file.path())).toString())
        .toList();
  }

  @Test
  void aFolderIsItsFilesWhoseNamesSayWhatTheyAre() {
    assertThat(found("")).containsExactly("a.csv", "b.CSV.gz", "day1/e.csv");
    assertThat(found("*.csv")).containsExactly("a.csv");
    assertThat(found("**.csv")).containsExactly("a.csv", "day1/e.csv");
  }

  @Test
  void aLinkIsWhatItLeadsTo() throws IOException {
    Files.createSymbolicLink(folder.resolve("z.csv"), folder.resolve("a.csv"));
    Files.createSymbolicLink(folder.resolve("day2"), folder.resolve("day1"));
    assertThat(found("")).contains("z.csv", "day2/e.csv");
  }

  /** A file system that is not mounted looks like this. */
  @ParameterizedTest
  @ValueSource(strings = {"", "*.csv", "**.csv", "*/e.csv", "{day1,day2}/e.csv"})
  void aLinkThatLeadsNowhereIsAnError(String path) throws IOException {
    var name = path.endsWith("/e.csv") ? "day2" : "gone.csv";
    Files.createSymbolicLink(folder.resolve(name), folder.resolve("nowhere"));
    Refused.with(ErrorCode.SOURCE_FAILED, () -> found(path), name + " is a link");
  }

  @Test
  void aLinkThatLeadsNowhereAndCannotStandForAFileOfTheSourceIsLeftOut() throws IOException {
    Files.createSymbolicLink(folder.resolve("gone.txt"), folder.resolve("nowhere"));
    Files.createSymbolicLink(folder.resolve("_gone.csv"), folder.resolve("nowhere"));
    assertThat(found("*.csv")).containsExactly("a.csv");
  }
}
