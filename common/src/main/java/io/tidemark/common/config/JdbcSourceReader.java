package io.tidemark.common.config;

import io.tidemark.common.config.SourceDefinition.JdbcSource;
import java.util.Optional;
import java.util.regex.Pattern;

/** A source of {@code type: jdbc} as a {@link JdbcSource}. */
final class JdbcSourceReader {
  private static final Pattern URL = Pattern.compile("jdbc:[^:\\s]+:\\S*");
  private static final int EXAMPLE_FETCH_SIZE = 1_000;

  /** What becomes of a date with a zero in it. Not "null", which YAML takes for no value. */
  private enum ZeroDates {
    FAIL,
    AS_NULL
  }

  private JdbcSourceReader() {}

  /** The definition; empty where anything was wrong. */
  static Optional<SourceDefinition> read(Section source) {
    source.has("type");
    source.require("url", "write `url: \"jdbc:mariadb://host:3306/database\"`");
    var url = source.text("url");
    var user = source.text("user");
    var password = source.text("password");
    url.ifPresent(it -> checkUrl(source, it));
    password.ifPresent(it -> TableReader.checkPassword(source, it));
    var one = TableReader.hasOneRelation(source, "orders");
    var table = source.text("table");
    var query = source.text("query");
    var columns = source.texts("columns", "`columns: [id, name]`");
    var where = source.text("where");
    var splitColumn = source.text("split-column");
    var splits = source.whole("splits", 1, JdbcSource.MAX_SPLITS, 8).map(Long::intValue);
    var fetchSize =
        source
            .whole("fetch-size", 1, JdbcSource.MAX_FETCH_SIZE, EXAMPLE_FETCH_SIZE)
            .map(Long::intValue);
    var driver = source.text("driver");
    var zeroDates = source.choice("zero-dates", ZeroDates.class);
    source.end();
    if (url.isEmpty() || !one || (table.isEmpty() && query.isEmpty())) {
      return Optional.empty();
    }
    return Optional.of(
        new JdbcSource(
            url.get(),
            user,
            password,
            table,
            query,
            columns,
            where,
            splitColumn,
            splits.orElse(1),
            fetchSize,
            driver,
            zeroDates.filter(ZeroDates.AS_NULL::equals).isPresent()));
  }

  /** Where it has placeholders, the driver says what is wrong when they are resolved. */
  private static void checkUrl(Section source, String url) {
    if (url.contains(Redaction.MASK)) {
      source.problem(
          "url",
          "holds the mask that stands for a password, not a password",
          "write it as `password`, better as ${env:NAME} or ${file:/path}");
    } else if (!Placeholder.isIn(url) && !URL.matcher(url).matches()) {
      source.problem(
          "url",
          "does not begin with jdbc: and a database's name",
          "write it as the driver's page says, such as jdbc:mariadb://host:3306/database");
    }
  }
}
