package io.tidemark.executor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.config.ConfigReader;
import io.tidemark.common.config.CsvDialect;
import io.tidemark.common.config.SourceDefinition.FilesSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.executor.plan.Connections;
import io.tidemark.executor.plan.TwoDatabases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A folder of files, a home, an executor and whoever leads it. */
final class StagedFixture implements AutoCloseable {
  final PostgresAddress address;
  final Path folder;
  final SoloLeader leader;
  final FolderConnector.Opened opened = new FolderConnector.Opened();
  private final ObjectNode definition = Json.MAPPER.createObjectNode();
  private volatile FolderConnector.Observer observer = (file, line) -> {};
  private final Closing databases;
  private Connection home;
  private String visibility = "ATOMIC";

  /** Closes what the home is in. */
  interface Closing {
    void close() throws SQLException, IOException;
  }

  StagedFixture(Path folder) throws Exception {
    this(folder, new TwoDatabases());
  }

  private StagedFixture(Path folder, TwoDatabases databases) throws Exception {
    this(folder, databases.homeAddress, databases::close);
  }

  /** With a home of its own, which has its schema. */
  StagedFixture(Path folder, PostgresAddress address, Closing databases) throws Exception {
    this.folder = folder;
    this.address = address;
    this.databases = databases;
    this.home = Connections.home(address, "test");
    definition.put("name", "t").put("target", "public.t").put("vnodes", 4);
    definition
        .putObject("source")
        .put("type", "postgres")
        .put("url", "postgresql://nowhere/none")
        .put("table", "t");
    var plain = SoloLeader.settings(address, RefreshFixture.WORK);
    leader =
        new SoloLeader(
            address,
            new ExecutorSettings(
                plain.executorId(),
                plain.home(),
                plain.work(),
                this::read,
                plain.sources(),
                table ->
                    new FolderConnector(folder, opened, (file, line) -> observer.batch(file, line)),
                plain.meters()));
  }

  /** As it was written, but of files: no configuration is read for them here. */
  private TableDefinition read(String json) {
    var it = ConfigReader.readTable("test", json);
    return new TableDefinition(
        it.name(),
        new FilesSource(folder.toString(), Optional.empty(), Map.of(), CsvDialect.DEFAULT),
        it.target(),
        it.key(),
        it.vnodes(),
        it.visibility(),
        it.consistency(),
        it.schedule(),
        it.timeout(),
        it.rowsPerSecond(),
        it.guard(),
        it.merge(),
        it.staging(),
        it.written());
  }

  StagedFixture with(String field, String value) {
    definition.put(field, value);
    return this;
  }

  StagedFixture progressive() {
    visibility = "PROGRESSIVE";
    return with("visibility", "progressive");
  }

  /** Called for each batch of each file. */
  StagedFixture observing(FolderConnector.Observer next) {
    observer = next;
    return this;
  }

  /** A file of lines {@code id|v}. */
  StagedFixture file(String name, String... lines) throws IOException {
    Files.write(folder.resolve(name), List.of(lines));
    return this;
  }

  /** Rows from, inclusive, to, exclusive, whose value is the id and a suffix. */
  StagedFixture rows(String name, int from, int to, String suffix) throws IOException {
    Files.write(
        folder.resolve(name),
        IntStream.range(from, to).mapToObj(i -> i + "|v" + i + suffix).toList());
    return this;
  }

  StagedFixture home(String... statements) throws SQLException {
    TwoDatabases.run(home, statements);
    return this;
  }

  String homeValue(String query) throws SQLException {
    return TwoDatabases.column(home, query).getFirst();
  }

  /** After the home was away. */
  void reconnect() throws SQLException {
    home = Connections.home(address, "test");
    leader.reconnect();
  }

  long request() throws SQLException {
    return leader.request(definition.toString(), visibility);
  }

  /** A refresh that must succeed: read, inserted, updated, deleted. */
  String refresh() throws Exception {
    return succeed(request(), () -> {});
  }

  String succeed(long id, SoloLeader.Interruption between) throws Exception {
    var end = leader.lead(id, between);
    assertThat(end).as(() -> "failure: " + leader.failure(id)).isEqualTo(RefreshState.SUCCEEDED);
    return counts(id);
  }

  String counts(long id) throws SQLException {
    return homeValue(
        "SELECT concat_ws(' ', rows_read, rows_inserted, rows_updated, rows_deleted)"
            + " FROM tidemark.refresh_totals WHERE refresh_id = "
            + id);
  }

  ErrorReport refused() throws Exception {
    var id = request();
    assertThat(leader.lead(id)).isEqualTo(RefreshState.FAILED);
    return leader.failure(id).orElseThrow();
  }

  /** The target holds what the files hold. */
  void assertEqual() throws Exception {
    assertThat(TwoDatabases.column(home, "SELECT id || '|' || v FROM public.t ORDER BY id"))
        .isEqualTo(
            lines().stream()
                .sorted((a, b) -> Integer.compare(id(a), id(b)))
                .collect(Collectors.toList()));
  }

  private static int id(String line) {
    return Integer.parseInt(line.substring(0, line.indexOf('|')));
  }

  private List<String> lines() throws IOException {
    try (var files = Files.list(folder)) {
      return files
          .sorted()
          .flatMap(
              file -> {
                try {
                  return Files.readAllLines(file).stream();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              })
          .toList();
    }
  }

  @Override
  public void close() throws SQLException, IOException, TimeoutException {
    leader.close();
    home.close();
    databases.close();
  }
}
