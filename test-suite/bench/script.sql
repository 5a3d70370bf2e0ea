-- What one writes by hand to make :target equal to a CSV file, and what a staged refresh is measured against:
-- with :memory for a hash table, or Postgres' own default; rows that did not change are not written, and readers see the whole change at once.
BEGIN;
SET LOCAL work_mem = :'memory';
CREATE UNLOGGED TABLE staging (LIKE :target);
COPY staging FROM :'file' (FORMAT csv, HEADER);
ANALYZE staging;

MERGE INTO :target t
USING staging s ON s.aid = t.aid
WHEN MATCHED AND (s.bid, s.abalance, s.filler) IS DISTINCT FROM (t.bid, t.abalance, t.filler) THEN
  UPDATE SET bid = s.bid, abalance = s.abalance, filler = s.filler
WHEN NOT MATCHED THEN
  INSERT (aid, bid, abalance, filler) VALUES (s.aid, s.bid, s.abalance, s.filler);

DELETE FROM :target t WHERE NOT EXISTS (SELECT FROM staging s WHERE s.aid = t.aid);

DROP TABLE staging;
COMMIT;
