package io.tidemark.executor.source.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DriversTest {
  private static final String DRIVER =
      """
      package toy;
      public class %1$s implements java.sql.Driver {
        public java.sql.Connection connect(String url, java.util.Properties info) { return null; }
        public boolean acceptsURL(String url) { return url.startsWith("jdbc:%1$s:"); }
        public java.sql.DriverPropertyInfo[] getPropertyInfo(String url, java.util.Properties info) {
          return new java.sql.DriverPropertyInfo[0];
        }
        public int getMajorVersion() { return 1; }
        public int getMinorVersion() { return 0; }
        public boolean jdbcCompliant() { return false; }
        public java.util.logging.Logger getParentLogger() { return null; }
      }
      """;

  @TempDir Path folder;

  /** A jar with a driver; where it does not announce it, a service file is missing. */
  private void jar(Path into, String name, boolean announces) throws IOException {
    var source = Files.createDirectories(folder.resolve("src")).resolve(name + ".java");
    Files.writeString(source, DRIVER.formatted(name));
    var classes = Files.createDirectories(folder.resolve("classes"));
    var result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", classes.toString(), source.toString());
    assertThat(result).isZero();
    var entries =
        Map.of(
            "toy/" + name + ".class",
            Files.readAllBytes(classes.resolve("toy/" + name + ".class")),
            "META-INF/services/java.sql.Driver",
            (announces ? "toy.Gone\ntoy." + name : "").getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(into);
    try (var jar = new JarOutputStream(Files.newOutputStream(into.resolve(name + ".jar")))) {
      for (var entry : entries.entrySet()) {
        jar.putNextEntry(new JarEntry(entry.getKey()));
        jar.write(entry.getValue());
        jar.closeEntry();
      }
    }
  }

  private static String name(Drivers drivers, String url, Optional<String> className)
      throws SQLException {
    return drivers.forUrl(url, className).getClass().getName();
  }

  @Test
  void driversOfTheFolderAndOfTheClassPathAreFound() throws Exception {
    var drivers = new Drivers(folder.resolve("drivers"));
    jar(folder.resolve("drivers"), "one", true);
    assertThat(name(drivers, "jdbc:one:x", Optional.empty())).isEqualTo("toy.one");
    assertThat(name(drivers, "jdbc:h2:mem:x", Optional.empty())).isEqualTo("org.h2.Driver");
    jar(folder.resolve("drivers"), "two", true);
    assertThat(name(drivers, "jdbc:two:x", Optional.empty())).isEqualTo("toy.two");
    jar(folder.resolve("drivers"), "shy", false);
    assertThat(name(drivers, "jdbc:shy:x", Optional.of("toy.shy"))).isEqualTo("toy.shy");
    assertThat(drivers.forUrl("jdbc:one:x", Optional.empty()).getClass())
        .as("one class loader a folder")
        .isSameAs(drivers.forUrl("jdbc:one:y", Optional.empty()).getClass());
  }

  @Test
  void aMissingDriverIsSaidWithFolderAndPrefix() {
    var drivers = new Drivers(folder.resolve("drivers"));
    for (var className : List.of(Optional.<String>empty(), Optional.of("toy.gone"))) {
      assertThatThrownBy(() -> drivers.forUrl("jdbc:gone:x;password=hunter2", className))
          .isInstanceOfSatisfying(
              TidemarkException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                assertThat(e.getMessage())
                    .contains(className.orElse("jdbc:gone:"))
                    .contains(folder.resolve("drivers").toString())
                    .doesNotContain("hunter2");
              });
    }
  }
}
