-- What others told, and the figures of mappings. These tables and views are there to be read by anybody with a right to;
-- docs/receiving.md says what their columns mean. No row refers to another table, so old ones may be deleted.

CREATE TABLE events (
    seq BIGINT NOT NULL PRIMARY KEY,
    channel TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    subject TEXT,
    source TEXT,
    occurred TEXT,
    received TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (channel, id),
    UNIQUE (channel, sha256)
) STRICT;
CREATE INDEX events_by_time ON events (received);

CREATE TABLE mappings (
    mapping TEXT NOT NULL,
    origin TEXT NOT NULL,
    completed TEXT NOT NULL,
    total_attempts BIGINT NOT NULL,
    successful_assignments BIGINT NOT NULL,
    average_latency_ms DOUBLE,
    assignment_rate DOUBLE,
    PRIMARY KEY (mapping, origin)
) STRICT;
CREATE INDEX mappings_by_time ON mappings (completed);

-- Each mapping once: what cxform counted itself goes before what somebody told.
CREATE VIEW report_mappings AS
SELECT m.mapping, m.origin, m.completed, r.project, r.environment, m.total_attempts, m.successful_assignments,
    m.average_latency_ms, m.assignment_rate
FROM mappings m LEFT JOIN runs r ON r.id = m.mapping
WHERE m.origin = 'run' OR NOT EXISTS (SELECT 1 FROM mappings o WHERE o.mapping = m.mapping AND o.origin = 'run');

CREATE VIEW report_mappings_by_day AS
SELECT SUBSTR(completed, 1, 10) AS day, COUNT(*) AS mappings,
    CAST(SUM(total_attempts) AS BIGINT) AS total_attempts,
    CAST(SUM(successful_assignments) AS BIGINT) AS successful_assignments,
    SUM(average_latency_ms * total_attempts)
        / NULLIF(SUM(CASE WHEN average_latency_ms IS NULL THEN 0 ELSE total_attempts END), 0) AS average_latency_ms,
    CAST(SUM(successful_assignments) AS DOUBLE) / NULLIF(SUM(total_attempts), 0) AS assignment_rate
FROM report_mappings GROUP BY SUBSTR(completed, 1, 10);

CREATE VIEW report_events_by_day AS
SELECT SUBSTR(received, 1, 10) AS day, channel, event, COUNT(*) AS events
FROM events GROUP BY SUBSTR(received, 1, 10), channel, event;

CREATE VIEW report_campaigns AS
SELECT subject AS campaign, event, COUNT(*) AS events, MIN(received) AS first_received, MAX(received) AS last_received
FROM events WHERE channel = 'campaign' GROUP BY subject, event;
