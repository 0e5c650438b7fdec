DROP TABLE audit_checkpoints;
DROP TABLE audit_keys;
DROP TABLE audit_rows;
DROP TABLE audit_entries;
ALTER TABLE audit_chain RENAME TO audit_entries;
