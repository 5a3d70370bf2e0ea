-- What refreshes changed, and how much: one place each.

ALTER TABLE tidemark.refreshes
  ADD COLUMN feed_last bigint,   -- its last change in the feed; null: its delta is no page of it
  ADD COLUMN totals jsonb;       -- sums over its VNodes, once those are forgotten
ALTER TABLE tidemark.tables
  ADD COLUMN feed_after bigint NOT NULL DEFAULT 0;  -- changes up to here are kept no more

DO $$
DECLARE
  page record;
BEGIN
  FOR page IN SELECT id, load_seq FROM tidemark.refreshes WHERE state = 'SUCCEEDED' AND feed LOOP
    IF page.load_seq IS NOT NULL THEN
      UPDATE tidemark.refreshes SET feed_last = page.load_seq WHERE id = page.id;
    ELSIF to_regclass('tidemark.delta_' || page.id) IS NOT NULL THEN
      EXECUTE format('UPDATE tidemark.refreshes SET feed_last = (SELECT max(seq) FROM tidemark.delta_%s)'
                     ' WHERE id = %s', page.id, page.id);
    END IF;
  END LOOP;
END
$$;

ALTER TABLE tidemark.refreshes DROP COLUMN feed;
CREATE INDEX refreshes_feed ON tidemark.refreshes (table_name, feed_last) WHERE feed_last IS NOT NULL;
-- For whoever forgets VNodes of old refreshes.
CREATE INDEX refreshes_with_vnodes ON tidemark.refreshes (table_name, id DESC) WHERE totals IS NULL;

-- The last change of a refresh that is in the target although the refresh did not succeed: a
-- progressive one applies inserts and updates as it finds them, deletes at its end only.
CREATE FUNCTION tidemark.last_applied(r tidemark.refreshes) RETURNS bigint
  LANGUAGE plpgsql
  SET search_path = pg_catalog
AS $$
DECLARE
  last bigint;
BEGIN
  IF r.visibility = 'PROGRESSIVE' AND NOT r.first_load AND r.plan IS NOT NULL
     AND to_regclass('tidemark.delta_' || r.id) IS NOT NULL THEN
    -- Index: the delta's primary key, backwards.
    EXECUTE format('SELECT max(seq) FROM tidemark.delta_%s WHERE op <> ''D''', r.id) INTO last;
  END IF;
  RETURN last;
END
$$;
REVOKE EXECUTE ON FUNCTION tidemark.last_applied(tidemark.refreshes) FROM PUBLIC;

-- The one place that sums over VNodes. Deletes that the guard skipped are not counted as deleted.
-- Index: refresh_progress's primary key.
CREATE OR REPLACE VIEW tidemark.refresh_totals AS
SELECT r.id AS refresh_id,
       CASE WHEN r.plan IS NULL THEN 'NORMAL'
            WHEN p.vnodes_completed < p.vnodes_total THEN 'MERGING'
            ELSE 'CLEANUP' END AS stage,
       round((CASE WHEN r.state = 'SUCCEEDED' THEN 100
                   ELSE least(99.9, greatest(r.percent, p.percent)) END)::numeric, 1) AS percent,
       p.vnodes_total,
       p.vnodes_completed,
       p.vnodes_working,
       p.rows_planned,
       p.rows_read,
       p.rows_inserted,
       p.rows_updated,
       p.rows_deleted,
       p.bytes_read,
       p.executors,
       p.deletes_skipped,
       p.last_completed_at
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
        WHERE r.totals IS NOT NULL) p;

CREATE OR REPLACE VIEW tidemark.history AS
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
       r.error ->> 'hint' AS hint,
       totals.deletes_skipped
  FROM tidemark.refreshes r
  JOIN tidemark.refresh_totals totals ON totals.refresh_id = r.id;

COMMENT ON COLUMN tidemark.history.rows_deleted IS 'Without those that the guard skipped.';
COMMENT ON COLUMN tidemark.history.deletes_skipped IS 'Rows that the source lacks and that stay, because of guard.on-trip: skip-deletes.';
