-- Sources that are read in splits: who loads which piece into staging, and how far it is.

-- One row a split. What is loaded and how far it is change in one transaction.
CREATE TABLE tidemark.refresh_splits (
  refresh_id     bigint NOT NULL REFERENCES tidemark.refreshes ON DELETE CASCADE,
  split          int NOT NULL,             -- from 0, in the source's order
  name           text NOT NULL,            -- what people call it: a file's path, a key range
  spec           jsonb,                    -- what the connector needs to read it
  stage          text NOT NULL DEFAULT 'NORMAL'
                 CHECK (stage IN ('NORMAL', 'REFRESHING', 'CLEANUP')),
  position       text,                     -- where it goes on, in the connector's words; null: at its start
  rows_planned   bigint NOT NULL DEFAULT 0,  -- about; 0: not known
  bytes_planned  bigint NOT NULL DEFAULT 0,
  is_completed   boolean NOT NULL DEFAULT false,
  rows_loaded    bigint NOT NULL DEFAULT 0,
  bytes_loaded   bigint NOT NULL DEFAULT 0,  -- of the source
  owner          text,                     -- executor; null: free to be claimed
  generation     bigint NOT NULL DEFAULT 0,  -- raised whenever ownership changes: fences the owner before
  checkpoint     bigint NOT NULL DEFAULT 0,  -- counts its checkpoints over all owners
  epoch          bigint NOT NULL DEFAULT 0,
  snapshot       int NOT NULL DEFAULT 0,   -- load of the source that it belongs to
  tries          int NOT NULL DEFAULT 0,   -- times in a row that it failed, or its owner was lost
  tried_in       int NOT NULL DEFAULT 0,   -- attempt that they belong to
  failure        jsonb,                    -- the last of them, an error report
  claimed_at     timestamptz,
  completed_at   timestamptz,
  PRIMARY KEY (refresh_id, split)
) WITH (fillfactor = 60);                  -- room for HOT updates: no index is touched by a checkpoint

-- Of few rows, and not on what a checkpoint changes.
CREATE INDEX refresh_splits_failed ON tidemark.refresh_splits (refresh_id)
  WHERE failure IS NOT NULL;

ALTER TABLE tidemark.refreshes
  ADD COLUMN staged          boolean NOT NULL DEFAULT false,  -- read in splits; decided by its plan
  ADD COLUMN loaded_at       timestamptz,              -- its splits are loaded and staging has its key: VNodes may be merged
  ADD COLUMN rows_skipped    bigint NOT NULL DEFAULT 0,  -- loaded, but not compared: duplicate and null keys
  ADD COLUMN splits_skipped  int NOT NULL DEFAULT 0;

ALTER TABLE tidemark.refresh_recoveries
  ADD COLUMN splits_completed  int NOT NULL DEFAULT 0,
  ADD COLUMN splits_released   int NOT NULL DEFAULT 0;

-- The one place that sums over VNodes and splits. Deletes that the guard skipped are not counted as
-- deleted. Of a staged refresh rows are read when they are loaded; loading is the first half of its
-- percentage. Index: the primary keys of refresh_progress and refresh_splits.
CREATE OR REPLACE VIEW tidemark.refresh_totals AS
SELECT r.id AS refresh_id,
       CASE WHEN r.plan IS NULL THEN 'NORMAL'
            WHEN r.staged AND r.loaded_at IS NULL THEN 'REFRESHING'
            WHEN p.vnodes_completed < p.vnodes_total THEN 'MERGING'
            ELSE 'CLEANUP' END AS stage,
       round((CASE WHEN r.state = 'SUCCEEDED' THEN 100
                   ELSE least(99.9, greatest(r.percent,
                          CASE WHEN NOT r.staged THEN p.percent
                               WHEN r.loaded_at IS NULL THEN l.percent / 2
                               ELSE 50 + p.percent / 2 END)) END)::numeric, 1) AS percent,
       p.vnodes_total,
       p.vnodes_completed,
       p.vnodes_working,
       CASE WHEN r.staged THEN l.rows_planned ELSE p.rows_planned END AS rows_planned,
       CASE WHEN r.staged THEN greatest(0, l.rows_loaded - r.rows_skipped)
            ELSE p.rows_read END AS rows_read,
       p.rows_inserted,
       p.rows_updated,
       p.rows_deleted,
       CASE WHEN r.staged THEN l.bytes_loaded ELSE p.bytes_read END AS bytes_read,
       CASE WHEN r.staged THEN (SELECT array_agg(DISTINCT e) FROM unnest(p.executors || l.executors) e)
            ELSE p.executors END AS executors,
       p.deletes_skipped,
       greatest(p.last_completed_at, l.last_completed_at) AS last_completed_at,
       l.splits_total,
       l.splits_completed
  FROM tidemark.refreshes r
 CROSS JOIN LATERAL (
       SELECT count(*) AS vnodes_total,
              count(*) FILTER (WHERE is_completed) AS vnodes_completed,
              count(*) FILTER (WHERE owner IS NOT NULL AND NOT is_completed) AS vnodes_working,
              coalesce(sum(rows_planned), 0)::bigint AS rows_planned,
              coalesce(sum(rows_read), 0)::bigint AS rows_read,
              coalesce(sum(rows_inserted), 0)::bigint AS rows_inserted,
              coalesce(sum(rows_updated), 0)::bigint AS rows_updated,
              coalesce(sum(rows_deleted) FILTER (WHERE NOT r.skip_deletes), 0)::bigint
                AS rows_deleted,
              coalesce(sum(bytes_read), 0)::bigint AS bytes_read,
              coalesce(100 * sum(greatest(rows_planned, 1)
                  * CASE WHEN is_completed THEN 1
                         ELSE least(0.99, rows_read / greatest(rows_planned, 1)::float8) END)
                  / sum(greatest(rows_planned, 1)), 0)::float8 AS percent,
              array_agg(DISTINCT owner) FILTER (WHERE owner IS NOT NULL AND NOT is_completed)
                AS executors,
              coalesce(sum(rows_deleted) FILTER (WHERE r.skip_deletes), 0)::bigint
                AS deletes_skipped,
              max(completed_at) AS last_completed_at
         FROM tidemark.refresh_progress
        WHERE refresh_id = r.id
       HAVING r.totals IS NULL
        UNION ALL
       SELECT k.*
         FROM jsonb_to_record(r.totals) AS k(
                vnodes_total bigint, vnodes_completed bigint, vnodes_working bigint,
                rows_planned bigint, rows_read bigint, rows_inserted bigint, rows_updated bigint,
                rows_deleted bigint, bytes_read bigint, percent float8, executors text[],
                deletes_skipped bigint, last_completed_at timestamptz)
        WHERE r.totals IS NOT NULL) p
 CROSS JOIN LATERAL (
       SELECT count(*) AS splits_total,
              count(*) FILTER (WHERE is_completed) AS splits_completed,
              coalesce(sum(rows_planned), 0)::bigint AS rows_planned,
              coalesce(sum(rows_loaded), 0)::bigint AS rows_loaded,
              coalesce(sum(bytes_loaded), 0)::bigint AS bytes_loaded,
              coalesce(100 * sum(greatest(bytes_planned, rows_planned, 1)
                  * CASE WHEN is_completed THEN 1
                         WHEN bytes_planned > 0
                         THEN least(0.99, bytes_loaded / bytes_planned::float8)
                         ELSE least(0.99, rows_loaded / greatest(rows_planned, 1)::float8) END)
                  / sum(greatest(bytes_planned, rows_planned, 1)), 0)::float8 AS percent,
              array_agg(DISTINCT owner) FILTER (WHERE owner IS NOT NULL AND NOT is_completed)
                AS executors,
              max(completed_at) AS last_completed_at
         FROM tidemark.refresh_splits
        WHERE refresh_id = r.id AND r.staged
       HAVING r.totals IS NULL
        UNION ALL
       -- What was summed before stands in the other half; it has been read in full.
       SELECT coalesce(k.splits_total, 0), coalesce(k.splits_completed, 0), k.rows_planned,
              k.rows_read + r.rows_skipped, k.bytes_read, 100::float8, NULL::text[], NULL::timestamptz
         FROM jsonb_to_record(r.totals) AS k(
                splits_total bigint, splits_completed bigint,
                rows_planned bigint, rows_read bigint, bytes_read bigint)
        WHERE r.totals IS NOT NULL) l;

CREATE OR REPLACE VIEW tidemark.progress AS
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
       r.started_at,
       totals.splits_total,
       totals.splits_completed,
       r.splits_skipped
  FROM tidemark.refreshes r
  JOIN tidemark.refresh_totals totals ON totals.refresh_id = r.id
 WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING');

COMMENT ON COLUMN tidemark.progress.splits_total IS 'Pieces of the source (files, row groups, ranges) that are loaded first; 0 where the source is read in key order.';
COMMENT ON COLUMN tidemark.progress.splits_skipped IS 'Splits that were loaded when the refresh was last recovered: not read again.';

-- Whether what it found can still be gone on with. What was found before TARGET_CHANGED no longer
-- fits the target, a plan that is outdated fits neither side, and a source that changed while it was
-- read is another version.
CREATE OR REPLACE FUNCTION tidemark.is_resumable(r tidemark.refreshes) RETURNS boolean
  LANGUAGE sql STABLE
AS $$
  SELECT r.state = 'FAILED'
         AND coalesce((r.error ->> 'retryable')::boolean, false)
         AND r.error ->> 'code' NOT IN ('TARGET_CHANGED', 'PLAN_OUTDATED', 'SOURCE_CHANGED')
$$;

-- As in V4; what is loaded is counted and skipped too.
CREATE OR REPLACE FUNCTION tidemark.begin_refresh(
    wanted_table text, wanted_dry_run boolean, asked_by text, wanted_visibility text,
    leader_term bigint,
    OUT refresh_id bigint, OUT resumed boolean, OUT running_id bigint, OUT running_table text)
  LANGUAGE plpgsql
  SET search_path = pg_catalog
AS $$
DECLARE
  defined tidemark.tables;
  last    tidemark.refreshes;
  done    int;
  loaded  int;
BEGIN
  resumed := false;
  -- The row lock keeps its definition as it is until this is decided.
  SELECT * INTO defined FROM tidemark.tables t WHERE t.name = wanted_table FOR SHARE;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  -- Index: refreshes_by_table.
  SELECT * INTO last
    FROM tidemark.refreshes r
   WHERE r.table_name = wanted_table
   ORDER BY r.id DESC
   LIMIT 1
     FOR UPDATE;

  BEGIN
    IF tidemark.is_resumable(last)
       AND last.incarnation = defined.incarnation
       AND tidemark.substance(last.definition) = tidemark.substance(defined.definition)
       AND last.dry_run = wanted_dry_run THEN
      SELECT count(*) INTO done
        FROM tidemark.refresh_progress p
       WHERE p.refresh_id = last.id AND p.is_completed;
      SELECT count(*) INTO loaded
        FROM tidemark.refresh_splits s
       WHERE s.refresh_id = last.id AND s.is_completed;
      UPDATE tidemark.refreshes r
         SET state = 'REFRESHING', term = greatest(r.term, leader_term), attempts = r.attempts + 1,
             definition = defined.definition, error = NULL, guard = NULL, finished_at = NULL,
             skip_deletes = false,
             worked = '0', paused = false,
             merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
             merging_rows = coalesce((SELECT t.rows_read FROM tidemark.refresh_totals t
                                       WHERE t.refresh_id = r.id), 0),
             vnodes_skipped = done, splits_skipped = loaded
       WHERE r.id = last.id;
      INSERT INTO tidemark.refresh_recoveries
             (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released,
              splits_completed)
      VALUES (last.id, 'RESUMED_AFTER_FAILURE', NULL,
              CASE WHEN last.plan IS NULL THEN 'NORMAL'
                   WHEN last.staged AND last.loaded_at IS NULL THEN 'REFRESHING'
                   ELSE 'MERGING' END, done, 0, loaded);
      refresh_id := last.id;
      resumed := true;
      RETURN;
    END IF;

    -- It will not be gone on with any more: what it has applied becomes a page of the feed, before
    -- the new one adds to it.
    UPDATE tidemark.refreshes r
       SET feed_last = tidemark.last_applied(r)
     WHERE r.id = last.id AND r.state = 'FAILED' AND r.feed_last IS NULL;

    -- Indexes: refreshes_one_active, refreshes_one_active_target. They decide, whoever else asks.
    INSERT INTO tidemark.refreshes
           (table_name, trigger, dry_run, visibility, definition, term, target, incarnation)
    VALUES (wanted_table, asked_by, wanted_dry_run, wanted_visibility, defined.definition,
            leader_term, defined.target, defined.incarnation)
    RETURNING id INTO refresh_id;
  EXCEPTION WHEN unique_violation THEN
    SELECT r.id, r.table_name INTO running_id, running_table
      FROM tidemark.refreshes r
     WHERE r.state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING')
       AND (r.table_name = wanted_table OR r.target = defined.target)
     ORDER BY r.table_name <> wanted_table
     LIMIT 1;
    -- It has just ended: whoever asks again gets an answer.
    running_table := coalesce(running_table, wanted_table);
  END;
END
$$;
