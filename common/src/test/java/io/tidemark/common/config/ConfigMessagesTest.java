package io.tidemark.common.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.TidemarkException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each bad input has one clear message: file, line, table, field, what is wrong, remedy. */
class ConfigMessagesTest {
  private static final String SECRET = "hunter2";
  private static final Secrets SECRETS = new Secrets(Map.of("SECRET", SECRET)::get);

  @TempDir Path folder;

  private String[] messages(String yaml) throws IOException {
    var file = Files.writeString(folder.resolve("f.yaml"), yaml);
    var error =
        catchThrowableOfType(TidemarkException.class, () -> ConfigReader.read(file, SECRETS));
    assertThat(error).as("a problem is found").isNotNull();
    assertThat(error.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    return error.report().message().replace(folder + "/", "").split("\n", -1);
  }

  static Stream<Arguments> lineOfATable() {
    return Stream.of(
        arguments(
            "vnodes: 0",
            "vnodes: 0 is not a whole number between 1 and 65536; write a number such as 256"),
        arguments(
            "vnodes: 70000",
            "vnodes: 70000 is not a whole number between 1 and 65536; write a number such as 256"),
        arguments(
            "vnodes: 1.5",
            "vnodes: 1.5 is not a whole number between 1 and 65536; write a number such as 256"),
        arguments(
            "vnodes: 1e999999999",
            "vnodes: 1E+999999999 is not a whole number between 1 and 65536; write a number such as 256"),
        arguments("vnodes: many", "vnodes: is a text, not a number; write a number such as 256"),
        arguments("vnodes:", "vnodes: is empty; give it a value, or leave it out"),
        arguments(
            "vnodes: \"${env:SECRET}\"",
            "vnodes: \"${env:SECRET}\" does not stand for a number; correct what it stands for"),
        arguments(
            "vnodes: \"${env:GONE}\"",
            "vnodes: the environment variable GONE is not set; Set GONE in the environment of the tidemark process."),
        arguments(
            "visibility: atomc", "visibility: \"atomc\" is not known here; did you mean atomic?"),
        arguments(
            "visibility: later",
            "visibility: \"later\" is not known here; write one of atomic, progressive"),
        arguments("visibility: true", "visibility: is true or false, not a text; put it in quotes"),
        arguments("consistency: [strict]", "consistency: is a list, not a text; write one text"),
        arguments(
            "consistency: \"${env:SECRET}\"",
            "consistency: \"${env:SECRET}\" is not known here; write one of resume, strict"),
        arguments("vnode: 5", "vnode: is not a known key; did you mean vnodes?"),
        arguments(
            "rowsPerSecond: 5",
            "rowsPerSecond: is not a known key; known here: name, source, target, key, vnodes, visibility, consistency, schedule, timeout, guard, merge, on-duplicate, on-null-key, schema-change, on-bad-row, max-bad-rows, throttle"),
        arguments("name: other", "name: is written twice, first in line 2; keep one of them"),
        arguments("key: id", "key: is a text, not a list; write `key: [id]`"),
        arguments("key: []", "key: is an empty list; write `key: [id]`, or leave it out"),
        arguments("key: [id, id]", "key: names \"id\" twice; keep one of them"),
        arguments("key: [5]", "key: is a number, not a text; put it in quotes"),
        arguments("key: [\"\"]", "key: is an empty text; give it a value, or leave it out"),
        arguments(
            "target: a.b.c",
            "target: \"a.b.c\" is not a table's name; write schema.table, with double quotes around a part that SQL would quote"),
        arguments(
            "target: my table",
            "target: \"my table\" is not a table's name; write schema.table, with double quotes around a part that SQL would quote"),
        arguments(
            "target: public.",
            "target: \"public.\" is not a table's name; write schema.table, with double quotes around a part that SQL would quote"),
        arguments(
            "target: " + "x".repeat(64),
            "target: is longer than the 63 bytes that Postgres keeps of a name; choose a shorter one"),
        arguments("target: \"a\\0b\"", "target: holds a NUL character; take it out"),
        arguments(
            "target: \"${HOME}\"",
            "target: has a ${…} that is neither ${env:NAME} nor ${file:/path}; Write ${env:NAME} or ${file:/path}, or $${ for a literal ${."),
        arguments(
            "target: \"${env:HOME\"",
            "target: has a ${ that is never closed; Write ${env:NAME} or ${file:/path}, or $${ for a literal ${."),
        arguments(
            "timeout: 15",
            "timeout: 15 has no unit; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments(
            "timeout: 2 weeks",
            "timeout: \"2 weeks\" is not a duration; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments(
            "timeout: 0s",
            "timeout: \"0s\" is not between 1s and 3650d; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments(
            "timeout: 999999999999d",
            "timeout: \"999999999999d\" is not between 1s and 3650d; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments(
            "timeout: {h: 2}",
            "timeout: is a mapping, not a duration; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments(
            "timeout: \"${env:SECRET}\"",
            "timeout: \"${env:SECRET}\" is not a duration; write a duration such as 2h (units: ms, s, m, h, d)"),
        arguments("schedule: 15m", "schedule: is a text, not a mapping; write `schedule: {…}`"),
        arguments(
            "schedule: {}",
            "schedule.every: is missing; write `schedule: {every: 15m}` or `{cron: \"0 */4 * * *\"}`"),
        arguments(
            "schedule: {every: 1m, cron: \"* * * * *\"}",
            "schedule.cron: stands next to every; keep one of them"),
        arguments(
            "schedule: {cron: \"0 0 * * * *\"}",
            "schedule.cron: \"0 0 * * * *\" is not a cron expression of five fields; write five fields (minute hour day month weekday) such as \"0 */4 * * *\""),
        arguments(
            "schedule: {cron: \"61 * * * *\"}",
            "schedule.cron: \"61 * * * *\" is not a cron expression of five fields; write five fields (minute hour day month weekday) such as \"0 */4 * * *\""),
        arguments(
            "schedule: {cron: \"0 0 31 2 *\"}",
            "schedule.cron: \"0 0 31 2 *\" never comes; write five fields (minute hour day month weekday) such as \"0 */4 * * *\""),
        arguments(
            "schedule: {cron: \"${env:SECRET}\"}",
            "schedule.cron: \"${env:SECRET}\" is not a cron expression of five fields; write five fields (minute hour day month weekday) such as \"0 */4 * * *\""),
        arguments(
            "schedule: {evry: 1m, every: 5m}",
            "schedule.evry: is not a known key; did you mean every?"),
        arguments(
            "guard: {max-delete-ratio: 1.5}",
            "guard.max-delete-ratio: 1.5 is not between 0 and 1; write a fraction such as 0.2"),
        arguments(
            "guard: {max-delete-ratio: -0.1}",
            "guard.max-delete-ratio: -0.1 is not between 0 and 1; write a fraction such as 0.2"),
        arguments(
            "guard: {max-delete-ratio: 20%}",
            "guard.max-delete-ratio: is a text, not a number; write a fraction such as 0.2"),
        arguments(
            "guard: {maxDeleteRatio: 0.1}",
            "guard.maxDeleteRatio: is not a known key; did you mean max-delete-ratio?"),
        arguments(
            "guard: {on-trip: skip}",
            "guard.on-trip: \"skip\" is not known here; write one of ask, skip-deletes, fail"),
        arguments(
            "throttle: {}",
            "throttle.rows-per-second: is missing; write `throttle: {rows-per-second: 50000}`"),
        arguments(
            "throttle: {rows-per-second: 0}",
            "throttle.rows-per-second: 0 is not a whole number between 1 and 1000000000; write a number such as 50000"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void lineOfATable(String line, String message) throws IOException {
    var table =
        """
        tables:
          - name: orders
            source: {type: postgres, url: "postgresql://h/d", table: orders}
        """;
    assertThat(messages(table + "    " + line + "\n"))
        .containsExactly("f.yaml:4: table orders: " + message);
  }

  static Stream<Arguments> source() {
    return Stream.of(
        arguments("{}", "type: is missing; write `type: postgres`"),
        arguments(
            "{type: files, path: \"*.csv\", csv: {header: false}}",
            "csv: says that the files have no header, and nothing else names the columns; name all of them, in their order: `columns: {id: bigint, name: text}`"),
        arguments(
            "{type: files, path: \"*.csv\", csv: {delimiter: \";;\"}}",
            "csv.delimiter: is not one ASCII character; write one, such as `delimiter: \";\"`"),
        arguments("{type: files}", "path: is missing; write `path: \"data/orders/*.csv\"`"),
        arguments(
            "{type: files, path: a, format: parket}",
            "format: \"parket\" is not known here; did you mean parquet?"),
        arguments(
            "{type: jdbc, url: \"jdbc:mariadb://u:hunter2@h/e\"}",
            "table: is missing; write `table: orders`, or a `query`"),
        arguments(
            "{type: jdbc, table: t}",
            "url: is missing; write `url: \"jdbc:mariadb://host:3306/database\"`"),
        arguments(
            "{type: jdbc, url: \"mariadb://u:hunter2@h/e\", table: t}",
            "url: does not begin with jdbc: and a database's name; write it as the driver's page says, such as jdbc:mariadb://host:3306/database"),
        arguments(
            "{type: jdbc, url: \"jdbc:x:y;password=***\", table: t}",
            "url: holds the mask that stands for a password, not a password; write it as `password`, better as ${env:NAME} or ${file:/path}"),
        arguments(
            "{type: jdbc, url: \"jdbc:x:y\", table: t, query: SELECT 1}",
            "query: stands beside table; keep one of them"),
        arguments(
            "{type: jdbc, url: \"jdbc:x:y\", table: t, splits: 0}",
            "splits: 0 is not a whole number between 1 and 10000; write a number such as 8"),
        arguments(
            "{type: jdbc, url: \"jdbc:x:y\", table: t, splt-column: id}",
            "splt-column: is not a known key; did you mean split-column?"),
        arguments(
            "{type: jdbc, url: \"jdbc:x:y\", table: t, zero-dates: as-nul}",
            "zero-dates: \"as-nul\" is not known here; did you mean as-null?"),
        arguments(
            "{type: iceberg, table: a.b}",
            "catalog: is missing; write `catalog: {type: hadoop, warehouse: /path}`"),
        arguments(
            "{type: iceberg, table: a.b, catalog: {type: hadoop}}",
            "catalog.warehouse: is missing; write `warehouse: /path`, the folder of the tables"),
        arguments(
            "{type: iceberg, table: a.b, catalog: {type: jdbc, warehouse: /w}}",
            "catalog.uri: is missing; write `uri: \"jdbc:postgresql://host:5432/database\"`"),
        arguments(
            "{type: iceberg, table: a.b, catalog: {type: hadop, warehouse: /w}}",
            "catalog.type: \"hadop\" is not known here; did you mean hadoop?"),
        arguments(
            "{type: iceberg, table: b, catalog: {type: hadoop, warehouse: /w}}",
            "table: \"b\" names no namespace; write namespace.table"),
        arguments(
            "{type: postgers, table: t}",
            "type: this version reads only postgres, files, jdbc, iceberg, not \"postgers\"; did you mean postgres?"),
        arguments(
            "{type: postgres, table: t}",
            "url: is missing; write `url: \"postgresql://host:5432/database\"`"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\"}",
            "table: is missing; write `table: public.orders`, or a `query`"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, query: SELECT 1}",
            "query: stands beside table; keep one of them"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: \"a b\"}",
            "table: \"a b\" is not a table's name; write schema.table, with double quotes around a part that SQL would quote"),
        arguments(
            "{type: postgres, url: \"mysql://u:hunter2@h/d\", table: t}",
            "url: the URL does not start with postgresql://; Write postgresql://user@host:5432/database, with %XX for special characters."),
        arguments(
            "{type: postgres, url: \"postgresql://u:hunter2@:5432/d\", table: t}",
            "url: the URL names no host; Write postgresql://user@host:5432/database, with %XX for special characters."),
        arguments(
            "{type: postgres, url: \"postgresql://u:***@h/d\", table: t}",
            "url: holds the mask that stands for a password, not a password; write the password, better as ${env:NAME} or ${file:/path}"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, pasword: hunter2}",
            "pasword: is not a known key; did you mean password?"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, password: 12345}",
            "password: is a number, not a text; put it in quotes"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, password: [hunter2]}",
            "password: is a list, not a text; write one text"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, password: \"***\"}",
            "password: is the mask that stands for a password, not a password; write the password, better as ${env:NAME} or ${file:/path}"),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, password: \"hunter2${\"}",
            "password: has a ${ that is never closed; Write ${env:NAME} or ${file:/path}, or $${ for a literal ${."),
        arguments(
            "{type: postgres, url: \"postgresql://h/d\", table: t, columns: [a, a]}",
            "columns: names \"a\" twice; keep one of them"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void source(String source, String message) throws IOException {
    var found = messages("tables:\n  - name: orders\n    source: " + source + "\n");
    assertThat(found[0]).isEqualTo("f.yaml:3: table orders: source." + message);
    assertThat(String.join("\n", found)).doesNotContain(SECRET);
  }

  static Stream<Arguments> file() {
    var unfinished = "is not valid YAML here: ";
    return Stream.of(
        arguments("", "f.yaml: the file is empty; write at least `tables:` with one table"),
        arguments(
            "# nothing\n", "f.yaml: the file is empty; write at least `tables:` with one table"),
        arguments("---\n", "f.yaml:2: the file is empty; write at least `tables:` with one table"),
        arguments(
            "- a\n",
            "f.yaml:1: the file is a list, not a mapping; write at least `tables:` with one table"),
        arguments(
            "a: 1\n---\nb: 2\n",
            "f.yaml:2: "
                + unfinished
                + "but found another document; check indentation, and put quotes around texts with special characters"),
        arguments(
            "server:\n\tport: 5\n",
            "f.yaml:2: "
                + unfinished
                + "found character '\\t(TAB)' that cannot start any token. (Do not use \\t(TAB) for indentation); check indentation, and put quotes around texts with special characters"),
        arguments(
            "server: {port: 5\n",
            "f.yaml:2: "
                + unfinished
                + "expected ',' or '}', but got <stream end>; check indentation, and put quotes around texts with special characters"),
        arguments(
            "x: {password: ${env:X}}\n",
            "f.yaml:1: "
                + unfinished
                + "expected ',' or '}', but got {; put quotes around texts with ${…}"),
        arguments(
            "password: *hunter2\n",
            "f.yaml:1: "
                + unfinished
                + "found undefined alias; check indentation, and put quotes around texts with special characters"),
        arguments(
            "password: !hunter2!hunter2 x\n",
            "f.yaml:1: "
                + unfinished
                + "found undefined tag handle; check indentation, and put quotes around texts with special characters"),
        arguments(
            "a: &x [*x]\n",
            "f.yaml: is not valid YAML: it holds an alias of itself, or too many nodes"),
        arguments("? [a]\n: b\n", "f.yaml:1: a key is not a text; write `key: value`"),
        arguments("tabels: []\n", "f.yaml:1: tabels: is not a known key; did you mean tables?"),
        arguments(
            "tables: {}\n",
            "f.yaml:1: tables: is a mapping, not a list; write `tables: [{name: …, source: {…}}]`"),
        arguments(
            "tables:\n  - orders\n",
            "f.yaml:2: table #1: is a text, not a mapping; write `- name: …` and `source: …` below it"),
        arguments(
            "home: postgresql://u:hunter2@h\n",
            "f.yaml:1: home: the URL names no database; Write postgresql://user@host:5432/database, with %XX for special characters."),
        arguments("home:\n", "f.yaml:1: home: is empty; give it a value, or leave it out"),
        arguments(
            "server: {port: 70000}\n",
            "f.yaml:1: server.port: 70000 is not a whole number between 0 and 65535; write a number such as 7070"),
        arguments(
            "server: {port: \"80\"}\n",
            "f.yaml:1: server.port: is a text, not a number; write a number such as 7070"),
        arguments(
            "server: {prot: 1}\n", "f.yaml:1: server.prot: is not a known key; did you mean port?"),
        arguments(
            "executor: {lanes: 0}\n",
            "f.yaml:1: executor.lanes: 0 is not a whole number between 1 and 64; write a number such as 4"),
        arguments(
            "executor: {chunk-rows: 0}\n",
            "f.yaml:1: executor.chunk-rows: 0 is not a whole number between 1 and 1000000; write a number such as 10000"),
        arguments(
            "executor: {retry-for: soon}\n",
            "f.yaml:1: executor.retry-for: \"soon\" is not a duration; write a duration such as 30s (units: ms, s, m, h, d)"),
        arguments(
            "meta:\n  lease: 1s\n",
            "f.yaml:2: meta.lease: the lease of 1s is shorter than two barrier intervals of 1s; write a lease of 2s or more"),
        arguments(
            "meta: {barrier-interval: 1ms}\n",
            "f.yaml:1: meta.barrier-interval: \"1ms\" is not between 10ms and 10m; write a duration such as 1s (units: ms, s, m, h, d)"),
        arguments(
            "cluster: {members: [\"a:5701\"], dns: all.example}\n",
            "f.yaml:1: cluster.dns: stands besides `members`; keep one way to find other nodes"),
        arguments(
            "cluster: {members: [\"a:b:c\"]}\n",
            "f.yaml:1: cluster.members: \"a:b:c\" is not ADDRESS or ADDRESS:PORT; write `members: [\"10.0.0.5:5701\", …]`"),
        arguments(
            "cluster: {kubernetes: {}}\n",
            "f.yaml:1: cluster.kubernetes.service: is missing; write `kubernetes: {service: tidemark}`"),
        arguments(
            "cluster: {failure-detection: {lost-after: 2s}}\n",
            "f.yaml:1: cluster.failure-detection.lost-after: 2s is shorter than three heartbeats of 1s; write 3s or more for lost-after"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void file(String yaml, String message) throws IOException {
    assertThat(messages(yaml))
        .contains(message)
        .allSatisfy(it -> assertThat(it).doesNotContain(SECRET));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "-a", ".", "' a'", "'a '", "\"a\\nb\"", "\"\\x1b[31m\""})
  void aNameThatNoUrlOrCommandLineCanCarryIsRefused(String name) throws IOException {
    var found = messages("tables: [{name: " + name + ", source: {type: files}}]");
    assertThat(found[0])
        .endsWith(
            ": name: starts with a dot, dash or blank, ends with a blank, or holds a slash or"
                + " control character; choose a name such as orders")
        .matches("\\P{Cntrl}*");
  }

  @Test
  void allProblemsAreSaidTogetherInTheOrderOfTheFile() throws IOException {
    assertThat(
            messages(
                """
                server: {port: x}
                tables:
                  - name: orders
                    source: {type: postgres, table: orders}
                    vnodes: -1
                  - source: {type: postgres, url: "postgresql://h/d", table: x}
                  - name: orders
                    source: {type: postgres, url: "postgresql://h/d", table: x}
                  - name: b
                    source: {type: postgres, url: "postgresql://h/d", table: x}
                    target: Public.ORDERS
                nonsense: 1
                """))
        .containsExactly(
            "f.yaml:1: server.port: is a text, not a number; write a number such as 7070",
            "f.yaml:4: table orders: source.url: is missing; write `url: \"postgresql://host:5432/database\"`",
            "f.yaml:5: table orders: vnodes: -1 is not a whole number between 1 and 65536; write a number such as 256",
            "f.yaml:6: table #2: name: is missing; give the table a name: `name: orders`",
            "f.yaml:7: table orders: name: is the name of the table in line 3 too; give each table a name of its own",
            "f.yaml:11: table b: target: is the target of the table in line 3 too; give each table a target of its own",
            "f.yaml:12: nonsense: is not a known key; known here: home, server, executor, meta, cluster, tables");
  }

  @Test
  void aFileThatDoublesItselfIsRefused() throws IOException {
    var yaml = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 9; i++) {
      var alias = "*a" + (i - 1);
      yaml.append("a" + i + ": &a" + i + " [" + (alias + ",").repeat(10) + "]\n");
    }
    assertThat(messages(yaml.toString()))
        .containsExactly(
            "f.yaml: is not valid YAML: it holds an alias of itself, or too many nodes");
  }

  static Stream<Arguments> json() {
    var send = "; send a table definition as a JSON object";
    return Stream.of(
        arguments("", "request: there is no JSON" + send),
        arguments("[]", "request: is a list, not a mapping; send a table as a JSON object"),
        arguments(
            "{\"password\": hunter2}", "request: is not valid JSON at line 1 column 21" + send),
        arguments("{} {}", "request: there is more after the JSON's end; send one JSON object"),
        arguments("{\"name\": null}", "request: name: is empty; give it a value, or leave it out"),
        arguments(
            "{\"name\": \"a\", \"name\": \"b\"}",
            "request: table a: name: is written twice; keep one of them"),
        arguments(
            "{\"name\": \"a\", \"vnodes\": 1.5e0}",
            "request: table a: vnodes: 1.5 is not a whole number between 1 and 65536; write a number such as 256"),
        arguments(
            "{\"name\": \"a\", \"onTrip\": 1, \"guard\": {\"onTrip\": \"ask\"}}",
            "request: table a: guard.onTrip: is not a known key; did you mean on-trip?"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void json(String json, String message) {
    var problems = new ArrayList<ConfigProblem>();
    assertThat(ConfigReader.readTable("request", json, problems::add)).isEmpty();
    assertThat(problems)
        .extracting(ConfigProblem::toString)
        .contains(message)
        .allSatisfy(it -> assertThat(it).doesNotContain(SECRET));
  }

  @Test
  void aProblemIsAnErrorWithItsRemedyAsHint() {
    var problems = new ArrayList<ConfigProblem>();
    ConfigReader.readTable("request", "[]", problems::add);
    var report = problems.getFirst().report(ErrorCode.KEY_MISSING);
    assertThat(report.code()).isEqualTo(ErrorCode.KEY_MISSING);
    assertThat(report.message()).isEqualTo("request: is a list, not a mapping");
    assertThat(report.hint()).isEqualTo("send a table as a JSON object");
  }
}
