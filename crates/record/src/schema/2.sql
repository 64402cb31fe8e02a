-- The order of runs and of the steps of a run, which no clock can turn round. What was there before keeps the order of its
-- times.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) STRICT;

ALTER TABLE runs ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE runs SET seq =
    (SELECT COUNT(*) FROM runs r WHERE r.started < runs.started OR (r.started = runs.started AND r.id <= runs.id));
INSERT INTO counters (name, value) SELECT 'runs', COUNT(*) FROM runs;
DROP INDEX runs_by_start;
CREATE UNIQUE INDEX runs_by_seq ON runs (seq);

ALTER TABLE steps ADD COLUMN seq BIGINT NOT NULL DEFAULT 0;
UPDATE steps SET seq =
    (SELECT COUNT(*) FROM steps s WHERE s.run = steps.run
     AND (s.ended < steps.ended OR (s.ended = steps.ended AND s.step <= steps.step)));
CREATE INDEX steps_by_seq ON steps (run, seq);
