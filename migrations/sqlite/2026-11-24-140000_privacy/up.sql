-- Rights of the person whose data it is (docs/adr/0020-rights-of-the-person.md).

-- Whom a kept answer is about, by the id of a record, so that erasure finds it; an answer of before this is about ''.
ALTER TABLE idempotency_keys ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX idempotency_keys_by_subject ON idempotency_keys (subject);

-- That somebody was erased: where, when, by whom and on which ground; `sealed`: why, in words. Nothing tells who it was.
CREATE TABLE erasures (
    id TEXT PRIMARY KEY NOT NULL,
    unit TEXT NOT NULL,
    ground TEXT NOT NULL,
    sealed BLOB NOT NULL,
    key_id TEXT NOT NULL,
    erased_at TIMESTAMP NOT NULL,
    erased_by TEXT NOT NULL
);

-- What was decided about them: which right, how it ended, for which day, by which law. The id is a new one.
CREATE TABLE erased_decisions (
    id TEXT PRIMARY KEY NOT NULL,
    unit TEXT NOT NULL,
    as_of DATE NOT NULL,
    decided_on DATE NOT NULL,
    entitlement TEXT NOT NULL,
    outcome TEXT NOT NULL,
    policy_id TEXT NOT NULL,
    policy_version TEXT NOT NULL,
    policy_digest TEXT NOT NULL,
    erased_on DATE NOT NULL
);
