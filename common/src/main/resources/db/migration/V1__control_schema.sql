-- Tidemark's own schema. All truth about a refresh stands here; the event bus only carries hints.
-- Clock: always the database's now(), never a node's.

-- A refreshable table, as the user wrote it. Secrets stay unresolved (${env:…}, ${file:…}).
CREATE TABLE tidemark.tables (
  name        text PRIMARY KEY,
  definition  jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now()
);

-- Leadership. The term fences every write of a leader; it only ever rises.
CREATE TABLE tidemark.leases (
  name        text PRIMARY KEY,
  holder      text NOT NULL,               -- node id
  kind        text NOT NULL CHECK (kind IN ('server', 'sync')),  -- what to tell whoever is kept out
  endpoint    text,                        -- URL of the holder's frontend, for the same purpose
  term        bigint NOT NULL,
  epoch       bigint NOT NULL DEFAULT 0,   -- last epoch emitted; renewed together with the lease
  renewed_at  timestamptz NOT NULL DEFAULT now(),
  expires_at  timestamptz NOT NULL
);

CREATE TABLE tidemark.refreshes (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  table_name       text NOT NULL,
  state            text NOT NULL DEFAULT 'REFRESHING'
                   CHECK (state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING',
                                    'SUCCEEDED', 'FAILED', 'CANCELLED', 'REJECTED')),
  paused           boolean NOT NULL DEFAULT false,
  trigger          text NOT NULL DEFAULT 'MANUAL',
  dry_run          boolean NOT NULL DEFAULT false,
  visibility       text NOT NULL,
  definition       jsonb NOT NULL,           -- the table's, frozen when the refresh was asked for
  plan             jsonb,                    -- null until an executor has planned it
  first_load       boolean NOT NULL DEFAULT false,
  skip_deletes     boolean NOT NULL DEFAULT false,  -- decided by the guard: apply all but the deletes
  snapshot         int NOT NULL DEFAULT 0,   -- number of the source snapshot in use, 0 before the first
  work_owner       text,                     -- executor that plans or finishes it
  work_generation  bigint NOT NULL DEFAULT 0,  -- fences that executor
  term             bigint NOT NULL DEFAULT 0,  -- leader that wrote last
  epoch            bigint NOT NULL DEFAULT 0,  -- last committed epoch that saw it
  percent          double precision NOT NULL DEFAULT 0,  -- never goes back, also where VNodes start again
  load_seq         bigint,                   -- place of a first load in the change feed
  vnodes_skipped   int NOT NULL DEFAULT 0,
  attempts         int NOT NULL DEFAULT 1,
  approved         boolean NOT NULL DEFAULT false,  -- a person has looked: the guard does not ask again
  feed             boolean NOT NULL DEFAULT false,  -- whether its delta is a page of the change feed
  guard            jsonb,
  error            jsonb,
  requested_at     timestamptz NOT NULL DEFAULT now(),
  started_at       timestamptz,
  merging_since    timestamptz,              -- when merging began or was last resumed: for the speed
  merging_rows     bigint NOT NULL DEFAULT 0,  -- rows read before that moment
  worked           interval NOT NULL DEFAULT '0',  -- time of work so far, for the timeout
  finished_at      timestamptz
);

-- At most one active refresh a table: starting is one INSERT.
CREATE UNIQUE INDEX refreshes_one_active ON tidemark.refreshes (table_name)
  WHERE state IN ('REFRESHING', 'AWAITING_APPROVAL', 'FINISHING');
CREATE INDEX refreshes_by_table ON tidemark.refreshes (table_name, id DESC);

-- One row a VNode: what it covers, how far it is, and who may write for it.
CREATE TABLE tidemark.refresh_progress (
  refresh_id     bigint NOT NULL REFERENCES tidemark.refreshes ON DELETE CASCADE,
  vnode          int NOT NULL,
  stage          text NOT NULL DEFAULT 'NORMAL'
                 CHECK (stage IN ('NORMAL', 'REFRESHING', 'MERGING', 'CLEANUP')),
  lower_bound    text[],                   -- exclusive, by key column; null: open-ended
  upper_bound    text[],                   -- inclusive
  position       text[],                   -- last key merged: where it resumes; null: at its start
  rows_planned   bigint NOT NULL DEFAULT 0,
  is_completed   boolean NOT NULL DEFAULT false,
  rows_read      bigint NOT NULL DEFAULT 0,
  rows_inserted  bigint NOT NULL DEFAULT 0,
  rows_updated   bigint NOT NULL DEFAULT 0,
  rows_deleted   bigint NOT NULL DEFAULT 0,
  bytes_read     bigint NOT NULL DEFAULT 0,
  owner          text,                     -- executor; null: free to be claimed
  generation     bigint NOT NULL DEFAULT 0,  -- raised whenever ownership changes: fences the owner before
  checkpoint     bigint NOT NULL DEFAULT 0,  -- counts the owner's checkpoints: a late one never overwrites a newer
  epoch          bigint NOT NULL DEFAULT 0,
  snapshot       int NOT NULL DEFAULT 0,   -- source snapshot it is (or was) read in
  claimed_at     timestamptz,
  completed_at   timestamptz,
  PRIMARY KEY (refresh_id, vnode)
) WITH (fillfactor = 60);                  -- room for HOT updates: no index is touched by a checkpoint

-- Who holds which exported snapshot of the source. An executor imports any living one.
CREATE TABLE tidemark.refresh_snapshots (
  refresh_id   bigint NOT NULL REFERENCES tidemark.refreshes ON DELETE CASCADE,
  number       int NOT NULL,
  holder       text NOT NULL,
  snapshot_id  text NOT NULL,
  exported_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (refresh_id, number, holder)
);

CREATE TABLE tidemark.refresh_recoveries (
  refresh_id        bigint NOT NULL REFERENCES tidemark.refreshes ON DELETE CASCADE,
  at                timestamptz NOT NULL DEFAULT now(),
  cause             text NOT NULL,
  executor          text,
  stage             text NOT NULL,
  vnodes_completed  int NOT NULL,
  vnodes_released   int NOT NULL
);
CREATE INDEX refresh_recoveries_by_refresh ON tidemark.refresh_recoveries (refresh_id);

-- Orders the change feed. Assigned when a difference is found; only one refresh of a table is active
-- at a time, so that the numbers of one table rise from refresh to refresh.
CREATE SEQUENCE tidemark.change_seq;
