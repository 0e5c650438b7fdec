-- The records of An Sinh. Everything that tells who a person is or how they live stands in a `sealed` column:
-- AES-256-GCM, bound to its table, column and row; `key_id` names the key. `…_index` columns are HMAC-SHA-256
-- blind indexes. What stays readable here says nothing about a person: units, dates of acts, states, digests.

CREATE TABLE vault_keys (
    key_id TEXT PRIMARY KEY NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE accounts (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('official', 'client')),
    login TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    unit TEXT,
    scopes TEXT NOT NULL,
    failed_attempts INTEGER NOT NULL DEFAULT 0,
    locked_until TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (kind, login)
);

CREATE TABLE signing_keys (
    kid TEXT PRIMARY KEY NOT NULL,
    public_key BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE households (
    id TEXT PRIMARY KEY NOT NULL,
    unit TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE citizens (
    id TEXT PRIMARY KEY NOT NULL,
    household_id TEXT NOT NULL REFERENCES households (id),
    unit TEXT NOT NULL,
    personal_number_index BYTEA UNIQUE,
    name_index BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
CREATE INDEX citizens_by_name ON citizens (name_index);
CREATE INDEX citizens_by_household ON citizens (household_id);

CREATE TABLE evidence (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX evidence_by_citizen ON evidence (citizen_id);

CREATE TABLE decisions (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    unit TEXT NOT NULL,
    as_of DATE NOT NULL,
    policy_id TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    policy_digest TEXT NOT NULL,
    receipt TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    decided_at TIMESTAMP NOT NULL,
    decided_by TEXT NOT NULL
);
CREATE INDEX decisions_by_citizen ON decisions (citizen_id);

CREATE TABLE cards (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    unit TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'revoked', 'expired')),
    valid_from DATE NOT NULL,
    valid_to DATE,
    version BIGINT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    issued_by TEXT NOT NULL
);
-- One living card per person. A suspended card may come back, so it holds the place too.
CREATE UNIQUE INDEX cards_one_living_per_person ON cards (citizen_id) WHERE status IN ('active', 'suspended');

CREATE TABLE card_steps (
    id TEXT PRIMARY KEY NOT NULL,
    card_id TEXT NOT NULL REFERENCES cards (id),
    step TEXT NOT NULL CHECK (step IN ('issued', 'suspended', 'resumed', 'revoked', 'expired')),
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    taken_by TEXT NOT NULL
);
CREATE INDEX card_steps_by_card ON card_steps (card_id);

-- Hash chain: each row commits to the one before it. No row is ever changed or removed.
CREATE TABLE audit_entries (
    seq BIGINT PRIMARY KEY NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    receipt TEXT,
    salt BYTEA NOT NULL,
    previous TEXT NOT NULL,
    hash TEXT NOT NULL
);

CREATE TABLE idempotency_keys (
    principal TEXT NOT NULL,
    key_index BYTEA NOT NULL,
    request_index BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (principal, key_index)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE transit_check_counts (
    day DATE NOT NULL,
    service TEXT NOT NULL,
    result TEXT NOT NULL,
    checks BIGINT NOT NULL,
    PRIMARY KEY (day, service, result)
);
