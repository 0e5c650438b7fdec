//! The tables, as the migrations make them. Types are those both SQLite and PostgreSQL share.

diesel::table! {
    vault_keys (key_id) {
        key_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        kind -> Text,
        login -> Text,
        secret_hash -> Text,
        unit -> Nullable<Text>,
        scopes -> Text,
        failed_attempts -> Integer,
        locked_until -> Nullable<Timestamp>,
        created_at -> Timestamp,
        role -> Text,
        disabled -> Bool,
        must_change -> Bool,
        password_changed_at -> Nullable<Timestamp>,
        version -> BigInt,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Binary,
        family -> Text,
        account_id -> Text,
        scopes -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        family_ends_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    signing_keys (kid) {
        kid -> Text,
        public_key -> Binary,
        sealed -> Binary,
        key_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    households (id) {
        id -> Text,
        unit -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    citizens (id) {
        id -> Text,
        household_id -> Text,
        unit -> Text,
        personal_number_index -> Nullable<Binary>,
        name_index -> Binary,
        sealed -> Binary,
        key_id -> Text,
        version -> BigInt,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    evidence (id) {
        id -> Text,
        citizen_id -> Text,
        sealed -> Binary,
        key_id -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    citizen_versions (id) {
        id -> Text,
        citizen_id -> Text,
        version -> BigInt,
        household_id -> Text,
        unit -> Text,
        sealed -> Binary,
        key_id -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    citizen_words (word_index, citizen_id) {
        word_index -> Binary,
        citizen_id -> Text,
    }
}

diesel::table! {
    former_numbers (personal_number_index) {
        personal_number_index -> Binary,
        citizen_id -> Text,
        given_up_at -> Timestamp,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        citizen_id -> Text,
        household_id -> Text,
        valid_from -> Nullable<Date>,
        valid_to -> Nullable<Date>,
        recorded_at -> Timestamp,
        recorded_by -> Text,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    evidence_ends (evidence_id) {
        evidence_id -> Text,
        replaced_by -> Nullable<Text>,
        sealed -> Binary,
        key_id -> Text,
        ended_at -> Timestamp,
        ended_by -> Text,
    }
}

diesel::table! {
    citizen_merges (duplicate_id) {
        duplicate_id -> Text,
        kept_id -> Text,
        merged_at -> Timestamp,
        merged_by -> Text,
    }
}

diesel::table! {
    decisions (id) {
        id -> Text,
        citizen_id -> Text,
        unit -> Text,
        as_of -> Date,
        policy_id -> Text,
        policy_version -> Text,
        policy_digest -> Text,
        receipt -> Text,
        sealed -> Binary,
        key_id -> Text,
        decided_at -> Timestamp,
        decided_by -> Text,
    }
}

diesel::table! {
    policy_packs (digest) {
        digest -> Text,
        policy_id -> Text,
        version -> Text,
        files -> Binary,
        kept_at -> Timestamp,
    }
}

diesel::table! {
    supersessions (superseded_id) {
        superseded_id -> Text,
        decision_id -> Text,
    }
}

diesel::table! {
    appeals (id) {
        id -> Text,
        decision_id -> Text,
        unit -> Text,
        filed_on -> Date,
        due_on -> Date,
        sealed -> Binary,
        key_id -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    appeal_outcomes (appeal_id) {
        appeal_id -> Text,
        outcome -> Text,
        decision_id -> Nullable<Text>,
        sealed -> Binary,
        key_id -> Text,
        recorded_at -> Timestamp,
        recorded_by -> Text,
    }
}

diesel::table! {
    outbox_events (seq) {
        seq -> BigInt,
        id -> Text,
        kind -> Text,
        subject -> Text,
        at -> Timestamp,
        payload -> Text,
        delivered_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    cards (id) {
        id -> Text,
        citizen_id -> Text,
        decision_id -> Text,
        unit -> Text,
        status -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        version -> BigInt,
        issued_at -> Timestamp,
        issued_by -> Text,
    }
}

diesel::table! {
    card_steps (id) {
        id -> Text,
        card_id -> Text,
        step -> Text,
        sealed -> Binary,
        key_id -> Text,
        taken_at -> Timestamp,
        taken_by -> Text,
    }
}

diesel::table! {
    audit_chain (seq) {
        seq -> BigInt,
        recorded_at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Text,
        receipt -> Nullable<Text>,
        salt -> Binary,
        previous -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_entries (seq) {
        seq -> BigInt,
        recorded_at -> Timestamp,
        actor -> Text,
        action -> Text,
        subject -> Nullable<Text>,
        receipt -> Nullable<Text>,
        purpose -> Nullable<Text>,
        salt -> Nullable<Binary>,
        about -> Binary,
        hashes -> Binary,
    }
}

diesel::table! {
    audit_rows (seq, table_name, row_id) {
        seq -> BigInt,
        table_name -> Text,
        row_id -> Text,
        digest -> Nullable<Binary>,
    }
}

diesel::table! {
    audit_keys (id) {
        id -> Text,
        name -> Text,
        public_key -> Binary,
        sealed -> Binary,
        key_id -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    audit_checkpoints (id) {
        id -> Text,
        size -> BigInt,
        note -> Text,
        made_at -> Timestamp,
    }
}

diesel::table! {
    idempotency_keys (principal, key_index) {
        principal -> Text,
        key_index -> Binary,
        request_index -> Binary,
        sealed -> Binary,
        key_id -> Text,
        created_at -> Timestamp,
        subject -> Text,
    }
}

diesel::table! {
    erasures (id) {
        id -> Text,
        unit -> Text,
        ground -> Text,
        sealed -> Binary,
        key_id -> Text,
        erased_at -> Timestamp,
        erased_by -> Text,
    }
}

diesel::table! {
    erased_decisions (id) {
        id -> Text,
        unit -> Text,
        as_of -> Date,
        decided_on -> Date,
        entitlement -> Text,
        outcome -> Text,
        policy_id -> Text,
        policy_version -> Text,
        policy_digest -> Text,
        erased_on -> Date,
    }
}

diesel::table! {
    transit_check_counts (day, service, result) {
        day -> Date,
        service -> Text,
        result -> Text,
        checks -> BigInt,
    }
}

diesel::joinable!(evidence -> citizens (citizen_id));
diesel::joinable!(citizen_versions -> citizens (citizen_id));
diesel::allow_tables_to_appear_in_same_query!(citizen_versions, citizens);
diesel::allow_tables_to_appear_in_same_query!(evidence, citizens, evidence_ends);
