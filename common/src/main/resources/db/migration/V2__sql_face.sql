-- Tidemark from SQL: for whoever has only psql, dbt or pg_cron.

-- Runs with its owner's rights, so that EXECUTE is all that a caller needs: with INSERT on
-- tidemark.refreshes one could name any source, here only a table that is defined already.
CREATE FUNCTION tidemark.refresh(table_name text, dry_run boolean DEFAULT false) RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog
AS $$
DECLARE
  found_definition jsonb;
  found_visibility text;
  running_id       bigint;
  new_id           bigint;
BEGIN
  SELECT t.definition INTO found_definition
    FROM tidemark.tables t
   WHERE t.name = refresh.table_name;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'tidemark knows no table %', coalesce(quote_literal(refresh.table_name), 'NULL')
      USING ERRCODE = 'undefined_table',
            HINT = 'List what exists with: SELECT table_name FROM tidemark.status';
  END IF;

  found_visibility := upper(coalesce(found_definition ->> 'visibility', 'atomic'));
  IF found_visibility NOT IN ('ATOMIC', 'PROGRESSIVE') THEN
    RAISE EXCEPTION 'visibility of table % is a placeholder, which only Tidemark itself can resolve',
                    quote_literal(refresh.table_name)
      USING ERRCODE = 'feature_not_supported',
            HINT = 'Write atomic or progressive in its definition, or use: tidemark refresh';
  END IF;
  IF refresh.dry_run THEN
    -- What a dry run finds must not reach the target chunk by chunk.
    found_visibility := 'ATOMIC';
  END IF;

  -- Index: refreshes_one_active. It decides, whoever else asks at the same moment.
  INSERT INTO tidemark.refreshes (table_name, trigger, dry_run, visibility, definition)
  VALUES (refresh.table_name, 'SQL', coalesce(refresh.dry_run, false), found_visibility,
          found_definition)
  ON CONFLICT DO NOTHING
  RETURNING id INTO new_id;

  IF new_id IS NULL THEN
    SELECT r.id INTO running_id
      FROM tidemark.refreshes r
     WHERE r.table_name = refresh.table_name
       AND r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING');
    RAISE EXCEPTION 'table % is already refreshing%', quote_literal(refresh.table_name),
                    coalesce(' (id ' || running_id || ')', '')
      USING ERRCODE = 'object_in_use',
            HINT = 'Look at it with: SELECT * FROM tidemark.progress';
  END IF;

  PERFORM pg_notify('tidemark', new_id::text);
  RETURN new_id;
END
$$;
REVOKE EXECUTE ON FUNCTION tidemark.refresh(text, boolean) FROM PUBLIC;

-- Counters are summed from the VNodes, never kept twice. Index: refresh_progress's primary key.
CREATE VIEW tidemark.refresh_totals AS
SELECT r.id AS refresh_id,
       CASE WHEN r.plan IS NULL THEN 'NORMAL'
            WHEN p.completed < p.total THEN 'MERGING'
            ELSE 'CLEANUP' END AS stage,
       round((CASE WHEN r.state = 'SUCCEEDED' THEN 100
                   ELSE least(99.9, greatest(r.percent, p.percent)) END)::numeric, 1) AS percent,
       p.total AS vnodes_total,
       p.completed AS vnodes_completed,
       p.working AS vnodes_working,
       p.rows_planned,
       p.rows_read,
       p.rows_inserted,
       p.rows_updated,
       p.rows_deleted,
       p.bytes_read,
       p.executors
  FROM tidemark.refreshes r
 CROSS JOIN LATERAL (
       SELECT count(*) AS total,
              count(*) FILTER (WHERE is_completed) AS completed,
              count(*) FILTER (WHERE owner IS NOT NULL AND NOT is_completed) AS working,
              coalesce(sum(rows_planned), 0)::bigint AS rows_planned,
              coalesce(sum(rows_read), 0)::bigint AS rows_read,
              coalesce(sum(rows_inserted), 0)::bigint AS rows_inserted,
              coalesce(sum(rows_updated), 0)::bigint AS rows_updated,
              coalesce(sum(rows_deleted), 0)::bigint AS rows_deleted,
              coalesce(sum(bytes_read), 0)::bigint AS bytes_read,
              coalesce(100 * sum(greatest(rows_planned, 1)
                  * CASE WHEN is_completed THEN 1
                         ELSE least(0.99, rows_read / greatest(rows_planned, 1)::float8) END)
                  / sum(greatest(rows_planned, 1)), 0)::float8 AS percent,
              array_agg(DISTINCT owner) FILTER (WHERE owner IS NOT NULL AND NOT is_completed)
                AS executors
         FROM tidemark.refresh_progress
        WHERE refresh_id = r.id) p;

-- Index: refreshes_one_active, refreshes_by_table.
CREATE VIEW tidemark.status AS
SELECT t.name AS table_name,
       coalesce(active.state, 'IDLE') AS state,
       active.id AS refresh_id,
       coalesce(active.paused, false) AS paused,
       totals.percent,
       coalesce('every ' || (t.definition #>> '{schedule,every}'),
                'cron ' || (t.definition #>> '{schedule,cron}'),
                'on demand') AS schedule,
       success.finished_at AS last_success_at,
       ended.id AS last_refresh_id,
       ended.state AS last_result,
       ended.finished_at AS last_finished_at,
       ended.error ->> 'code' AS last_error_code,
       ended.error ->> 'message' AS last_error,
       coalesce(active.guard ->> 'message', ended.error ->> 'hint') AS hint
  FROM tidemark.tables t
  LEFT JOIN tidemark.refreshes active
    ON active.table_name = t.name
   AND active.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
  LEFT JOIN tidemark.refresh_totals totals ON totals.refresh_id = active.id
  LEFT JOIN LATERAL (
       SELECT r.id, r.state, r.finished_at, r.error
         FROM tidemark.refreshes r
        WHERE r.table_name = t.name
          AND r.state NOT IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
        ORDER BY r.id DESC
        LIMIT 1) ended ON true
  LEFT JOIN LATERAL (
       SELECT r.finished_at
         FROM tidemark.refreshes r
        WHERE r.table_name = t.name AND r.state = 'SUCCEEDED'
        ORDER BY r.id DESC
        LIMIT 1) success ON true;

CREATE VIEW tidemark.progress AS
SELECT r.id AS refresh_id,
       r.table_name,
       r.state,
       totals.stage,
       r.paused,
       r.dry_run,
       totals.percent,
       totals.vnodes_total,
       totals.vnodes_completed,
       totals.vnodes_working,
       r.vnodes_skipped,
       totals.rows_planned,
       totals.rows_read,
       totals.rows_inserted,
       totals.rows_updated,
       totals.rows_deleted,
       totals.bytes_read,
       totals.executors,
       r.guard ->> 'message' AS waits_for,
       r.requested_at,
       r.started_at
  FROM tidemark.refreshes r
  JOIN tidemark.refresh_totals totals ON totals.refresh_id = r.id
 WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING');

CREATE VIEW tidemark.history AS
SELECT r.id AS refresh_id,
       r.table_name,
       r.state,
       r.trigger,
       r.dry_run,
       r.first_load,
       r.requested_at,
       r.started_at,
       r.finished_at,
       r.finished_at - r.started_at AS duration,
       totals.rows_read,
       totals.rows_inserted,
       totals.rows_updated,
       totals.rows_deleted,
       totals.bytes_read,
       totals.vnodes_total,
       r.vnodes_skipped,
       r.snapshot AS snapshots,
       r.attempts,
       (SELECT count(*) FROM tidemark.refresh_recoveries c WHERE c.refresh_id = r.id) AS recoveries,
       r.error ->> 'code' AS error_code,
       r.error ->> 'message' AS error,
       r.error ->> 'hint' AS hint
  FROM tidemark.refreshes r
  JOIN tidemark.refresh_totals totals ON totals.refresh_id = r.id;

COMMENT ON SCHEMA tidemark IS 'Tidemark: all truth about refreshes. Written by Tidemark alone; read the views status, progress, history.';

COMMENT ON FUNCTION tidemark.refresh(text, boolean) IS 'Asks for a refresh of a defined table and returns its id; it starts when the transaction has committed and a Tidemark server leads. With dry_run it stops at AWAITING_APPROVAL and applies nothing. Errors: undefined_table, object_in_use (already refreshing). Notifies channel tidemark with the id.';

COMMENT ON VIEW tidemark.status IS 'One row a table: IDLE or the state of its active refresh, and how the last one ended.';
COMMENT ON COLUMN tidemark.status.refresh_id IS 'The active refresh; null where the table is IDLE.';
COMMENT ON COLUMN tidemark.status.percent IS 'Of the active refresh: planned work that is durable. Never goes back.';
COMMENT ON COLUMN tidemark.status.last_result IS 'SUCCEEDED, FAILED, CANCELLED or REJECTED; null before the first end.';
COMMENT ON COLUMN tidemark.status.hint IS 'What waits for a person, or what to do about the last error.';
COMMENT ON VIEW tidemark.progress IS 'One row an active refresh: how far it is and what it found.';
COMMENT ON COLUMN tidemark.progress.vnodes_working IS 'VNodes that an executor has claimed and not completed.';
COMMENT ON COLUMN tidemark.progress.vnodes_skipped IS 'VNodes that were complete when the refresh was last recovered: not read again.';
COMMENT ON COLUMN tidemark.progress.rows_planned IS 'Estimate of the source''s rows, made when VNodes were planned.';
COMMENT ON COLUMN tidemark.progress.waits_for IS 'Why it is AWAITING_APPROVAL.';
COMMENT ON VIEW tidemark.history IS 'One row a refresh, ended or not.';
COMMENT ON COLUMN tidemark.history.snapshots IS 'Source snapshots it has read: 1 where none was lost.';
COMMENT ON COLUMN tidemark.history.attempts IS 'One more for each time that a failed refresh was taken up again.';
COMMENT ON VIEW tidemark.refresh_totals IS 'Sums over the VNodes of each refresh; what the other views are made of.';

COMMENT ON TABLE tidemark.tables IS 'Refreshable tables, as their users wrote them. Secrets stay unresolved.';
COMMENT ON TABLE tidemark.leases IS 'Who leads, and until when. The term fences every write of a leader.';
COMMENT ON COLUMN tidemark.leases.term IS 'Rises with each leader; a write that carries an older one is refused.';
COMMENT ON COLUMN tidemark.leases.epoch IS 'Last barrier emitted.';
COMMENT ON COLUMN tidemark.leases.expires_at IS 'On this database''s clock; no node''s clock decides.';
COMMENT ON TABLE tidemark.refreshes IS 'One row a refresh. At most one a table is active: index refreshes_one_active.';
COMMENT ON COLUMN tidemark.refreshes.definition IS 'The table''s definition, frozen when the refresh was asked for.';
COMMENT ON COLUMN tidemark.refreshes.plan IS 'Columns, casts and key that everyone who works on it uses; null until planned.';
COMMENT ON COLUMN tidemark.refreshes.snapshot IS 'Number of the source snapshot in use; 0 before the first.';
COMMENT ON COLUMN tidemark.refreshes.work_generation IS 'Fences the executor that plans or finishes it.';
COMMENT ON COLUMN tidemark.refreshes.term IS 'Term of the leader that wrote last.';
COMMENT ON COLUMN tidemark.refreshes.epoch IS 'Last committed epoch that saw it.';
COMMENT ON COLUMN tidemark.refreshes.feed IS 'Whether tidemark.delta_<id> stays as a page of the change feed.';
COMMENT ON COLUMN tidemark.refreshes.worked IS 'Time of work in earlier attempts: the timeout counts work, not waiting for a person.';
COMMENT ON TABLE tidemark.refresh_progress IS 'One row a VNode: its key range, how far it is, and who may write for it.';
COMMENT ON COLUMN tidemark.refresh_progress.lower_bound IS 'Exclusive, as text by key column; null: open-ended.';
COMMENT ON COLUMN tidemark.refresh_progress.upper_bound IS 'Inclusive, as text by key column; null: open-ended.';
COMMENT ON COLUMN tidemark.refresh_progress.position IS 'Last key merged: where it resumes.';
COMMENT ON COLUMN tidemark.refresh_progress.generation IS 'Rises with each change of owner; a write that carries an older one is refused.';
COMMENT ON COLUMN tidemark.refresh_progress.checkpoint IS 'Rises with each checkpoint; a late one never overwrites a newer.';
COMMENT ON TABLE tidemark.refresh_snapshots IS 'Exported snapshots of the source and who holds them; any one that lives can be imported.';
COMMENT ON TABLE tidemark.refresh_recoveries IS 'What went wrong on the way and was survived.';
COMMENT ON SEQUENCE tidemark.change_seq IS 'Orders the change feed: numbers of one table rise from refresh to refresh.';
