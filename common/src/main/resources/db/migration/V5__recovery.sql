-- What recovery knows: who is lost, how long it took to go on, and what fails again and again.

-- An executor that the leader has lost claims nothing until the leader hears it again. Without this
-- one that is cut off from the bus, but not from the home, would claim anew whatever is taken from it.
CREATE TABLE tidemark.lost_executors (
  executor  text PRIMARY KEY,
  term      bigint NOT NULL,                -- leader that lost it
  lost_at   timestamptz NOT NULL
);

ALTER TABLE tidemark.refresh_recoveries
  ADD COLUMN lost_at timestamptz,           -- last sign of life of whoever was lost; null: nobody was
  ADD COLUMN seconds double precision;      -- from then until it went on; null: not yet
