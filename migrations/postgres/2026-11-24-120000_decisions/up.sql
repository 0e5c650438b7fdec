-- Decisions that last (docs/adr/0017-decisions-that-last.md): the law each was made by, what replaced it, what was said
-- against it, and the events that others are told of. No row of these tables but `outbox_events` is ever changed.

-- Packs of law that made a decision. `files`: canonical JSON (RFC 8785), name to text. The law is public: not sealed; the
-- digest is over the files, so that no changed one passes.
CREATE TABLE policy_packs (
    digest TEXT PRIMARY KEY NOT NULL,
    policy_id TEXT NOT NULL,
    version TEXT NOT NULL,
    files BYTEA NOT NULL,
    kept_at TIMESTAMP NOT NULL
);

-- Which decision took the place of which: each has one successor and one predecessor at most.
CREATE TABLE supersessions (
    superseded_id TEXT PRIMARY KEY NOT NULL REFERENCES decisions (id),
    decision_id TEXT NOT NULL UNIQUE REFERENCES decisions (id)
);

CREATE TABLE appeals (
    id TEXT PRIMARY KEY NOT NULL,
    decision_id TEXT NOT NULL REFERENCES decisions (id),
    unit TEXT NOT NULL,
    filed_on DATE NOT NULL,
    due_on DATE NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL
);
CREATE INDEX appeals_by_decision ON appeals (decision_id);

CREATE TABLE appeal_outcomes (
    appeal_id TEXT PRIMARY KEY NOT NULL REFERENCES appeals (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('upheld', 'changed', 'withdrawn')),
    decision_id TEXT REFERENCES decisions (id),
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL,
    CHECK ((outcome = 'changed') = (decision_id IS NOT NULL))
);

-- What others are told, in the order it happened; written in the transaction of the act. No personal data.
CREATE TABLE outbox_events (
    seq BIGINT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    payload TEXT NOT NULL,
    delivered_at TIMESTAMP
);
CREATE INDEX outbox_events_by_delivery ON outbox_events (delivered_at);

-- The list of a citizen's decisions, by the time they were made.
DROP INDEX decisions_by_citizen;
CREATE INDEX decisions_by_citizen ON decisions (citizen_id, id);
