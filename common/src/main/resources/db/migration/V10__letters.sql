-- How metas that are not on one event bus hear each other. Hints only: all of it may be lost at any
-- moment, so none of it is logged, and a crash of the server empties it.

-- The leader's newest barrier.
CREATE UNLOGGED TABLE tidemark.announced_barrier (
  name          text PRIMARY KEY,           -- that of the lease: one row
  term          bigint NOT NULL,
  epoch         bigint NOT NULL,
  barrier       text NOT NULL,              -- JSON
  announced_at  timestamptz NOT NULL
);

-- What the leader of a term is to hear or to answer; taken away as it is read.
CREATE UNLOGGED TABLE tidemark.letters (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  term        bigint NOT NULL,              -- another leader's letters are not read
  letter      text NOT NULL,                -- JSON
  written_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What the leader answered; taken away by whoever asked.
CREATE UNLOGGED TABLE tidemark.answers (
  question    text PRIMARY KEY,             -- made by whoever asked
  answer      text NOT NULL,                -- JSON
  written_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
