-- A source whose version the target holds already need not be read again.

-- What a target holds whole: the version of its source that a refresh read into it and left nothing
-- out of. Gone as soon as a refresh of that target is planned or resumed: where a row stands, no
-- refresh has written since.
CREATE TABLE tidemark.target_versions (
  target       text PRIMARY KEY,           -- as tables.target
  table_name   text NOT NULL,
  incarnation  bigint NOT NULL,            -- of that table
  refresh_id   bigint NOT NULL,            -- that read it; history may have forgotten it
  substance    jsonb NOT NULL,             -- of the definition that it was read by
  identity     text NOT NULL,              -- of the source's version
  reading      jsonb NOT NULL,             -- which columns, and how they were read and compared
  relation     oid NOT NULL,               -- the target: another where it is dropped and created anew
  file         oid NOT NULL,               -- its relfilenode: another where it is truncated or rewritten
  has_rows     boolean NOT NULL
);

ALTER TABLE tidemark.refreshes
  ADD COLUMN full_read  boolean NOT NULL DEFAULT false,  -- reads the source whatever the target holds
  ADD COLUMN unchanged  jsonb;             -- why it read nothing (Unchanged); null: it read

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
       totals.deletes_skipped,
       r.unchanged ->> 'message' AS unchanged
  FROM tidemark.refreshes r
  JOIN tidemark.refresh_totals totals ON totals.refresh_id = r.id;

COMMENT ON COLUMN tidemark.history.unchanged IS 'Why nothing was read: an earlier refresh read that version of the source. Null where it was read.';

-- As in V11, with wanted_full; a refresh that is resumed may write to its target again.
DROP FUNCTION tidemark.begin_refresh(text, boolean, text, text, bigint);
CREATE FUNCTION tidemark.begin_refresh(
    wanted_table text, wanted_dry_run boolean, wanted_full boolean, asked_by text,
    wanted_visibility text, leader_term bigint,
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
             skip_deletes = false, full_read = r.full_read OR wanted_full,
             worked = '0', paused = false,
             merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
             merging_rows = coalesce((SELECT t.rows_read FROM tidemark.refresh_totals t
                                       WHERE t.refresh_id = r.id), 0),
             vnodes_skipped = done, splits_skipped = loaded
       WHERE r.id = last.id;
      -- Index: its primary key.
      DELETE FROM tidemark.target_versions v
       WHERE v.target = last.target AND last.plan IS NOT NULL;
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
           (table_name, trigger, dry_run, full_read, visibility, definition, term, target,
            incarnation)
    VALUES (wanted_table, asked_by, wanted_dry_run, wanted_full, wanted_visibility,
            defined.definition, leader_term, defined.target, defined.incarnation)
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
REVOKE EXECUTE ON FUNCTION
  tidemark.begin_refresh(text, boolean, boolean, text, text, bigint)
  FROM PUBLIC;

-- As in V4, with full.
CREATE FUNCTION tidemark.refresh(
    table_name text, dry_run boolean DEFAULT false, "full" boolean DEFAULT false) RETURNS bigint
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path = pg_catalog
AS $$
DECLARE
  found_definition jsonb;
  found_visibility text;
  begun            record;
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

  SELECT * INTO begun
    FROM tidemark.begin_refresh(refresh.table_name, coalesce(refresh.dry_run, false),
                                coalesce(refresh."full", false), 'SQL', found_visibility, 0);

  IF begun.refresh_id IS NULL THEN
    RAISE EXCEPTION '% already refreshing%',
                    CASE WHEN begun.running_table IS DISTINCT FROM refresh.table_name
                         THEN format('table %L, which shared the target of %L, is',
                                     begun.running_table, refresh.table_name)
                         ELSE format('table %L is', refresh.table_name) END,
                    coalesce(' (id ' || begun.running_id || ')', '')
      USING ERRCODE = 'object_in_use',
            HINT = 'Look at it with: SELECT * FROM tidemark.progress';
  END IF;

  PERFORM pg_notify('tidemark', begun.refresh_id::text);
  RETURN begun.refresh_id;
END
$$;
REVOKE EXECUTE ON FUNCTION tidemark.refresh(text, boolean, boolean) FROM PUBLIC;

-- Whoever may ask may go on asking.
DO $$
DECLARE
  allowed record;
BEGIN
  FOR allowed IN
    SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS grantee
      FROM pg_catalog.pg_proc p, aclexplode(p.proacl) a
     WHERE p.oid = 'tidemark.refresh(text, boolean)'::regprocedure AND a.grantee <> p.proowner
  LOOP
    EXECUTE 'GRANT EXECUTE ON FUNCTION tidemark.refresh(text, boolean, boolean) TO '
            || allowed.grantee;
  END LOOP;
END
$$;
DROP FUNCTION tidemark.refresh(text, boolean);

COMMENT ON FUNCTION tidemark.refresh(text, boolean, boolean) IS 'Asks for a refresh of a defined table and returns its id: a new one, or that of the last where it failed and can be resumed. It starts when the transaction has committed and a Tidemark server leads. With dry_run it stops at AWAITING_APPROVAL and applies nothing. With full the source is read also where the target holds its version already. Errors: undefined_table, object_in_use (already refreshing). Notifies channel tidemark with the id.';
