//! Every column that an intruder may change.

/// What a column holds, and so how it is changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Holds {
    Text,
    Bytes,
    Number,
    Day,
    Instant,
    /// One of a few words that the schema allows.
    Word(&'static [&'static str]),
}
use Holds::{Bytes, Day, Instant, Number, Word};

/// A table that the log commits to, or a part of the log.
pub struct Committed {
    pub name: &'static str,
    /// SQL for the condition that names one row.
    pub row: &'static str,
    pub columns: &'static [(&'static str, Holds)],
    /// Columns that must differ for a second row to be allowed, with their SQL.
    pub fresh: &'static [(&'static str, &'static str)],
}

const BY_ID: &str = "'id = ''' || id || ''''";

pub const TABLES: &[Committed] = &[
    Committed {
        name: "households",
        row: BY_ID,
        columns: &[("id", Holds::Text), ("unit", Holds::Text), ("created_at", Instant)],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "citizens",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("household_id", Holds::Text),
            ("unit", Holds::Text),
            ("personal_number_index", Bytes),
            ("name_index", Bytes),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("version", Number),
            ("created_at", Instant),
            ("updated_at", Instant),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'"), ("personal_number_index", "NULL")],
    },
    Committed {
        name: "citizen_versions",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("citizen_id", Holds::Text),
            ("version", Number),
            ("household_id", Holds::Text),
            ("unit", Holds::Text),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("recorded_at", Instant),
            ("recorded_by", Holds::Text),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a/1'"), ("version", "99")],
    },
    Committed {
        name: "memberships",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("citizen_id", Holds::Text),
            ("household_id", Holds::Text),
            ("recorded_at", Instant),
            ("recorded_by", Holds::Text),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "evidence",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("citizen_id", Holds::Text),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("recorded_at", Instant),
            ("recorded_by", Holds::Text),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "decisions",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("citizen_id", Holds::Text),
            ("unit", Holds::Text),
            ("as_of", Day),
            ("policy_id", Holds::Text),
            ("policy_version", Holds::Text),
            ("policy_digest", Holds::Text),
            ("receipt", Holds::Text),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("decided_at", Instant),
            ("decided_by", Holds::Text),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "cards",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("citizen_id", Holds::Text),
            ("decision_id", Holds::Text),
            ("unit", Holds::Text),
            ("status", Word(&["active", "suspended", "expired"])),
            ("valid_from", Day),
            ("valid_to", Day),
            ("version", Number),
            ("issued_at", Instant),
            ("issued_by", Holds::Text),
        ],
        fresh: &[("id", "'HN-22222-22222-2'"), ("status", "'revoked'")],
    },
    Committed {
        name: "card_steps",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("card_id", Holds::Text),
            ("step", Word(&["issued", "resumed", "suspended", "expired"])),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("taken_at", Instant),
            ("taken_by", Holds::Text),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "audit_keys",
        row: BY_ID,
        columns: &[
            ("id", Holds::Text),
            ("name", Holds::Text),
            ("public_key", Bytes),
            ("sealed", Bytes),
            ("key_id", Holds::Text),
            ("created_at", Instant),
        ],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
    Committed {
        name: "audit_checkpoints",
        row: BY_ID,
        columns: &[("id", Holds::Text), ("size", Number), ("note", Holds::Text), ("made_at", Instant)],
        fresh: &[("id", "'01938f6e-0000-7000-8000-00000000000a'"), ("size", "size + 1")],
    },
    Committed {
        name: "audit_entries",
        row: "'seq = ' || seq",
        columns: &[
            ("seq", Number),
            ("recorded_at", Instant),
            ("actor", Holds::Text),
            ("action", Holds::Text),
            ("subject", Holds::Text),
            ("receipt", Holds::Text),
            ("purpose", Holds::Text),
            ("salt", Bytes),
            ("about", Bytes),
            ("hashes", Bytes),
        ],
        fresh: &[("seq", "(SELECT max(seq) + 1 FROM audit_entries)")],
    },
    Committed {
        name: "audit_rows",
        row: "'seq = ' || seq || ' AND table_name = ''' || table_name || ''' AND row_id = ''' || row_id || ''''",
        columns: &[("seq", Number), ("table_name", Holds::Text), ("row_id", Holds::Text), ("digest", Bytes)],
        fresh: &[("row_id", "'01938f6e-0000-7000-8000-00000000000a'")],
    },
];
