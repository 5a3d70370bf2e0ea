package io.tidemark.executor.plan;

import io.tidemark.common.config.SourceDefinition.PostgresSource;
import io.tidemark.common.config.TableDefinition;
import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.home.QualifiedName;
import io.tidemark.executor.catalog.RelationSize;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides which way a Postgres source goes: merged as a stream, or staged. */
public final class WayChoice {
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

  private WayChoice() {}

  /**
   * Why the source is to be staged; empty: it is merged as a stream, or it cannot be read at all.
   *
   * @param source a connection to the source, configured by {@link Sessions}
   * @param home likewise to the home
   */
  public static Optional<String> staged(
      TableDefinition table, PostgresSource definition, Connection source, Connection home)
      throws SQLException {
    return switch (table.merge()) {
      case STREAMING -> Optional.empty();
      case STAGED -> Optional.of("merge: staged");
      case AUTO ->
          switch (Planner.examine(table, source, home)) {
            case PlanResult.Refused refused -> onlyStreaming(refused);
            case PlanResult.Planned planned -> scattered(planned.plan(), definition, source);
          };
    };
  }

  private static Optional<String> onlyStreaming(PlanResult.Refused refused) {
    var reports = refused.problems().stream().map(Problem::report).toList();
    return reports.stream().allMatch(report -> ONLY_STREAMING.contains(report.code()))
        ? Optional.of(
            reports.stream().map(report -> report.message()).collect(Collectors.joining("; ")))
        : Optional.empty();
  }

  /** A heap in another order than its key is read in jumps, which only a cache makes quick. */
  private static Optional<String> scattered(
      RefreshPlan plan, PostgresSource definition, Connection source) throws SQLException {
    var name = QualifiedName.parse(definition.table());
    var key = plan.keyColumns().getFirst().name();
    try (var statement = source.prepareStatement(ORDER)) {
      statement.setString(1, name.schema());
      statement.setString(2, name.name());
      statement.setString(3, key);
      try (var row = statement.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        var correlation = row.getDouble("correlation");
        var cached = row.getLong("cached_pages");
        var pages = RelationSize.of(source, plan.sourceRelation()).pages();
        return correlation < SCATTERED && pages > cached
            ? Optional.of(
                String.format(
                    Locale.ROOT,
                    "the source's rows lie in another order than key column %s (correlation %.2f),"
                        + " and its %d pages are more than its server caches (%d)",
                    QualifiedName.shown(key),
                    correlation,
                    pages,
                    cached))
            : Optional.empty();
      }
    }
  }
}
