-- The id of an exported snapshot is unique for one life of its server only: after a restart, or at the
-- server that took over, the same id is soon that of another snapshot. Whoever imports one looks whether
-- it sees what it should.
ALTER TABLE tidemark.refresh_snapshots
  ADD COLUMN sees text;                      -- transactions it sees, and since when its server runs
