package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.RelationSize;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which way a Postgres source goes: merged as a stream, or staged.
 *
 * @param staged not as a stream
 * @param why in words
 */
public record WayChoice(boolean staged, String why) {
  /** What only a merge of streams demands of a key. */
  private static final Set<ErrorCode> ONLY_STREAMING =
      Set.of(ErrorCode.KEY_TYPE_UNORDERED, ErrorCode.KEY_NULLABLE);

  /** So unlike the key's order may a heap be that it is still read by the key's index. */
  private static final double SCATTERED = 0.5;

  /** By pg_statistic_relid_att_inh_index; what the source's server is told that its caches hold. */
  private static final String ORDER =
      """
      SELECT abs(s.correlation) AS correlation, c.setting::bigint AS cached_pages
      FROM pg_stats s, pg_settings c
      WHERE s.schemaname = ? AND s.tablename = ? AND s.attname = ?
        AND c.name = 'effective_cache_size'
      ORDER BY s.inherited DESC
      LIMIT 1
      """;

  /**
   * Decides; reads only.
   *
   * @param source a connection to the source, configured by {@link Sessions}
   * @param home likewise to the home
   */
  public static WayChoice of(
      TableDefinition table, PostgresSource definition, Connection source, Connection home)
      throws SQLException {
    if (definition.query().isPresent()) {
      return new WayChoice(true, "source.query");
    }
    return switch (table.merge()) {
      case STREAMING -> new WayChoice(false, "merge: streaming");
      case STAGED -> new WayChoice(true, "merge: staged");
      case AUTO ->
          switch (Planner.examine(table, source, home)) {
            case PlanResult.Refused refused -> refused(refused);
            case PlanResult.Planned planned -> order(planned.plan(), definition, source);
          };
    };
  }

  /** What cannot be read at all is left to the planner of streams, which says so. */
  private static WayChoice refused(PlanResult.Refused refused) {
    var reports = refused.problems().stream().map(Problem::report).toList();
    return new WayChoice(
        reports.stream().allMatch(report -> ONLY_STREAMING.contains(report.code())),
        reports.stream().map(report -> report.message()).collect(Collectors.joining("; ")));
  }

  /** A heap in another order than its key is read in jumps, which only a cache makes quick. */
  private static WayChoice order(RefreshPlan plan, PostgresSource definition, Connection source)
      throws SQLException {
    var name = QualifiedName.parse(definition.table().orElseThrow());
    var key = plan.keyColumns().getFirst().name();
    try (var statement = source.prepareStatement(ORDER)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.name());
      statement.setString(3, key);
      try (var row = statement.executeQuery()) {
        if (!row.next()) {
          return new WayChoice(
              false, "the source has no statistics of key column " + QualifiedName.shown(key));
        }
        return order(
            key,
            row.getDouble("correlation"),
            RelationSize.of(source, plan.sourceRelation()).pages(),
            row.getLong("cached_pages"));
      }
    }
  }

  private static WayChoice order(String key, double correlation, long pages, long cached) {
    var scattered = correlation < SCATTERED;
    return new WayChoice(
        scattered && pages > cached,
        String.format(
            Locale.ROOT,
            "the source's rows lie in %s order %s key column %s (correlation %.2f), and its %d pages"
                + " are %s than its server caches (%d)",
            scattered ? "another" : "the",
            scattered ? "than" : "of",
            QualifiedName.shown(key),
            correlation,
            pages,
            pages > cached ? "more" : "no more",
            cached));
  }
}
