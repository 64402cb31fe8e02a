-- One schema for both databases. `BIGINT` and `STRICT` are adapted to SQLite and PostgreSQL when it is applied.
-- Times are RFC 3339 texts in UTC of one width, documents are JSON texts, flags are 0 or 1.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    undoes TEXT,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    tenant TEXT NOT NULL,
    digest TEXT NOT NULL,
    plan TEXT NOT NULL,
    saved_plan BIGINT NOT NULL,
    git_commit TEXT,
    git_author TEXT,
    actor TEXT NOT NULL,
    host TEXT NOT NULL,
    pid BIGINT NOT NULL,
    started TEXT NOT NULL,
    resumes BIGINT NOT NULL,
    state TEXT NOT NULL,
    ended TEXT,
    counts TEXT,
    error TEXT,
    head TEXT,
    superseded_by TEXT
) STRICT;
CREATE INDEX runs_by_start ON runs (started, id);
CREATE INDEX runs_by_tenant ON runs (tenant, state);
CREATE INDEX runs_by_digest ON runs (digest);

-- The journal: one row per request that writes, put there before it is sent.
CREATE TABLE attempts (
    run TEXT NOT NULL REFERENCES runs (id),
    step TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    address TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    method TEXT,
    key TEXT NOT NULL,
    body_sha256 TEXT NOT NULL,
    precondition TEXT NOT NULL,
    idempotency_key TEXT,
    intended TEXT NOT NULL,
    answered TEXT,
    outcome TEXT,
    remote_id TEXT,
    version TEXT,
    status BIGINT,
    request_id TEXT,
    latency_ms BIGINT,
    retries BIGINT,
    error TEXT,
    PRIMARY KEY (run, step, attempt)
) STRICT;
CREATE INDEX attempts_by_latency ON attempts (latency_ms);

-- How each step of a run ended.
CREATE TABLE steps (
    run TEXT NOT NULL REFERENCES runs (id),
    step TEXT NOT NULL,
    address TEXT NOT NULL,
    outcome TEXT NOT NULL,
    unsettled BIGINT NOT NULL,
    remote_id TEXT,
    version TEXT,
    detail TEXT,
    ended TEXT NOT NULL,
    PRIMARY KEY (run, step)
) STRICT;

-- The hash chain, and the one row that serialises appending to it.
CREATE TABLE audit (
    seq BIGINT NOT NULL PRIMARY KEY,
    time TEXT NOT NULL,
    run TEXT NOT NULL,
    step TEXT NOT NULL,
    plan_digest TEXT NOT NULL,
    git_commit TEXT,
    git_author TEXT,
    actor TEXT NOT NULL,
    address TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    before_doc TEXT,
    after_doc TEXT,
    version_before TEXT,
    version_after TEXT,
    result TEXT NOT NULL,
    latency_ms BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    request_id TEXT,
    compliance TEXT NOT NULL,
    payload_sha256 TEXT,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_address ON audit (address, seq);
CREATE INDEX audit_by_run ON audit (run, seq);
CREATE TABLE chain (
    id BIGINT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE TABLE bases (
    tenant TEXT NOT NULL,
    address TEXT NOT NULL,
    fields TEXT NOT NULL,
    version TEXT,
    run TEXT NOT NULL,
    time TEXT NOT NULL,
    PRIMARY KEY (tenant, address)
) STRICT;

CREATE TABLE outbox (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    created TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt TEXT NOT NULL,
    delivered TEXT,
    error TEXT
) STRICT;
CREATE INDEX outbox_by_turn ON outbox (delivered, next_attempt);

-- Who holds a tenant, where the database itself is the lock. SQLite stores keep this beside the lock file.
CREATE TABLE leases (
    tenant TEXT NOT NULL PRIMARY KEY,
    nonce TEXT NOT NULL,
    renewals BIGINT NOT NULL,
    owner TEXT NOT NULL
) STRICT;
