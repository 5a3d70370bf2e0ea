package io.tidemark.suite;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import io.tidemark.common.bus.Json;
import io.tidemark.common.refresh.RefreshView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code tidemark sync} on a source and a home of its own, in processes of its own. */
final class SyncCommands implements AutoCloseable {
  static final int VNODES = 16;

  final Databases databases = new Databases();
  private final Path folder;

  /** How a command ended. */
  record Ended(int exitCode, String out, String err) {
    /** What stdout holds must be one JSON document and nothing else. */
    JsonNode json() throws IOException {
      return Json.MAPPER
          .reader()
          .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .readTree(out);
    }

    RefreshView view() throws IOException {
      return Json.MAPPER.treeToValue(json(), RefreshView.class);
    }
  }

  SyncCommands(Path folder) throws Exception {
    this.folder = folder;
  }

  /** A source table {@code public.NAME} of so many rows, keys 1 to {@code rows}. */
  void create(String table, int rows) throws Exception {
    Databases.execute(
        databases.source,
        "CREATE TABLE public." + table + " (id bigint PRIMARY KEY, v text NOT NULL)",
        "INSERT INTO public."
            + table
            + " SELECT i, md5(i::text) FROM generate_series(1, "
            + rows
            + ") i");
  }

  /** The same table in the home, with the same rows as the source now has. */
  void adopt(String table, int rows) throws Exception {
    Databases.execute(
        databases.home,
        "CREATE TABLE public." + table + " (id bigint PRIMARY KEY, v text NOT NULL)",
        "INSERT INTO public."
            + table
            + " SELECT i, md5(i::text) FROM generate_series(1, "
            + rows
            + ") i");
  }

  /** Tables of the source by name, each with the options of a definition, one a line. */
  void configure(String lease, Map<String, String> tables) throws Exception {
    var definitions =
        tables.entrySet().stream()
            .sorted(Map.Entry.comparingByKey())
            .map(table -> definition(table.getKey(), table.getValue()))
            .collect(Collectors.joining());
    write(
        """
        home: "%s"
        meta: {barrier-interval: 100ms, lease: %s}
        executor: {lanes: 2, chunk-rows: 100}
        tables:
        %s"""
            .formatted(databases.homeAddress.url(), lease, definitions));
  }

  void write(String yaml) throws IOException {
    Files.writeString(config(), yaml);
  }

  Path config() {
    return folder.resolve("tidemark.yaml");
  }

  Ended run(String... arguments) throws Exception {
    return run(Map.of(), arguments);
  }

  Ended run(Map<String, String> environment, String... arguments) throws Exception {
    try (var process = start(environment, arguments)) {
      return ended(process, process.await());
    }
  }

  TidemarkProcess start(String... arguments) throws Exception {
    return start(Map.of(), arguments);
  }

  static Ended ended(TidemarkProcess process, int exitCode) {
    return new Ended(exitCode, process.out(), process.err());
  }

  private TidemarkProcess start(Map<String, String> environment, String... arguments)
      throws Exception {
    var all = Stream.concat(Stream.of("sync", "-f", config().toString()), Stream.of(arguments));
    return TidemarkProcess.start(folder, environment, all.toArray(String[]::new));
  }

  void assertEqual(String table) throws Exception {
    assertThat(rows(databases.home, table)).isEqualTo(rows(databases.source, table));
  }

  List<String> targetRows(String table) throws Exception {
    return rows(databases.home, table);
  }

  /** VNodes that are complete in active refreshes; 0 also before there is a schema. */
  long completed() throws Exception {
    return count("completed_at IS NOT NULL");
  }

  /** Rows that active refreshes have read. */
  long rowsRead() throws Exception {
    return Databases.number(databases.home, "SELECT sum(rows_read) FROM tidemark.refresh_progress");
  }

  private long count(String condition) throws Exception {
    var exists =
        Databases.number(
            databases.home, "SELECT (to_regclass('tidemark.refresh_progress') IS NOT NULL)::int");
    return exists == 0
        ? 0
        : Databases.number(
            databases.home,
            "SELECT count(*) FROM tidemark.refresh_progress JOIN tidemark.refreshes r"
                + " ON r.id = refresh_id AND r.state = 'REFRESHING' WHERE "
                + condition);
  }

  private static List<String> rows(Connection connection, String table) throws Exception {
    return Databases.column(connection, "SELECT t::text FROM public." + table + " t ORDER BY id");
  }

  private String definition(String table, String options) {
    return """
      - name: %s
        source: {type: postgres, url: "%s", table: public.%s}
        target: public.%s
        vnodes: %d
    """
            .formatted(table, databases.sourceAddress.url(), table, table, VNODES)
        + options.lines().map(line -> "    " + line + "\n").collect(Collectors.joining());
  }

  @Override
  public void close() throws SQLException {
    databases.close();
  }
}
