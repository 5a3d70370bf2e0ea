package io.tidemark.meta;

import io.tidemark.common.error.ErrorCode;
import io.tidemark.common.error.ErrorReport;
import io.vertx.core.Future;
import io.vertx.sqlclient.SqlClient;

/**
 * What a leader writes where somebody is lost: another leader, or an executor. Each write is fenced
 * by its term, see {@link TermFence}, and is recorded on the refresh.
 */
final class RecoveryWrites {
  private static final String TAKE_OVER =
      "WITH "
          + TermFence.LEADER
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
                   splits_skipped = (SELECT count(*) FROM tidemark.refresh_splits
                                      WHERE refresh_id = r.id AND is_completed),
                   merging_rows = coalesce((SELECT rows_read FROM tidemark.refresh_totals
                                             WHERE refresh_id = r.id), 0)
              FROM leader
             WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id, r.state, r.plan IS NOT NULL AS planned,
                      r.staged AND r.loaded_at IS NULL AS loading,
                      r.vnodes_skipped, r.splits_skipped),
          released AS (
            UPDATE tidemark.refresh_progress p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner IS NOT NULL AND NOT p.is_completed
               AND $5::boolean
            RETURNING p.refresh_id),
          released_splits AS (
            UPDATE tidemark.refresh_splits p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL'
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner IS NOT NULL AND NOT p.is_completed
               AND $5::boolean
            RETURNING p.refresh_id),
          recorded AS (
            INSERT INTO tidemark.refresh_recoveries
                   (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released,
                    splits_completed, splits_released, lost_at)
            SELECT id, 'LEADER_LOST', NULL,
                   CASE WHEN NOT planned THEN 'NORMAL'
                        WHEN loading THEN 'REFRESHING'
                        ELSE 'MERGING' END,
                   vnodes_skipped, (SELECT count(*) FROM released WHERE refresh_id = changed.id),
                   splits_skipped,
                   (SELECT count(*) FROM released_splits WHERE refresh_id = changed.id),
                   clock_timestamp() - $4::bigint * interval '1 millisecond'
              FROM changed
             WHERE $3::boolean AND state IN ('REFRESHING', 'FINISHING')),
          forgotten AS (
            DELETE FROM tidemark.lost_executors USING leader
             WHERE lost_at < clock_timestamp() - interval '1 day')
          """
          + TermFence.OUTCOME;

  /**
   * Sessions of a lost executor that would hold up its release: in the middle of a transaction with
   * the lock on one of its rows, or finishing. Its network may be gone without a word to the home,
   * or it may stand still, so that they would last for hours. Whoever holds a row that has this
   * owner is that owner, or starts all VNodes again and then tries that again. Sessions of another
   * user of the home stay.
   */
  private static final String END_SESSIONS =
      "WITH "
          + TermFence.LEADER
          + """
          , locked AS (
            SELECT xmax FROM tidemark.refresh_progress
             WHERE refresh_id = $3::bigint AND owner = $4::text AND NOT is_completed
             UNION ALL
            SELECT xmax FROM tidemark.refresh_splits
             WHERE refresh_id = $3::bigint AND owner = $4::text AND NOT is_completed),
          holding AS (
            SELECT pid FROM pg_locks
             WHERE locktype = 'transactionid' AND granted AND mode = 'ExclusiveLock'
               AND transactionid IN (SELECT xmax FROM locked)
             UNION
            SELECT a.pid
              FROM tidemark.refreshes r
              JOIN pg_stat_activity a
                ON a.application_name IN ('tidemark finish ' || r.id, 'tidemark prepare ' || r.id)
             WHERE r.id = $3::bigint AND r.work_owner = $4::text),
          changed AS (
            SELECT pg_terminate_backend(a.pid)
              FROM leader, holding JOIN pg_stat_activity a USING (pid)
             WHERE a.datname = current_database() AND a.usename = current_user
               AND a.pid <> pg_backend_pid())
          """
          + TermFence.OUTCOME;

  private static final String RELEASE =
      "WITH "
          + TermFence.LEADER
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
                                      WHERE refresh_id = r.id AND is_completed),
                   splits_skipped = (SELECT count(*) FROM tidemark.refresh_splits
                                      WHERE refresh_id = r.id AND is_completed)
              FROM leader
             WHERE r.id = $3::bigint
               AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
            RETURNING r.id, r.state, r.attempts, r.plan IS NOT NULL AS planned,
                      r.staged AND r.loaded_at IS NULL AS loading,
                      r.vnodes_skipped, r.splits_skipped),
          released AS (
            UPDATE tidemark.refresh_progress p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL',
                   tries = CASE WHEN p.tried_in = changed.attempts THEN p.tries + 1 ELSE 1 END,
                   tried_in = changed.attempts,
                   failure = ($6::text)::jsonb || jsonb_build_object('vnode', p.vnode)
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner = $4::text AND NOT p.is_completed
            RETURNING 1),
          released_splits AS (
            UPDATE tidemark.refresh_splits p
               SET owner = NULL, generation = generation + 1, stage = 'NORMAL',
                   tries = CASE WHEN p.tried_in = changed.attempts THEN p.tries + 1 ELSE 1 END,
                   tried_in = changed.attempts,
                   failure = ($6::text)::jsonb || jsonb_build_object('stage', 'REFRESHING')
              FROM changed
             WHERE p.refresh_id = changed.id AND p.owner = $4::text AND NOT p.is_completed
            RETURNING 1),
          recorded AS (
            INSERT INTO tidemark.refresh_recoveries
                   (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released,
                    splits_completed, splits_released, lost_at)
            SELECT id, 'EXECUTOR_LOST', $4::text,
                   CASE WHEN NOT planned THEN 'NORMAL'
                        WHEN loading THEN 'REFRESHING'
                        WHEN state = 'FINISHING' THEN 'CLEANUP'
                        ELSE 'MERGING' END,
                   vnodes_skipped, (SELECT count(*) FROM released),
                   splits_skipped, (SELECT count(*) FROM released_splits),
                   clock_timestamp() - $5::bigint * interval '1 millisecond'
              FROM changed),
          barred AS (
            INSERT INTO tidemark.lost_executors (executor, term, lost_at)
            SELECT $4::text, term, clock_timestamp() - $5::bigint * interval '1 millisecond'
              FROM leader
            ON CONFLICT (executor) DO UPDATE SET term = excluded.term, lost_at = excluded.lost_at)
          """
          + TermFence.OUTCOME;

  /** Index: lost_executors' primary key. */
  private static final String WELCOME =
      "WITH "
          + TermFence.LEADER
          + """
          , changed AS (
            DELETE FROM tidemark.lost_executors USING leader
             WHERE executor = $3::text
            RETURNING executor)
          """
          + TermFence.OUTCOME;

  private final SqlClient home;
  private final TermFence fence;

  RecoveryWrites(SqlClient home, TermFence fence) {
    this.home = home;
    this.fence = fence;
  }

  /**
   * Marks all active refreshes with the term.
   *
   * @param silentMillis since the last sign of life of the leader before
   * @param alone no executor but this process's own can be at work: what others hold is free at
   *     once
   */
  Future<Boolean> takeOver(boolean leaderLost, long silentMillis, boolean alone) {
    return fence.write(home, TAKE_OVER, leaderLost, silentMillis, alone);
  }

  Future<Boolean> release(long refreshId, String executor, long silentMillis) {
    var failure =
        ErrorReport.of(
            ErrorCode.EXECUTOR_LOST,
            "one executor after another was lost while it worked on this VNode or split, the last was "
                + executor);
    return fence
        .write(home, END_SESSIONS, refreshId, executor)
        .compose(
            ended ->
                fence.write(
                    home, RELEASE, refreshId, executor, silentMillis, JsonText.of(failure)));
  }

  Future<Boolean> welcome(String executor) {
    return fence.write(home, WELCOME, executor);
  }
}
