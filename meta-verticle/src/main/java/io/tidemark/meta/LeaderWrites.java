package io.tidemark.meta;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a leader decides about refreshes, and how far they are. Each write is fenced by its term,
 * see {@link TermFence}.
 */
final class LeaderWrites {
  /**
   * What a decision after the merge was based on, and $5: the snapshot that it was made in. Index:
   * refresh_progress's primary key.
   */
  private static final String STILL_MERGED =
      """
      r.state = 'REFRESHING' AND NOT r.paused AND r.plan IS NOT NULL AND r.snapshot = $5::int
      AND (NOT r.staged OR r.loaded_at IS NOT NULL)
      AND NOT EXISTS (SELECT 1 FROM tidemark.refresh_progress
                       WHERE refresh_id = r.id AND NOT is_completed)
      """;

  /** $3: tables. Their policy may change while a refresh goes on. Index: refreshes_one_active. */
  private static final String ADOPT_POLICY =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET definition = t.definition, term = leader.term
              FROM leader, tidemark.tables t
             WHERE r.table_name = ANY ($3::text[]) AND t.name = r.table_name
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
               AND r.definition <> t.definition
               AND tidemark.substance(r.definition) = tidemark.substance(t.definition)
            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  /** Index: refreshes_one_active. */
  private static final String OUTDATED =
      """
      SELECT r.id
        FROM tidemark.refreshes r JOIN tidemark.tables t ON t.name = r.table_name
       WHERE r.table_name = ANY ($1::text[])
         AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
         AND tidemark.substance(r.definition) <> tidemark.substance(t.definition)
      """;

  private static final String FINISH =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = 'FINISHING', term = leader.term,
                   skip_deletes = $4::text IS NOT NULL,
                   guard = coalesce(($4::text)::jsonb, guard), work_owner = NULL
              FROM leader
             WHERE r.id = $3::bigint AND
          """
          + STILL_MERGED
          + """

            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  private static final String AWAIT_APPROVAL =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = 'AWAITING_APPROVAL', term = leader.term, guard = ($4::text)::jsonb
              FROM leader
             WHERE r.id = $3::bigint AND
          """
          + STILL_MERGED
          + """

            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  /** Its VNodes' and splits' generations rise, so that nobody writes for it any more. */
  private static final String END =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = $4::text, term = leader.term, error = ($5::text)::jsonb,
                   finished_at = clock_timestamp(), work_owner = NULL, paused = false,
                   work_generation = work_generation + 1
              FROM leader
             WHERE r.id = $3::bigint AND r.state = ANY ($6::text[])
            RETURNING r.id),
          released AS (
            UPDATE tidemark.refresh_progress p
               SET owner = NULL, generation = generation + 1,
                   stage = CASE WHEN is_completed THEN stage ELSE 'NORMAL' END
              FROM changed
             WHERE p.refresh_id = changed.id),
          released_splits AS (
            UPDATE tidemark.refresh_splits p
               SET owner = NULL, generation = generation + 1,
                   stage = CASE WHEN is_completed THEN stage ELSE 'NORMAL' END
              FROM changed
             WHERE p.refresh_id = changed.id)
          """
          + TermFence.OUTCOME;

  /**
   * After {@link #END} and in its transaction, when nobody writes differences any more: what is in
   * the target already becomes a page of the change feed, unless it may be gone on with.
   */
  private static final String KEEP_APPLIED =
      """
      UPDATE tidemark.refreshes r
         SET feed_last = tidemark.last_applied(r)
       WHERE r.id = $1::bigint AND r.state IN ('FAILED', 'CANCELLED', 'REJECTED')
         AND NOT tidemark.is_resumable(r)
      """;

  private static final String APPROVE =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = 'FINISHING', approved = true, dry_run = false, term = leader.term,
                   work_owner = NULL
              FROM leader
             WHERE r.id = $3::bigint AND r.state = 'AWAITING_APPROVAL'
            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  private static final String HOLD =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET paused = $4::boolean, term = leader.term,
                   merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
                   merging_rows = coalesce((SELECT rows_read FROM tidemark.refresh_totals
                                             WHERE refresh_id = r.id), 0)
              FROM leader
             WHERE r.id = $3::bigint
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  private static final String COUNT_WORK =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET worked = worked + $3::bigint * interval '1 millisecond', term = leader.term,
                   started_at = coalesce(started_at, clock_timestamp())
              FROM leader
             WHERE r.state IN ('REFRESHING', 'FINISHING') AND NOT r.paused
            RETURNING r.id)
          """
          + TermFence.OUTCOME;

  private static final String COMMIT_EPOCH =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET epoch = $3::bigint, percent = greatest(r.percent, v.percent), term = leader.term,
                   started_at = coalesce(started_at, clock_timestamp())
              FROM leader,
                   unnest($4::bigint[], $5::float8[]) AS v(id, percent)
             WHERE r.id = v.id AND r.epoch < $3::bigint
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id),
          -- Gone on: somebody works on what was released, or nothing was.
          gone_on AS (
            UPDATE tidemark.refresh_recoveries v
               SET seconds = extract(epoch FROM
                     coalesce(least((SELECT min(claimed_at) FROM tidemark.refresh_progress
                                      WHERE refresh_id = v.refresh_id AND claimed_at >= v.at),
                                    (SELECT min(claimed_at) FROM tidemark.refresh_splits
                                      WHERE refresh_id = v.refresh_id AND claimed_at >= v.at)),
                              clock_timestamp()) - v.lost_at)
              FROM changed
             WHERE v.refresh_id = changed.id AND v.seconds IS NULL AND v.lost_at IS NOT NULL
               AND (v.vnodes_released + v.splits_released = 0
                    OR EXISTS (SELECT FROM tidemark.refresh_splits
                                WHERE refresh_id = v.refresh_id AND claimed_at >= v.at)
                    OR EXISTS (SELECT FROM tidemark.refresh_progress
                                WHERE refresh_id = v.refresh_id AND claimed_at >= v.at)))
          """
          + TermFence.OUTCOME;

  private final Pool home;
  private final TermFence fence;

  LeaderWrites(Pool home, TermFence fence) {
    this.home = home;
    this.fence = fence;
  }

  /**
   * Void where the refresh has moved on from that snapshot: its VNodes may have started again.
   *
   * @param skipped the deletes that are left out; empty: they are applied too
   */
  Future<Boolean> finish(long refreshId, int snapshot, Optional<GuardReport> skipped) {
    return fence.write(home, FINISH, refreshId, skipped.map(JsonText::of).orElse(null), snapshot);
  }

  Future<Boolean> awaitApproval(long refreshId, int snapshot, GuardReport guard) {
    return fence.write(home, AWAIT_APPROVAL, refreshId, JsonText.of(guard), snapshot);
  }

  /**
   * Gives up the active refreshes of these tables that began with another definition than theirs is
   * now; where only policy differs, they go on under the present one.
   */
  Future<Void> renew(Set<String> tables) {
    var names = tables.toArray(String[]::new);
    return fence
        .write(home, ADOPT_POLICY, (Object) names)
        .compose(adopted -> home.preparedQuery(OUTDATED).execute(Tuple.of(names)))
        .compose(
            rows -> {
              Future<?> all = Future.succeededFuture();
              for (var row : rows) {
                all = all.compose(done -> giveUp(row.getLong("id")));
              }
              return all.mapEmpty();
            });
  }

  private Future<Boolean> giveUp(long refreshId) {
    return end(
        refreshId,
        RefreshState.CANCELLED,
        ErrorReport.of(
            ErrorCode.PLAN_OUTDATED,
            "given up: its table's definition has changed since it began"));
  }

  Future<Boolean> fail(long refreshId, ErrorReport error) {
    return end(refreshId, RefreshState.FAILED, error);
  }

  /** Ends it without an error. */
  Future<Boolean> end(long refreshId, RefreshState state) {
    return end(refreshId, state, null);
  }

  Future<Boolean> approve(long refreshId) {
    return fence.write(home, APPROVE, refreshId);
  }

  Future<Boolean> hold(long refreshId, boolean paused) {
    return fence.write(home, HOLD, refreshId, paused);
  }

  Future<Boolean> countWork(long millis) {
    return fence.write(home, COUNT_WORK, millis);
  }

  /** Also keeps how far each was, so that its percentage never goes back. */
  Future<Boolean> commitEpoch(long epoch, List<RefreshView> views) {
    return fence.write(
        home,
        COMMIT_EPOCH,
        epoch,
        views.stream().map(RefreshView::id).toArray(Long[]::new),
        views.stream().map(RefreshView::percent).toArray(Double[]::new));
  }

  private Future<Boolean> end(long refreshId, RefreshState state, @Nullable ErrorReport error) {
    var from =
        switch (state) {
          case FAILED -> new String[] {"REFRESHING", "FINISHING"};
          case CANCELLED -> new String[] {"REFRESHING", "AWAITING_APPROVAL", "FINISHING", "FAILED"};
          case REJECTED -> new String[] {"AWAITING_APPROVAL"};
          case REFRESHING, AWAITING_APPROVAL, FINISHING, SUCCEEDED ->
              throw new IllegalArgumentException(state + " is not an end that a leader gives");
        };
    var json = error == null ? null : JsonText.of(error);
    return home.withTransaction(
        connection ->
            fence
                .write(connection, END, refreshId, state.name(), json, from)
                .compose(
                    ended ->
                        ended
                            ? connection
                                .preparedQuery(KEEP_APPLIED)
                                .execute(Tuple.of(refreshId))
                                .map(true)
                            : Future.succeededFuture(false)));
  }
}
