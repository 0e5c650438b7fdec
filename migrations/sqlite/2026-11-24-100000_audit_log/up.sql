-- The chain of hashes becomes a Merkle tree (docs/adr/0014-merkle-log.md). What the chain held is taken over when the
-- program next starts, which also empties `audit_chain`.
ALTER TABLE audit_entries RENAME TO audit_chain;

-- One act each, from 1 without a gap. `about` is the salted commitment to subject, receipt, purpose and rows, which
-- erasure takes away together with the salt. `hashes`: that of the leaf, then of each subtree it completes, 32 bytes each.
CREATE TABLE audit_entries (
    seq BIGINT PRIMARY KEY NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    receipt TEXT,
    purpose TEXT,
    salt BLOB,
    about BLOB NOT NULL,
    hashes BLOB NOT NULL
);
CREATE INDEX audit_entries_by_subject ON audit_entries (subject);

-- The rows that an act commits to, by SHA-256 over all their columns; no digest = the row is gone since.
CREATE TABLE audit_rows (
    seq BIGINT NOT NULL REFERENCES audit_entries (seq),
    table_name TEXT NOT NULL,
    row_id TEXT NOT NULL,
    digest BLOB,
    PRIMARY KEY (seq, table_name, row_id)
);
CREATE INDEX audit_rows_by_row ON audit_rows (table_name, row_id, seq);

-- Keys that sign checkpoints; the private half is sealed.
CREATE TABLE audit_keys (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    sealed BLOB NOT NULL,
    key_id TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Signed notes (C2SP tlog-checkpoint).
CREATE TABLE audit_checkpoints (
    id TEXT PRIMARY KEY NOT NULL,
    size BIGINT NOT NULL UNIQUE,
    note TEXT NOT NULL,
    made_at TIMESTAMP NOT NULL
);
