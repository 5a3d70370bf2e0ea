package io.tidemark.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.common.bus.Json;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.Visibility;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a well-formed file means. What a wrong one says stands in {@link ConfigMessagesTest}. */
class ConfigReaderTest {
  private static final String SHORT =
      """
      tables:
        - name: %s
          source: {type: postgres, url: "postgresql://h/d", table: orders}
      """;

  @TempDir Path folder;

  private TidemarkConfig read(String yaml) throws IOException {
    var file = Files.writeString(folder.resolve("tidemark.yaml"), yaml);
    return ConfigReader.read(file, new Secrets(Map.of("PORT", "7171", "EVERY", "5m")::get));
  }

  @Test
  void everyFieldOfTheFileIsRead() throws IOException {
    var config =
        read(
            """
            home: postgresql://tidemark@localhost:5432/warehouse
            server: {host: 0.0.0.0, port: 0}
            executor: {lanes: 3, retry-for: 45s, chunk-rows: 500}
            meta: {barrier-interval: 200ms, lease: 2s, keep-changes: 5, keep-history: 2000}
            cluster:
              name: shop
              port: 6701
              bus-port: 6801
              host: 10.0.0.5
              public-host: node1.example
              members: ["10.0.0.5:6701", "[::1]:6701", "node2"]
              failure-detection: {heartbeat: 2s, lost-after: 10s, merge: 7s, bus-ping: 500ms}
            tables:
              - name: orders
                source:
                  type: postgres
                  url: "postgresql://shop.example:5432/shop"
                  user: reader
                  password: "${env:SHOP_PASSWORD}"
                  table: public.orders
                  columns: [id, no, "Total"]
                  where: "id > 5"
                target: sales.orders
                key: [id, no]
                vnodes: 16
                visibility: progressive
                consistency: strict
                schedule: {every: 15m}
                timeout: 2h
                throttle: {rows-per-second: 50000}
                guard: {max-delete-ratio: 0.5, on-trip: skip-deletes}
                merge: staged
                on-duplicate: last
                on-null-key: skip
                schema-change: add-columns
                on-bad-row: quarantine
                max-bad-rows: 7
            """);
    assertThat(config.home()).contains("postgresql://tidemark@localhost:5432/warehouse");
    assertThat(config.server()).isEqualTo(new TidemarkConfig.Server("0.0.0.0", 0));
    assertThat(config.executor())
        .isEqualTo(new TidemarkConfig.Executor(3, Duration.ofSeconds(45), 500));
    assertThat(config.meta())
        .isEqualTo(
            new TidemarkConfig.Meta(
                Duration.ofMillis(200),
                Duration.ofSeconds(2),
                new TidemarkConfig.Retention(5, 100, 2_000)));
    assertThat(config.cluster())
        .contains(
            new ClusterConfig(
                "shop",
                Optional.of(6701),
                Optional.of("10.0.0.5"),
                6801,
                new ClusterConfig.Announced(
                    Optional.of("node1.example"), Optional.empty(), Optional.empty()),
                new ClusterConfig.Discovery.Members(
                    List.of("10.0.0.5:6701", "[::1]:6701", "node2")),
                new ClusterConfig.Detection(
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(7),
                    Duration.ofMillis(500))));
    var table = config.tables().getFirst();
    assertThat(table)
        .isEqualTo(
            new TableDefinition(
                "orders",
                new PostgresSource(
                    "postgresql://shop.example:5432/shop",
                    Optional.of("reader"),
                    Optional.of("${env:SHOP_PASSWORD}"),
                    Optional.of("public.orders"),
                    Optional.empty(),
                    List.of("id", "no", "Total"),
                    Optional.of("id > 5")),
                "sales.orders",
                List.of("id", "no"),
                16,
                Visibility.PROGRESSIVE,
                Consistency.STRICT,
                new Schedule.Every(Duration.ofMinutes(15)),
                Optional.of(Duration.ofHours(2)),
                Optional.of(50_000L),
                new GuardPolicy(0.5, GuardPolicy.OnTrip.SKIP_DELETES),
                MergeChoice.STAGED,
                new StagingPolicy(
                    StagingPolicy.OnDuplicate.LAST,
                    StagingPolicy.OnNullKey.SKIP,
                    StagingPolicy.SchemaChange.ADD_COLUMNS,
                    StagingPolicy.OnBadRow.QUARANTINE,
                    7),
                table.written()));
  }

  @Test
  void whatIsLeftOutHasItsDefault() throws IOException {
    var config = read(SHORT.formatted("orders"));
    assertThat(config.home()).isEmpty();
    assertThat(config.server()).isEqualTo(TidemarkConfig.Server.DEFAULT);
    assertThat(config.executor()).isEqualTo(TidemarkConfig.Executor.DEFAULT);
    assertThat(config.meta()).isEqualTo(TidemarkConfig.Meta.DEFAULT);
    var table = config.tables().getFirst();
    assertThat(table.target()).isEqualTo("public.orders");
    assertThat(table.key()).isEmpty();
    assertThat(table.vnodes()).isEqualTo(TableDefinition.DEFAULT_VNODES);
    assertThat(table.visibility()).isEqualTo(Visibility.ATOMIC);
    assertThat(table.consistency()).isEqualTo(Consistency.RESUME);
    assertThat(table.schedule()).isEqualTo(new Schedule.OnDemand());
    assertThat(table.timeout()).isEmpty();
    assertThat(table.rowsPerSecond()).isEmpty();
    assertThat(table.guard()).isEqualTo(GuardPolicy.DEFAULT);
    assertThat(table.merge()).isEqualTo(MergeChoice.AUTO);
    assertThat(table.staging()).isEqualTo(StagingPolicy.DEFAULT);
  }

  @Test
  void aTableIsReadBackFromTheJsonThatIsStored() throws IOException {
    var table = read(SHORT.formatted("orders\n    schedule: {cron: \"0 */4 * * *\"}")).tables();
    var stored = table.getFirst().written();
    assertThat(Json.MAPPER.readTree(stored))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"name": "orders", "schedule": {"cron": "0 */4 * * *"},
                 "source": {"type": "postgres", "url": "postgresql://h/d", "table": "orders"}}
                """));
    assertThat(ConfigReader.readTable("home", stored)).isEqualTo(table.getFirst());
    assertThat(table.getFirst().schedule()).isEqualTo(new Schedule.Cron("0 */4 * * *"));
  }

  @Test
  void aNameThatSqlWouldQuoteIsQuotedInTheTarget() throws IOException {
    assertThat(read(SHORT.formatted("Größe \\\"x")).tables().getFirst().target())
        .isEqualTo("public.\"Größe \\\"\"x\"");
  }

  @Test
  void aTargetWithoutASchemaIsInPublic() throws IOException {
    assertThat(read(SHORT.formatted("a\n    target: '\"B c\"'")).tables().getFirst().target())
        .isEqualTo("public.\"B c\"");
  }

  @Test
  void secretsStayUnresolvedInTextsAndAreResolvedInNumbersAndDurations() throws IOException {
    var config =
        read(
            "server: {port: \"${env:PORT}\"}\n"
                + SHORT.formatted(
                    "a\n    schedule: {every: \"${env:EVERY}\"}\n    key: [\"${env:KEY}\"]"));
    assertThat(config.server().port()).isEqualTo(7171);
    assertThat(config.tables().getFirst().schedule())
        .isEqualTo(new Schedule.Every(Duration.ofMinutes(5)));
    assertThat(config.tables().getFirst().key()).containsExactly("${env:KEY}");
    assertThat(config.tables().getFirst().written()).contains("${env:EVERY}");
  }

  @Test
  void anchorsAndMergeKeysSaveRepetition() throws IOException {
    var tables =
        read("""
                tables:
                  - name: a
                    source: &shop {type: postgres, url: "postgresql://h/d", table: a}
                  - name: b
                    source: {<<: *shop, table: b}
                """)
            .tables();
    assertThat(tables.get(1).source())
        .isEqualTo(
            new PostgresSource(
                "postgresql://h/d",
                Optional.empty(),
                Optional.empty(),
                Optional.of("b"),
                Optional.empty(),
                List.of(),
                Optional.empty()));
    assertThat(ConfigReader.readTable("home", tables.get(1).written())).isEqualTo(tables.get(1));
  }

  @Test
  void aFileWithoutTablesIsAServerThatIsToldItsTablesLater() throws IOException {
    assertThat(read("server: {port: 1}\n").tables()).isEmpty();
  }

  @Test
  void recordsNeverPrintWhatTheyHold() throws IOException {
    var config =
        read(
            """
            home: postgresql://u:hunter2@h/d
            tables:
              - name: a
                source: {type: postgres, url: "postgresql://u:hunter2@h/d", password: hunter2, table: a}
            """);
    assertThat(config.toString() + config.tables() + config.tables().getFirst().source())
        .doesNotContain("hunter2");
  }

  @Test
  void theFileMayBeMissingOrADirectoryOrNoText() throws IOException {
    assertThatThrownBy(() -> ConfigReader.read(Path.of("no/such.yaml")))
        .isInstanceOf(TidemarkException.class)
        .hasMessage("no/such.yaml: the file does not exist; check the path after -f");
    assertThatThrownBy(() -> ConfigReader.read(folder))
        .hasMessage(folder + ": is a directory, not a file; name the YAML file in it");
    var binary = Files.write(folder.resolve("x"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
    assertThatThrownBy(() -> ConfigReader.read(binary))
        .hasMessage(binary + ": the file is not UTF-8 text; save it as UTF-8");
  }
}
