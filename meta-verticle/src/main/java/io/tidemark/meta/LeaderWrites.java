package io.tidemark.meta;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.tidemark.common.refresh.GuardReport;
import io.tidemark.common.refresh.RefreshState;
import io.tidemark.common.refresh.RefreshView;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Every write of a leader. Each statement first takes a share lock on the lease row and does
 * nothing where that row no longer says that this node leads in this term: a new leader, which must
 * change that row, waits for the commit or makes the write void.
 */
final class LeaderWrites {
  /** $1: holder, $2: term. Index: leases' primary key. */
  static final String LEADER =
      """
      leader AS (
        SELECT term FROM tidemark.leases
         WHERE name = 'meta' AND holder = $1::text AND term = $2::bigint
           AND expires_at > clock_timestamp()
           FOR SHARE)
      """;

  /** What each statement ends with: whether the leader was one, and how many refreshes changed. */
  private static final String OUTCOME =
      """
      SELECT (SELECT count(*) FROM leader) AS led, (SELECT count(*) FROM changed) AS changed
      """;

  private static final String TAKE_OVER =
      "WITH "
          + LEADER
          + """
          , progress AS (
            SELECT refresh_id, (count(*) FILTER (WHERE is_completed))::int AS completed
              FROM tidemark.refresh_progress
             WHERE refresh_id IN (SELECT id FROM tidemark.refreshes
                                   WHERE state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING'))
             GROUP BY refresh_id),
          changed AS (
            UPDATE tidemark.refreshes r
               SET term = leader.term,
                   work_generation = work_generation
                     + CASE WHEN $5::boolean AND work_owner IS NOT NULL THEN 1 ELSE 0 END,
                   work_owner = CASE WHEN $5::boolean THEN NULL ELSE work_owner END,
                   vnodes_skipped = coalesce((SELECT completed FROM progress
                                               WHERE refresh_id = r.id), 0),
                   merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
                   merging_rows = (SELECT coalesce(sum(rows_read), 0) FROM tidemark.refresh_progress
                                    WHERE refresh_id = r.id)
              FROM leader
             WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id, r.state, r.plan IS NOT NULL AS planned, r.vnodes_skipped),
          released AS (
            UPDATE tidemark.refresh_progress p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner IS NOT NULL AND NOT p.is_completed
               AND $5::boolean
            RETURNING p.refresh_id),
          recorded AS (
            INSERT INTO tidemark.refresh_recoveries
                   (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released, lost_at)
            SELECT id, 'LEADER_LOST', NULL, CASE WHEN planned THEN 'MERGING' ELSE 'NORMAL' END,
                   vnodes_skipped, (SELECT count(*) FROM released WHERE refresh_id = changed.id),
                   clock_timestamp() - $4::bigint * interval '1 millisecond'
              FROM changed
             WHERE $3::boolean AND state IN ('REFRESHING', 'FINISHING')),
          forgotten AS (
            DELETE FROM tidemark.lost_executors USING leader
             WHERE lost_at < clock_timestamp() - interval '1 day')
          """
          + OUTCOME;

  /**
   * What a decision after the merge was based on, and $5: the snapshot that it was made in. Index:
   * refresh_progress's primary key.
   */
  private static final String STILL_MERGED =
      """
      r.state = 'REFRESHING' AND NOT r.paused AND r.plan IS NOT NULL AND r.snapshot = $5::int
      AND NOT EXISTS (SELECT 1 FROM tidemark.refresh_progress
                       WHERE refresh_id = r.id AND NOT is_completed)
      """;

  /** $3: tables. Their policy may change while a refresh goes on. Index: refreshes_one_active. */
  private static final String ADOPT_POLICY =
      "WITH "
          + LEADER
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
          + OUTCOME;

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
          + LEADER
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
          + OUTCOME;

  private static final String AWAIT_APPROVAL =
      "WITH "
          + LEADER
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
          + OUTCOME;

  /** Its VNodes' generations rise, so that nobody writes for it any more. */
  private static final String END =
      "WITH "
          + LEADER
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
             WHERE p.refresh_id = changed.id)
          """
          + OUTCOME;

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
          + LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET state = 'FINISHING', approved = true, dry_run = false, term = leader.term,
                   work_owner = NULL
              FROM leader
             WHERE r.id = $3::bigint AND r.state = 'AWAITING_APPROVAL'
            RETURNING r.id)
          """
          + OUTCOME;

  private static final String HOLD =
      "WITH "
          + LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET paused = $4::boolean, term = leader.term,
                   merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
                   merging_rows = (SELECT coalesce(sum(rows_read), 0) FROM tidemark.refresh_progress
                                    WHERE refresh_id = r.id)
              FROM leader
             WHERE r.id = $3::bigint
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id)
          """
          + OUTCOME;

  private static final String RELEASE =
      "WITH "
          + LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET term = leader.term,
                   work_generation = work_generation
                     + CASE WHEN work_owner = $4::text THEN 1 ELSE 0 END,
                   work_losses = CASE WHEN work_owner IS DISTINCT FROM $4::text THEN work_losses
                                      WHEN work_lost_in = attempts THEN work_losses + 1
                                      ELSE 1 END,
                   work_lost_in = CASE WHEN work_owner = $4::text THEN attempts
                                       ELSE work_lost_in END,
                   work_owner = CASE WHEN work_owner = $4::text THEN NULL ELSE work_owner END,
                   vnodes_skipped = (SELECT count(*) FROM tidemark.refresh_progress
                                      WHERE refresh_id = r.id AND is_completed)
              FROM leader
             WHERE r.id = $3::bigint
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id, r.state, r.attempts, r.plan IS NOT NULL AS planned, r.vnodes_skipped),
          released AS (
            UPDATE tidemark.refresh_progress p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL',
                   tries = CASE WHEN p.tried_in = changed.attempts THEN p.tries + 1 ELSE 1 END,
                   tried_in = changed.attempts,
                   failure = ($6::text)::jsonb || jsonb_build_object('vnode', p.vnode)
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner = $4::text AND NOT p.is_completed
            RETURNING 1),
          recorded AS (
            INSERT INTO tidemark.refresh_recoveries
                   (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released, lost_at)
            SELECT id, 'EXECUTOR_LOST', $4::text,
                   CASE WHEN NOT planned THEN 'NORMAL'
                        WHEN state = 'FINISHING' THEN 'CLEANUP'
                        ELSE 'MERGING' END,
                   vnodes_skipped, (SELECT count(*) FROM released),
                   clock_timestamp() - $5::bigint * interval '1 millisecond'
              FROM changed),
          barred AS (
            INSERT INTO tidemark.lost_executors (executor, term, lost_at)
            SELECT $4::text, term, clock_timestamp() - $5::bigint * interval '1 millisecond'
              FROM leader
            ON CONFLICT (executor) DO UPDATE SET term = excluded.term, lost_at = excluded.lost_at)
          """
          + OUTCOME;

  /** Index: lost_executors' primary key. */
  private static final String WELCOME =
      "WITH "
          + LEADER
          + """
          , changed AS (
            DELETE FROM tidemark.lost_executors USING leader
             WHERE executor = $3::text
            RETURNING executor)
          """
          + OUTCOME;

  private static final String COUNT_WORK =
      "WITH "
          + LEADER
          + """
          , changed AS (
            UPDATE tidemark.refreshes r
               SET worked = worked + $3::bigint * interval '1 millisecond', term = leader.term,
                   started_at = coalesce(started_at, clock_timestamp())
              FROM leader
             WHERE r.state IN ('REFRESHING', 'FINISHING') AND NOT r.paused
            RETURNING r.id)
          """
          + OUTCOME;

  private static final String COMMIT_EPOCH =
      "WITH "
          + LEADER
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
                     coalesce((SELECT min(claimed_at) FROM tidemark.refresh_progress
                                WHERE refresh_id = v.refresh_id AND claimed_at >= v.at),
                              clock_timestamp()) - v.lost_at)
              FROM changed
             WHERE v.refresh_id = changed.id AND v.seconds IS NULL AND v.lost_at IS NOT NULL
               AND (v.vnodes_released = 0
                    OR EXISTS (SELECT FROM tidemark.refresh_progress
                                WHERE refresh_id = v.refresh_id AND claimed_at >= v.at)))
          """
          + OUTCOME;

  private final Pool home;
  private final String holder;
  private final long term;
  private final Runnable fenced;

  /**
   * For one term of a node.
   *
   * @param fenced called for each write that was refused because this node leads no more
   */
  LeaderWrites(Pool home, String holder, long term, Runnable fenced) {
    this.home = home;
    this.holder = holder;
    this.term = term;
    this.fenced = fenced;
  }

  /**
   * Marks all active refreshes with the term.
   *
   * @param silentMillis since the last sign of life of the leader before
   * @param alone no executor but this process's own can be at work: what others hold is free at
   *     once
   */
  Future<Boolean> takeOver(boolean leaderLost, long silentMillis, boolean alone) {
    return write(TAKE_OVER, leaderLost, silentMillis, alone);
  }

  /**
   * Void where the refresh has moved on from that snapshot: its VNodes may have started again.
   *
   * @param skipped the deletes that are left out; empty: they are applied too
   */
  Future<Boolean> finish(long refreshId, int snapshot, Optional<GuardReport> skipped) {
    return write(FINISH, refreshId, skipped.map(JsonText::of).orElse(null), snapshot);
  }

  Future<Boolean> awaitApproval(long refreshId, int snapshot, GuardReport guard) {
    return write(AWAIT_APPROVAL, refreshId, JsonText.of(guard), snapshot);
  }

  /**
   * Gives up the active refreshes of these tables that began with another definition than theirs is
   * now; where only policy differs, they go on under the present one.
   */
  Future<Void> renew(Set<String> tables) {
    var names = tables.toArray(String[]::new);
    return write(ADOPT_POLICY, (Object) names)
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
    return write(APPROVE, refreshId);
  }

  Future<Boolean> hold(long refreshId, boolean paused) {
    return write(HOLD, refreshId, paused);
  }

  Future<Boolean> release(long refreshId, String executor, long silentMillis) {
    var failure =
        ErrorReport.of(
            ErrorCode.EXECUTOR_LOST,
            "one executor after another was lost while it worked on this VNode, the last was "
                + executor);
    return write(RELEASE, refreshId, executor, silentMillis, JsonText.of(failure));
  }

  Future<Boolean> welcome(String executor) {
    return write(WELCOME, executor);
  }

  Future<Boolean> countWork(long millis) {
    return write(COUNT_WORK, millis);
  }

  /** Also keeps how far each was, so that its percentage never goes back. */
  Future<Boolean> commitEpoch(long epoch, List<RefreshView> views) {
    return write(
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
            write(connection, END, refreshId, state.name(), json, from)
                .compose(
                    ended ->
                        ended
                            ? connection
                                .preparedQuery(KEEP_APPLIED)
                                .execute(Tuple.of(refreshId))
                                .map(true)
                            : Future.succeededFuture(false)));
  }

  /** Returns whether anything changed. */
  private Future<Boolean> write(String sql, @Nullable Object... parameters) {
    return write(home, sql, parameters);
  }

  private Future<Boolean> write(SqlClient client, String sql, @Nullable Object... parameters) {
    var all = Tuple.of(holder, term);
    for (var parameter : parameters) {
      all.addValue(parameter);
    }
    return client
        .preparedQuery(sql)
        .execute(all)
        .map(
            rows -> {
              var row = rows.iterator().next();
              if (row.getLong("led") == 0) {
                fenced.run();
              }
              return row.getLong("changed") > 0;
            });
  }
}
