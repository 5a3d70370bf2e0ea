package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.common.bus.ValidateTables;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.executor.plan.TwoDatabases;
import io.tidemark.executor.validate.Validation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ValidationTest {
  private static final String DEFINITION =
      """
      {"name": "orders", "source": {"type": "postgres", "url": "%s", "table": "%s"%s},
       "target": "public.t"%s}
      """;

  private TwoDatabases databases;

  @BeforeEach
  void open() throws Exception {
    databases = new TwoDatabases();
  }

  @AfterEach
  void close() throws Exception {
    databases.close();
  }

  @Test
  void aDefinitionThatFitsHasNoProblem() throws Exception {
    databases.atSource("CREATE TABLE public.t (id int PRIMARY KEY)");
    assertThat(problems(definition())).isEmpty();
  }

  @Test
  void aHostThatDoesNotExistIsNamedWithItsField() throws Exception {
    assertThat(problems(withUrl("postgresql://u@no-such-host.invalid/db")))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
              assertThat(it.message())
                  .isEqualTo(
                      "tidemark.yaml: table orders: source.url: there is no host"
                          + " no-such-host.invalid");
              assertThat(it.hint()).contains("host's name");
            });
  }

  @Test
  void aPortAtWhichNothingListensIsNamed() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    assertThat(problems(withUrl("postgresql://u@127.0.0.1:" + free + "/db")))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
              assertThat(it.message()).endsWith("source.url: nothing listens at 127.0.0.1:" + free);
            });
  }

  @Test
  void aSilentServerIsWaitedForOnceHoweverManyTablesAreThere() throws Exception {
    // Given
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      var url =
          "postgresql://u@127.0.0.1:"
              + silent.getLocalPort()
              + "/db?sslmode=disable&socketTimeout=1";
      var definitions =
          IntStream.range(0, 40).mapToObj(i -> named("t" + i, url)).toArray(String[]::new);
      // When
      var start = System.nanoTime();
      var problems = problems(definitions);
      // Then
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
      assertThat(problems)
          .hasSize(40)
          .allSatisfy(it -> assertThat(it.message()).endsWith("does not answer"));
    }
  }

  @Test
  void aWrongPasswordIsNamedAndNeverShown() throws Exception {
    // Given
    try (var server = PasswordServer.start()) {
      // When
      var problems =
          problems(
              withUrl(
                  "postgresql://u:s3cr%2Ft@127.0.0.1:" + server.port() + "/db?sslmode=disable"));
      // Then
      assertThat(problems)
          .singleElement()
          .satisfies(
              it -> {
                assertThat(it.code()).isEqualTo(ErrorCode.CREDENTIALS_REFUSED);
                assertThat(it.message())
                    .startsWith("tidemark.yaml: table orders: source.password: ")
                    .contains("refuses the password of user u");
                assertThat(it.toString()).doesNotContain("s3cr/t").doesNotContain("s3cr%2Ft");
              });
    }
  }

  @Test
  void anUnknownUserIsACredential() throws Exception {
    var address = databases.sourceAddress;
    assertThat(
            problems(
                withUrl(
                    "postgresql://nobody@localhost:" + address.port() + "/" + address.database())))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.CREDENTIALS_REFUSED);
              assertThat(it.message()).contains("source.password: ").contains("user nobody");
            });
  }

  @Test
  void anUnknownDatabaseIsNamed() throws Exception {
    assertThat(problems(withUrl(databases.sourceAddress.withDatabase("nodb").url())))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
              assertThat(it.message()).contains("source.url: ").endsWith("has no database nodb");
            });
  }

  @Test
  void aServerWithoutEncryptionIsNotSpokenToWhereItIsDemanded() throws Exception {
    assertThat(problems(withUrl(databases.sourceAddress.url() + "?sslmode=require")))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.SOURCE_UNREACHABLE);
              assertThat(it.message()).contains("source.url: no encrypted connection");
              assertThat(it.hint()).contains("sslmode");
            });
  }

  @Test
  void aMissingSecretNamesItsVariable() throws Exception {
    assertThat(
            problems(
                DEFINITION.formatted(
                    "postgresql://u@localhost/db",
                    "public.t",
                    ", \"password\": \"${env:TIDEMARK_NO_SUCH}\"",
                    "")))
        .singleElement()
        .satisfies(
            it -> {
              assertThat(it.code()).isEqualTo(ErrorCode.SECRET_MISSING);
              assertThat(it.message())
                  .startsWith("tidemark.yaml: table orders: source.password: ")
                  .contains("TIDEMARK_NO_SUCH");
            });
  }

  @Test
  void whatDoesNotFitIsReportedTogetherOneProblemEach() throws Exception {
    // Given
    databases.atSource("CREATE TABLE public.t (id int PRIMARY KEY, extra text, n jsonb)");
    databases.atHome("CREATE TABLE public.t (id int PRIMARY KEY, n date)");
    // When
    var problems = problems(definition());
    // Then
    assertThat(problems)
        .extracting(ErrorReport::code)
        .containsExactlyInAnyOrder(ErrorCode.COLUMN_MISSING, ErrorCode.TYPE_INCOMPATIBLE);
    assertThat(problems)
        .allSatisfy(
            it -> {
              assertThat(it.message()).startsWith("tidemark.yaml: table orders: target: ");
              assertThat(it.message().lines()).hasSize(1);
              assertThat(it.hint()).isNotBlank();
            });
  }

  @Test
  void tableKeyAndVisibilityHaveTheirCodes() throws Exception {
    assertThat(codes(definition())).containsExactly(ErrorCode.SOURCE_TABLE_MISSING);
    databases.atSource("CREATE TABLE public.t (a int, f float8 NOT NULL)");
    assertThat(codes(definition())).containsExactly(ErrorCode.KEY_MISSING);
    var streaming = ", \"merge\": \"streaming\"";
    assertThat(codes(keyed("a", streaming))).containsExactly(ErrorCode.KEY_NULLABLE);
    assertThat(codes(keyed("f", streaming))).containsExactly(ErrorCode.KEY_TYPE_UNORDERED);
    assertThat(codes(keyed("f", ""))).isEmpty();
    databases.atSource("ALTER TABLE public.t ADD PRIMARY KEY (a)");
    databases.atHome("CREATE VIEW public.t AS SELECT 1 AS a");
    assertThat(codes(definition())).containsExactly(ErrorCode.TARGET_UNSUITABLE);
    databases.atHome(
        "DROP VIEW public.t", "CREATE TABLE public.t (a int PRIMARY KEY, f float8 UNIQUE)");
    assertThat(codes(keyed("a", ", \"visibility\": \"progressive\"")))
        .containsExactly(ErrorCode.VISIBILITY_REFUSED);
  }

  @Test
  void aHomeThatIsAwayIsReportedOnce() throws Exception {
    databases.atSource("CREATE TABLE public.t (id int PRIMARY KEY)");
    var settings =
        SoloLeader.settings(databases.homeAddress.withDatabase("nohome"), RefreshFixture.WORK);
    var problems =
        new Validation(settings)
            .validate(new ValidateTables("tidemark.yaml", List.of(definition(), definition())));
    assertThat(problems)
        .singleElement()
        .satisfies(it -> assertThat(it.message()).startsWith("tidemark.yaml: home: "));
  }

  private List<ErrorCode> codes(String definition) throws Exception {
    return problems(definition).stream().map(ErrorReport::code).toList();
  }

  private List<ErrorReport> problems(String... definitions) throws Exception {
    var settings = settingsOf(databases.homeAddress);
    return new Validation(settings)
        .validate(new ValidateTables("tidemark.yaml", List.of(definitions)));
  }

  private static ExecutorSettings settingsOf(PostgresAddress home) {
    return SoloLeader.settings(home, RefreshFixture.WORK);
  }

  private String definition() {
    return withUrl(databases.sourceAddress.url());
  }

  private String keyed(String key, String more) {
    return DEFINITION.formatted(
        databases.sourceAddress.url(), "public.t", "", ", \"key\": [\"" + key + "\"]" + more);
  }

  private static String named(String name, String url) {
    return withUrl(url)
        .replace("\"orders\"", "\"" + name + "\"")
        .replace("public.t\"", name + "\"");
  }

  private static String withUrl(String url) {
    return DEFINITION.formatted(url, "public.t", "", "");
  }

  /** Asks for a password and refuses it, as no embedded Postgres does. */
  private record PasswordServer(ServerSocket socket) implements AutoCloseable {
    static PasswordServer start() throws IOException {
      var socket = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
      var server = new PasswordServer(socket);
      Thread.ofVirtual().start(server::serve);
      return server;
    }

    int port() {
      return socket.getLocalPort();
    }

    private void serve() {
      while (!socket.isClosed()) {
        try (var client = socket.accept()) {
          var in = new java.io.DataInputStream(client.getInputStream());
          var out = new java.io.DataOutputStream(client.getOutputStream());
          in.readNBytes(in.readInt() - Integer.BYTES);
          out.write(new byte[] {'R', 0, 0, 0, 8, 0, 0, 0, 3}); // AuthenticationCleartextPassword
          in.readByte();
          in.readNBytes(in.readInt() - Integer.BYTES);
          var error = "SFATAL\0C28P01\0Mpassword authentication failed for user \"u\"\0\0";
          out.writeByte('E');
          out.writeInt(Integer.BYTES + error.length());
          out.writeBytes(error);
          out.flush();
        } catch (IOException e) {
          // Closed: the test is over.
        }
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
