package io.tidemark.common.config;

import io.tidemark.common.config.ConfigNode.Mapping;
import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.error.TidemarkException;
import io.tidemark.common.home.PostgresAddress;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.common.refresh.Consistency;
import io.tidemark.common.refresh.Visibility;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** One table's mapping as a {@link TableDefinition}. */
final class TableReader {
  private static final int MAX_NAME_LENGTH = 100;
  private static final long MAX_ROWS_PER_SECOND = 1_000_000_000;
  private static final Duration SHORTEST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofDays(3650);

  /** What URLs, command lines and metrics can all carry. */
  private static final Pattern NAME = Pattern.compile("[^-\\s./\\p{Cntrl}][^/\\p{Cntrl}]*");

  private static final List<String> SOURCES = List.of("postgres", "files", "jdbc", "iceberg");

  private static final String NO_RELATION = "is not a table's name";
  private static final String WRITE_RELATION =
      "write schema.table, with double quotes around a part that SQL would quote";

  private final Section section;
  private final Problems problems;
  private final Mapping written;
  private Optional<String> name = Optional.empty();
  private Optional<QualifiedName> target = Optional.empty();

  /**
   * @param label what messages call the table where it has no name
   */
  TableReader(Mapping written, Optional<String> label, Problems problems, Secrets secrets) {
    this.written = written;
    this.problems = problems;
    this.section = new Section(written, "", nameOf(written).or(() -> label), problems, secrets);
  }

  /** The definition; empty where anything was wrong. */
  Optional<TableDefinition> read() {
    int before = problems.count();
    section.require("name", "give the table a name: `name: orders`");
    name = section.text("name").filter(this::isName);
    section.require("source", "write `source: {type: postgres, url: …, table: …}`");
    var source = section.section("source").flatMap(TableReader::source);
    var targetText = targetText();
    var key = section.texts("key", "`key: [id]`");
    var vnodes =
        section
            .whole("vnodes", 1, TableDefinition.MAX_VNODES, TableDefinition.DEFAULT_VNODES)
            .map(Long::intValue);
    var visibility = section.choice("visibility", Visibility.class);
    var consistency = section.choice("consistency", Consistency.class);
    var schedule = section.section("schedule").flatMap(ScheduleReader::read);
    var timeout = section.duration("timeout", SHORTEST, LONGEST, "2h");
    var guard = section.section("guard").map(TableReader::guard);
    var merge = section.choice("merge", MergeChoice.class);
    var staging = staging(section);
    var rowsPerSecond = section.section("throttle").flatMap(TableReader::rowsPerSecond);
    if (merge.filter(MergeChoice.STREAMING::equals).isPresent()
        && source.filter(TableReader::isQuery).isPresent()) {
      section.problem(
          "merge", "streaming needs a table with a key", "take it out: a query is staged");
    }
    section.end();
    if (problems.count() > before) {
      return Optional.empty();
    }
    return Optional.of(
        new TableDefinition(
            name.orElseThrow(),
            source.orElseThrow(),
            targetText.orElseThrow(),
            key,
            vnodes.orElse(TableDefinition.DEFAULT_VNODES),
            visibility.orElse(Visibility.ATOMIC),
            consistency.orElse(Consistency.RESUME),
            schedule.orElseGet(Schedule.OnDemand::new),
            timeout,
            rowsPerSecond,
            guard.orElse(GuardPolicy.DEFAULT),
            merge.orElse(MergeChoice.AUTO),
            staging,
            written.json().toString()));
  }

  /** The name that was read, also where something else is wrong with the table. */
  Optional<String> name() {
    return name;
  }

  /** Likewise what the target is called; empty where placeholders hide it. */
  Optional<QualifiedName> target() {
    return target;
  }

  int line(String key) {
    return section.line(key);
  }

  /** Adds a problem that shows only when the table is compared with others. */
  void problem(String key, String message, String remedy) {
    section.problem(key, message, remedy);
  }

  private static Optional<String> nameOf(Mapping table) {
    return table.entries().stream()
        .filter(entry -> entry.key().equals("name"))
        .map(ConfigNode.Entry::value)
        .filter(ConfigNode.Text.class::isInstance)
        .map(node -> ((ConfigNode.Text) node).value())
        .filter(name -> !name.isBlank() && name.length() <= MAX_NAME_LENGTH)
        .findFirst();
  }

  private boolean isName(String name) {
    if (Placeholder.isIn(name)) {
      section.problem(
          "name",
          "cannot hold a ${…}",
          "write the name itself: it identifies the table everywhere");
    } else if (name.length() > MAX_NAME_LENGTH) {
      section.problem(
          "name", "is longer than " + MAX_NAME_LENGTH + " characters", "choose a shorter one");
    } else if (!NAME.matcher(name).matches() || !name.equals(name.strip())) {
      section.problem(
          "name",
          "starts with a dot, dash or blank, ends with a blank, or holds a slash or control character",
          "choose a name such as orders");
    } else {
      return true;
    }
    return false;
  }

  private Optional<String> targetText() {
    if (!section.has("target")) {
      target = name.map(it -> new QualifiedName(QualifiedName.DEFAULT_SCHEMA, it));
      return target
          .filter(it -> fits("name", it, "name another one with `target: public.NAME`"))
          .map(QualifiedName::toString);
    }
    var text = section.text("target");
    if (text.isEmpty() || Placeholder.isIn(text.get())) {
      return text;
    }
    target = QualifiedName.find(text.get());
    if (target.isEmpty()) {
      section.problem("target", Section.shown(text.get()) + " " + NO_RELATION, WRITE_RELATION);
      return Optional.empty();
    }
    return target
        .filter(it -> fits("target", it, "choose a shorter one"))
        .map(QualifiedName::toString);
  }

  private boolean fits(String key, QualifiedName relation, String remedy) {
    if (relation.tooLong()) {
      section.problem(
          key,
          "is longer than the "
              + QualifiedName.MAX_IDENTIFIER_BYTES
              + " bytes that Postgres keeps of a name",
          remedy);
    }
    return !relation.tooLong();
  }

  private static boolean isQuery(SourceDefinition source) {
    return source instanceof PostgresSource postgres && postgres.query().isPresent();
  }

  private static Optional<SourceDefinition> source(Section source) {
    source.require("type", "write `type: postgres`");
    var type = source.resolved("type");
    if (type.isEmpty()) {
      return postgres(source);
    }
    return switch (type.get()) {
      case "postgres" -> postgres(source);
      case "files" -> FilesSourceReader.read(source);
      case "jdbc" -> JdbcSourceReader.read(source);
      case "iceberg" -> IcebergSourceReader.read(source);
      default -> {
        // The rest of it has other keys: nothing more to say about them.
        source.problem(
            "type",
            "this version reads only "
                + String.join(", ", SOURCES)
                + ", not "
                + source.shownValue("type"),
            NearMiss.of(type.get(), SOURCES)
                .map(near -> "did you mean " + near + "?")
                .orElse("write `type: postgres`, or take the table out"));
        yield Optional.empty();
      }
    };
  }

  private static Optional<SourceDefinition> postgres(Section source) {
    source.require("url", "write `url: \"postgresql://host:5432/database\"`");
    var one = hasOneRelation(source, "public.orders");
    var url = source.text("url");
    var user = source.text("user");
    var password = source.text("password");
    url.ifPresent(it -> checkUrl(source, "url", it));
    password.ifPresent(it -> checkPassword(source, it));
    var table = source.text("table").filter(it -> isRelation(source, it));
    var query = source.text("query");
    var columns = source.texts("columns", "`columns: [id, name]`");
    var where = source.text("where");
    source.end();
    if (url.isEmpty() || !one || (table.isEmpty() && query.isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(new PostgresSource(url.get(), user, password, table, query, columns, where));
  }

  /** Whether there is one of {@code table} and {@code query}. */
  static boolean hasOneRelation(Section source, String example) {
    if (source.has("table") && source.has("query")) {
      source.problem("query", "stands beside table", "keep one of them");
      return false;
    }
    if (!source.has("query")) {
      source.require("table", "write `table: " + example + "`, or a `query`");
    }
    return true;
  }

  static void checkPassword(Section section, String password) {
    if (Redaction.MASK.equals(password)) {
      section.problem(
          "password",
          "is the mask that stands for a password, not a password",
          "write the password, better as ${env:NAME} or ${file:/path}");
    }
  }

  /** Where it has placeholders, it is checked when they are resolved. */
  static void checkUrl(Section section, String key, String url) {
    if (url.contains(":" + Redaction.MASK + "@")) {
      section.problem(
          key,
          "holds the mask that stands for a password, not a password",
          "write the password, better as ${env:NAME} or ${file:/path}");
    } else if (!Placeholder.isIn(url)) {
      try {
        PostgresAddress.parse(url);
      } catch (TidemarkException e) {
        section.problem(key, e.report().message(), e.report().hint());
      }
    }
  }

  private static boolean isRelation(Section source, String text) {
    if (Placeholder.isIn(text) || QualifiedName.find(text).isPresent()) {
      return true;
    }
    source.problem("table", Section.shown(text) + " " + NO_RELATION, WRITE_RELATION);
    return false;
  }

  private static GuardPolicy guard(Section guard) {
    var ratio = guard.fraction("max-delete-ratio", GuardPolicy.DEFAULT.maxDeleteRatio());
    var onTrip = guard.choice("on-trip", GuardPolicy.OnTrip.class);
    guard.end();
    return new GuardPolicy(
        ratio.orElse(GuardPolicy.DEFAULT.maxDeleteRatio()),
        onTrip.orElse(GuardPolicy.DEFAULT.onTrip()));
  }

  private static StagingPolicy staging(Section table) {
    var onDuplicate = table.choice("on-duplicate", StagingPolicy.OnDuplicate.class);
    var onNullKey = table.choice("on-null-key", StagingPolicy.OnNullKey.class);
    var schemaChange = table.choice("schema-change", StagingPolicy.SchemaChange.class);
    var onBadRow = table.choice("on-bad-row", StagingPolicy.OnBadRow.class);
    var maxBadRows =
        table.whole(
            "max-bad-rows",
            0,
            StagingPolicy.LARGEST_MAX_BAD_ROWS,
            StagingPolicy.DEFAULT_MAX_BAD_ROWS);
    return new StagingPolicy(
        onDuplicate.orElse(StagingPolicy.DEFAULT.onDuplicate()),
        onNullKey.orElse(StagingPolicy.DEFAULT.onNullKey()),
        schemaChange.orElse(StagingPolicy.DEFAULT.schemaChange()),
        onBadRow.orElse(StagingPolicy.DEFAULT.onBadRow()),
        maxBadRows.orElse(StagingPolicy.DEFAULT_MAX_BAD_ROWS));
  }

  private static Optional<Long> rowsPerSecond(Section throttle) {
    throttle.require("rows-per-second", "write `throttle: {rows-per-second: 50000}`");
    var rows = throttle.whole("rows-per-second", 1, MAX_ROWS_PER_SECOND, 50_000);
    throttle.end();
    return rows;
  }
}
