-- What fails again and again: a VNode that nobody can merge, a refresh that nobody can plan or finish.
-- Counted for one attempt of the refresh: the next one tries everything again.
ALTER TABLE tidemark.refresh_progress
  ADD COLUMN tries     int NOT NULL DEFAULT 0,  -- times in a row that it failed, or its owner was lost
  ADD COLUMN tried_in  int NOT NULL DEFAULT 0,  -- attempt that they belong to
  ADD COLUMN failure   jsonb;                   -- the last of them, an error report

-- Of few rows, and not on what a checkpoint changes: its updates stay HOT.
CREATE INDEX refresh_progress_failed ON tidemark.refresh_progress (refresh_id)
  WHERE failure IS NOT NULL;

ALTER TABLE tidemark.refreshes
  ADD COLUMN work_losses   int NOT NULL DEFAULT 0,  -- times that its planner or finisher was lost
  ADD COLUMN work_lost_in  int NOT NULL DEFAULT 0;  -- attempt that they belong to
