-- How a refresh begins: one rule, whoever asks. And one table a target, or each would repair the
-- other's rows.

ALTER TABLE tidemark.tables
  ADD COLUMN target text,                     -- quoted, schema-qualified, placeholders resolved
  ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;  -- another where it is deleted and defined again
ALTER TABLE tidemark.tables
  -- Of the change feed's sequence: a place in the feed below it is one of the table before.
  ALTER COLUMN incarnation SET DEFAULT nextval('tidemark.change_seq');

-- Where several share one already, the oldest keeps it; the others are refused when defined again.
UPDATE tidemark.tables t
   SET target = named.target
  FROM (SELECT name, target, row_number() OVER (PARTITION BY target ORDER BY created_at, name) AS nth
          FROM (SELECT name, created_at,
                       CASE
                         WHEN NOT definition ? 'target' THEN format('"public"."%s"', replace(name, '"', '""'))
                         WHEN definition ->> 'target' ~ '^[A-Za-z_][A-Za-z0-9_]*([.][A-Za-z_][A-Za-z0-9_]*)?$'
                         THEN format('"%s"."%s"',
                                     CASE WHEN definition ->> 'target' LIKE '%.%'
                                          THEN lower(split_part(definition ->> 'target', '.', 1))
                                          ELSE 'public' END,
                                     lower(regexp_replace(definition ->> 'target', '^.*[.]', '')))
                       END AS target
                  FROM tidemark.tables) written) named
 WHERE t.name = named.name AND named.nth = 1;

CREATE UNIQUE INDEX tables_one_target ON tidemark.tables (target);

ALTER TABLE tidemark.refreshes
  ADD COLUMN target text,                     -- as the table's when it was asked for
  ADD COLUMN incarnation bigint NOT NULL DEFAULT 0;  -- likewise: what an earlier one found is not its own

-- A refresh keeps the target it began with, also where its table has got another one meanwhile.
CREATE UNIQUE INDEX refreshes_one_active_target ON tidemark.refreshes (target)
  WHERE state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING');

-- Whether what it found can still be gone on with. What was found before TARGET_CHANGED no longer
-- fits the target, and a plan that is outdated fits neither side.
CREATE FUNCTION tidemark.is_resumable(r tidemark.refreshes) RETURNS boolean
  LANGUAGE sql STABLE
AS $$
  SELECT r.state = 'FAILED'
         AND coalesce((r.error ->> 'retryable')::boolean, false)
         AND r.error ->> 'code' NOT IN ('TARGET_CHANGED', 'PLAN_OUTDATED')
$$;

-- What of a definition decides which rows are read, compared and written. The rest is policy: it
-- may change while a refresh goes on.
CREATE FUNCTION tidemark.substance(definition jsonb) RETURNS jsonb
  LANGUAGE sql IMMUTABLE
AS $$
  SELECT (definition - ARRAY['guard', 'timeout', 'schedule', 'throttle', 'vnodes'])
         #- '{source,password}'
$$;

-- Goes on with the table's last refresh where that FAILED and can be resumed, else starts a new one.
-- refresh_id: null where it cannot; then running_id and running_table are the refresh in the way, or
-- null where the table is unknown.
CREATE FUNCTION tidemark.begin_refresh(
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
      UPDATE tidemark.refreshes r
         SET state = 'REFRESHING', term = greatest(r.term, leader_term), attempts = r.attempts + 1,
             definition = defined.definition, error = NULL, guard = NULL, finished_at = NULL,
             skip_deletes = false,
             worked = '0', paused = false,
             merging_since = CASE WHEN r.plan IS NULL THEN NULL ELSE clock_timestamp() END,
             merging_rows = (SELECT coalesce(sum(p.rows_read), 0) FROM tidemark.refresh_progress p
                              WHERE p.refresh_id = r.id),
             vnodes_skipped = done
       WHERE r.id = last.id;
      INSERT INTO tidemark.refresh_recoveries
             (refresh_id, cause, executor, stage, vnodes_completed, vnodes_released)
      VALUES (last.id, 'RESUMED_AFTER_FAILURE', NULL,
              CASE WHEN last.plan IS NULL THEN 'NORMAL' ELSE 'MERGING' END, done, 0);
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
REVOKE EXECUTE ON FUNCTION
  tidemark.begin_refresh(text, boolean, text, text, bigint),
  tidemark.is_resumable(tidemark.refreshes),
  tidemark.substance(jsonb)
  FROM PUBLIC;

CREATE OR REPLACE FUNCTION tidemark.refresh(table_name text, dry_run boolean DEFAULT false) RETURNS bigint
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
    FROM tidemark.begin_refresh(refresh.table_name, coalesce(refresh.dry_run, false), 'SQL',
                                found_visibility, 0);

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

COMMENT ON FUNCTION tidemark.refresh(text, boolean) IS 'Asks for a refresh of a defined table and returns its id: a new one, or that of the last where it failed and can be resumed. It starts when the transaction has committed and a Tidemark server leads. With dry_run it stops at AWAITING_APPROVAL and applies nothing. Errors: undefined_table, object_in_use (already refreshing). Notifies channel tidemark with the id.';
