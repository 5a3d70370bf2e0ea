-- What loading met and did not read: counts and a sample (LoadReport).
ALTER TABLE tidemark.refreshes
  ADD COLUMN load_report jsonb;

-- One row a refresh whose rows are staged in an UNLOGGED table. Unlogged itself: where the home crashes
-- or fails over, Postgres empties all unlogged tables alike. So while the row is there, nothing staged
-- since it was written is lost.
CREATE UNLOGGED TABLE tidemark.staging_marks (
  refresh_id  bigint PRIMARY KEY
);

-- Rows of a source that the home could not read. Written in the transaction that loads the rows
-- around them.
CREATE TABLE tidemark.quarantine (
  refresh_id  bigint NOT NULL REFERENCES tidemark.refreshes ON DELETE CASCADE,
  split       int NOT NULL,
  place       text NOT NULL,               -- where it stands in the source: data/a.csv, line 17
  "column"    text,                        -- that could not be read, where Postgres says so
  reason      text NOT NULL,
  row         text NOT NULL,               -- as it was read, its first 8,000 characters
  at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX quarantine_by_refresh ON tidemark.quarantine (refresh_id);
