package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.refresh.RowCounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Values of 100 MB pass through a heap of 256 MB, in a JVM started as the launcher does. */
@Isolated("needs the memory")
class LargeValuesTest {
  private static final int BYTES = 100 << 20;
  private static final String LAST_BYTES =
      "SELECT id, CASE WHEN id IN (399, 400) THEN get_byte(v, "
          + (BYTES - 1)
          + ") END FROM public.t";

  @TempDir private Path folder;

  private RefreshFixture fixture;

  @BeforeEach
  void open() throws Exception {
    fixture = new RefreshFixture();
  }

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  @Test
  void valuesOf100MegabytesAreLoadedComparedAndUpdated() throws Exception {
    // Given: two neighbours between small rows
    fixture.source(
        "CREATE TABLE public.t (id int PRIMARY KEY, v bytea)",
        "INSERT INTO public.t SELECT i, 'small' FROM generate_series(1, 1000) i",
        "UPDATE public.t SET v = decode(repeat('%s', %d), 'hex') WHERE id IN (399, 400)"
            .formatted("00112233445566778899aabbccddeeff", BYTES / 16));
    // When / Then: first load
    assertThat(refresh()).isEqualTo(new RowCounts(1000, 1000, 0, 0));
    assertLengths();
    // When / Then: the last byte of one differs
    fixture.source("UPDATE public.t SET v = set_byte(v, " + (BYTES - 1) + ", 7) WHERE id = 400");
    assertThat(refresh()).isEqualTo(new RowCounts(1000, 0, 1, 0));
    assertLengths();
    fixture.assertEqual(LAST_BYTES, LAST_BYTES);
  }

  private void assertLengths() throws Exception {
    assertThat(
            fixture.homeValue(
                "SELECT count(*) FILTER (WHERE octet_length(v) = " + BYTES + ") FROM public.t"))
        .isEqualTo("2");
  }

  private RowCounts refresh() throws Exception {
    var definition = Files.writeString(folder.resolve("t.json"), fixture.definition());
    var log = folder.resolve("log");
    var child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                // Leaves room for two such rows, the source's and the target's, side by side.
                "-XX:MaxNewSize=24m",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                SmallHeap.class.getName(),
                fixture.databases.homeAddress.url(),
                definition.toString(),
                "2")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(child.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(child.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      child.destroyForcibly();
    }
    return fixture.counts(
        Long.parseLong(fixture.homeValue("SELECT max(id) FROM tidemark.refreshes")));
  }
}
