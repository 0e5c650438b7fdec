DROP TABLE erased_decisions;
DROP TABLE erasures;
DROP INDEX idempotency_keys_by_subject;
ALTER TABLE idempotency_keys DROP COLUMN subject;
