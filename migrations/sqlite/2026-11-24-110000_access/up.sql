-- Accounts get a role; what an account may do follows from it. `scopes` now narrows a role: empty = the whole role.
ALTER TABLE accounts ADD COLUMN role TEXT NOT NULL DEFAULT 'integrator' CHECK (role IN (
    'ward_official', 'city_reviewer', 'policy_manager', 'auditor', 'administrator', 'transit_operator', 'integrator'
));
ALTER TABLE accounts ADD COLUMN disabled BOOLEAN NOT NULL DEFAULT FALSE;
-- The holder may do nothing but choose a new password.
ALTER TABLE accounts ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE accounts ADD COLUMN password_changed_at TIMESTAMP;
-- For ETag and If-Match. Failed attempts do not count: they are no change of the account.
ALTER TABLE accounts ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

-- Accounts that are there get the role nearest to their scopes. Their scopes stay, as what narrows it: nobody gains a
-- permission by this step. One without any scope would gain the whole role, so it is shut.
UPDATE accounts SET disabled = TRUE WHERE scopes = '';
UPDATE accounts SET password_changed_at = created_at;
UPDATE accounts SET role = CASE
    WHEN kind = 'client' AND scopes LIKE '%transit:check%' THEN 'transit_operator'
    WHEN kind = 'client' THEN 'integrator'
    WHEN unit IS NOT NULL THEN 'ward_official'
    WHEN scopes LIKE '%admin%' THEN 'administrator'
    WHEN scopes LIKE '%audit:read%' THEN 'auditor'
    WHEN scopes LIKE '%policy:manage%' THEN 'policy_manager'
    ELSE 'city_reviewer'
END;

-- One row a refresh token. Tokens of one sign-in form a family; only the newest of a family is good, and a used one
-- that comes back ends the family.
CREATE TABLE refresh_tokens (
    token_hash BLOB PRIMARY KEY NOT NULL,
    family TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    scopes TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    family_ends_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX refresh_tokens_by_family ON refresh_tokens (family);
CREATE INDEX refresh_tokens_by_account ON refresh_tokens (account_id);
CREATE INDEX refresh_tokens_by_end ON refresh_tokens (family_ends_at);
