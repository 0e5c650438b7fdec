-- The registry of a ward: nothing that was on record is overwritten.

-- Every version of a citizen's record, so that what was known on a day can be said later. `citizens` holds the newest.
CREATE TABLE citizen_versions (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    version BIGINT NOT NULL,
    household_id TEXT NOT NULL,
    unit TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL,
    UNIQUE (citizen_id, version)
);

-- Words of folded names, each with its unit: a part of a name finds people of one ward.
CREATE TABLE citizen_words (
    word_index BYTEA NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    PRIMARY KEY (word_index, citizen_id)
);
CREATE INDEX citizen_words_by_citizen ON citizen_words (citizen_id);

-- Personal numbers that were given up for new ones (Circular 59/2021/TT-BCA Art. 6): they still find their person and
-- nobody else may carry them.
CREATE TABLE former_numbers (
    personal_number_index BYTEA PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    given_up_at TIMESTAMP NOT NULL
);
CREATE INDEX former_numbers_by_citizen ON former_numbers (citizen_id);

-- Who lived in which household from when to when. No first day: as far back as anything is known.
CREATE TABLE memberships (
    id TEXT PRIMARY KEY NOT NULL,
    citizen_id TEXT NOT NULL REFERENCES citizens (id),
    household_id TEXT NOT NULL REFERENCES households (id),
    valid_from DATE,
    valid_to DATE,
    recorded_at TIMESTAMP NOT NULL,
    recorded_by TEXT NOT NULL,
    ended_at TIMESTAMP,
    ended_by TEXT
);
CREATE INDEX memberships_by_citizen ON memberships (citizen_id);
CREATE INDEX memberships_by_household ON memberships (household_id);
INSERT INTO memberships (id, citizen_id, household_id, recorded_at, recorded_by)
    SELECT id, id, household_id, created_at, 'migration' FROM citizens;

-- A document that no longer counts, from the moment this was recorded: replaced by a better one, or withdrawn.
CREATE TABLE evidence_ends (
    evidence_id TEXT PRIMARY KEY NOT NULL REFERENCES evidence (id),
    replaced_by TEXT REFERENCES evidence (id),
    sealed BYTEA NOT NULL,
    key_id TEXT NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    ended_by TEXT NOT NULL
);

-- A record that turned out to be a second one of the same person, and the one that is kept.
CREATE TABLE citizen_merges (
    duplicate_id TEXT PRIMARY KEY NOT NULL REFERENCES citizens (id),
    kept_id TEXT NOT NULL REFERENCES citizens (id),
    merged_at TIMESTAMP NOT NULL,
    merged_by TEXT NOT NULL
);
CREATE INDEX citizen_merges_by_kept ON citizen_merges (kept_id);
