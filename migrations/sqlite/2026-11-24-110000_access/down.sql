DROP TABLE refresh_tokens;
ALTER TABLE accounts DROP COLUMN version;
ALTER TABLE accounts DROP COLUMN password_changed_at;
ALTER TABLE accounts DROP COLUMN must_change;
ALTER TABLE accounts DROP COLUMN disabled;
ALTER TABLE accounts DROP COLUMN role;
