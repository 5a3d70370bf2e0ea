package io.tidemark.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretsTest {
  private final Secrets secrets =
      new Secrets(Map.of("A", "one", "B", "${env:A}", "NONE", "", "PW", "p@ss/w:rd")::get);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "plain,plain",
    "${env:A},one",
    "<${env:A}-${env:A}>,<one-one>",
    "${env:B},${env:A}",
    "a${env:NONE}b,ab",
    "$${env:A},${env:A}",
    "$$${env:A},$${env:A}",
    "$ {env:A} $x,$ {env:A} $x"
  })
  void everyPlaceholderOfATextIsReplacedOnce(String text, String resolved) {
    assertThat(secrets.resolve(text)).isEqualTo(resolved);
  }

  @Test
  void aFileIsReadWithoutItsLastLineEnd() throws IOException {
    var file = Files.writeString(folder.resolve("pass word"), "s3cret \n\n");
    assertThat(secrets.resolve("${file:" + file + "}")).isEqualTo("s3cret \n");
    Files.writeString(file, "s3cret\r\n");
    assertThat(secrets.resolve("${file:" + file + "}")).isEqualTo("s3cret");
  }

  private TidemarkException failure(String text) {
    return catchThrowableOfType(
        TidemarkException.class, () -> secrets.resolve("table t: source.password", text));
  }

  @Test
  void whatIsMissingIsNamedWithItsPlaceAndRemedy() throws IOException {
    var variable = failure("${env:GONE}").report();
    assertThat(variable.code()).isEqualTo(ErrorCode.SECRET_MISSING);
    assertThat(variable.message())
        .isEqualTo("table t: source.password: the environment variable GONE is not set");
    assertThat(variable.hint()).isEqualTo("Set GONE in the environment of the tidemark process.");
    assertThat(failure("${file:/no/such}"))
        .hasMessage("table t: source.password: the file /no/such does not exist");
    assertThat(failure("${file:" + folder + "}"))
        .hasMessage("table t: source.password: the file " + folder + " cannot be read");
    var long1 = Files.writeString(folder.resolve("long"), "x".repeat(Secrets.MAX_FILE_BYTES + 1));
    assertThat(failure("${file:" + long1 + "}"))
        .hasMessage("table t: source.password: the file " + long1 + " is longer than 65536 bytes");
    var latin =
        Files.write(
            folder.resolve("latin"), "Gr\u00fc\u00dfe".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(failure("${file:" + latin + "}"))
        .hasMessage("table t: source.password: the file " + latin + " is not UTF-8 text");
  }

  @Test
  void aPlaceholderThatIsNotWellFormedIsRefusedWithoutQuotingIt() {
    assertThat(failure("hunter2${hunter2}"))
        .hasMessage(
            "table t: source.password: has a ${…} that is neither ${env:NAME} nor ${file:/path}");
    assertThat(failure("${env:A"))
        .hasMessage("table t: source.password: has a ${ that is never closed");
    assertThat(failure("${env:A}${env:9}").code()).isEqualTo(ErrorCode.CONFIG_INVALID);
  }

  private static PostgresSource source(String url, Optional<String> password) {
    return new PostgresSource(
        url,
        Optional.of("${env:A}"),
        password,
        Optional.of("${env:A}"),
        Optional.empty(),
        List.of(),
        Optional.empty());
  }

  @Test
  void aSourceBecomesAnAddress() {
    var address =
        secrets.address(
            "f.yaml", source("postgresql://${env:A}.example/d", Optional.of("${env:PW}")));
    assertThat(address.host()).isEqualTo("one.example");
    assertThat(address.user()).isEqualTo("one");
    assertThat(address.password()).contains("p@ss/w:rd");
  }

  @Test
  void aUrlThatItsSecretsBreakIsRefusedWithoutThem() {
    var error =
        catchThrowableOfType(
            TidemarkException.class,
            () ->
                secrets.address(
                    "f.yaml: table t", source("postgresql://u:${env:PW}@h/d", Optional.empty())));
    assertThat(error).hasMessage("f.yaml: table t: source.url: the URL is not well-formed");
    var home =
        catchThrowableOfType(
            TidemarkException.class, () -> secrets.address("f.yaml: home", "${env:GONE}"));
    assertThat(home).hasMessage("f.yaml: home: the environment variable GONE is not set");
  }

  @Test
  void aTableIsResolvedButForWhatIsStored() {
    var written =
        "{\"name\":\"t\",\"key\":[\"${env:A}\"],\"target\":\"${env:A}.t\",\"source\":{\"type\":"
            + "\"postgres\",\"url\":\"postgresql://h/d\",\"table\":\"${env:A}\"}}";
    var table = secrets.resolve("request", ConfigReader.readTable("request", written));
    assertThat(table.key()).containsExactly("one");
    assertThat(table.target()).isEqualTo("one.t");
    assertThat(((PostgresSource) table.source()).table()).contains("one");
    assertThat(table.written()).isEqualTo(written);
  }
}
