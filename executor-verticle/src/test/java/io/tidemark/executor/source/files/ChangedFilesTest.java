package io.tidemark.executor.source.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.source.Loading;
import io.tidemark.executor.source.SplitReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** No file that changes while it is read is ever taken for one that ended cleanly. */
class ChangedFilesTest {
  @TempDir Path temp;
  private Folder folder;
  private Path file;
  private TwoDatabases home;

  @BeforeEach
  void open() throws Exception {
    folder = new Folder(temp);
    home = new TwoDatabases();
    file =
        folder.write(
            "a.csv",
            IntStream.range(0, 100_000)
                .mapToObj(i -> i + ",some text of row " + i)
                .collect(Collectors.joining("\n", "id,t\n", "\n")));
  }

  @AfterEach
  void close() throws Exception {
    home.close();
  }

  enum Change {
    SHRINKS,
    GROWS,
    VANISHES,
    IS_REPLACED_BY_ONE_OF_THE_SAME_SIZE;

    void make(Path file) throws Exception {
      switch (this) {
        case SHRINKS -> {
          try (var channel = Files.newByteChannel(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.truncate(Files.size(file) / 2);
          }
        }
        case GROWS ->
            Files.writeString(file, "100000,x\n", java.nio.file.StandardOpenOption.APPEND);
        case VANISHES -> Files.delete(file);
        case IS_REPLACED_BY_ONE_OF_THE_SAME_SIZE -> {
          var other = Files.readString(file).replace("some", "SOME");
          Files.delete(file);
          Files.writeString(file, other);
          Files.setLastModifiedTime(file, FileTime.from(Instant.now().plusSeconds(5)));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatChangesWhileItIsReadEndsWithAnError(Change change) throws Exception {
    try (var files = folder.connector()) {
      var loading = new Loading(home.home, files);
      try (var reader = loading.open(0, Optional.empty())) {
        assertThat(reader.next()).isNotNull();
        change.make(file);
        assertChanged(() -> toEnd(reader));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFileThatChangedSinceThePlanIsNotOpened(Change change) throws Exception {
    try (var files = folder.connector()) {
      var loading = new Loading(home.home, files);
      change.make(file);
      try (var reader = loading.open(0, Optional.of("0:500000:20000"))) {
        assertChanged(reader::next);
      }
    }
  }

  @Test
  void anAbortIsAnErrorAndNoEnd() throws Exception {
    try (var files = folder.connector()) {
      var loading = new Loading(home.home, files);
      try (var reader = loading.open(0, Optional.empty())) {
        assertThat(reader.next()).isNotNull();
        reader.abort();
        assertThatThrownBy(() -> toEnd(reader)).isInstanceOf(SQLException.class);
      }
    }
  }

  private static void toEnd(SplitReader reader) throws SQLException {
    while (reader.next() != null) {
      // what it reads does not matter
    }
  }

  private static void assertChanged(org.assertj.core.api.ThrowableAssert.ThrowingCallable reading) {
    Refused.with(ErrorCode.SOURCE_CHANGED, reading, "a.csv");
  }

  @ParameterizedTest
  @EnumSource(names = {"SHRINKS", "VANISHES"})
  void aParquetFileThatIsReadTogetherWithOthersIsLookedAtBeforeAndAfter(Change change)
      throws Exception {
    // Given: many to a split, of which one batch holds but a part
    Files.delete(file);
    folder.parquets(
        300,
        number ->
            "SELECT %d + range AS id, repeat('x', 9000) AS t FROM range(200)"
                .formatted(number * 200));
    try (var connector = folder.connector()) {
      var loading = new Loading(home.home, connector);
      var split = loading.version.splits().size() - 2;
      var files = FileSplit.read(loading.version.splits().get(split).spec()).files();
      assertThat(files).hasSizeGreaterThan(1);
      try (var reader = loading.open(split, Optional.empty())) {
        assertThat(reader.next()).isNotNull();
        // When
        change.make(Path.of(files.getLast().path()));
        // Then
        Refused.with(ErrorCode.SOURCE_CHANGED, () -> toEnd(reader), files.getLast().path());
      }
    }
  }
}
