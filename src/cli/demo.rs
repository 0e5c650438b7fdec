//! `serve --demo`: an invented ward, and accounts to try the service with.
//!
//! People, numbers and documents are made up; the passwords are published here. A database with other accounts is
//! therefore refused.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use crate::{
    access::{HashedSecret, NewAccount, Role, create_account},
    api::AppState,
    audit::{self, Entry, Table},
    cli::Failure,
    facts::{FieldError, PersonalId, UnitCode},
    registry::{self, NewCitizen},
    store::{
        AnyConn, CitizenId, EvidenceId, Reach, StoreError, Vault, accounts, citizens,
        evidence::{self, Evidence},
    },
};

/// Households of a ward and of a commune on the river island, which the documents and tests name; then the rest of the
/// invented ward, 600 citizens in 200 households of six units with all of them.
const UNITS: [&str; 8] = [
    include_str!("../../fixtures/demo/00166.json"),
    include_str!("../../fixtures/demo/09661.json"),
    include_str!("../../fixtures/demo/ward/00166.json"),
    include_str!("../../fixtures/demo/ward/00070.json"),
    include_str!("../../fixtures/demo/ward/00256.json"),
    include_str!("../../fixtures/demo/ward/09661.json"),
    include_str!("../../fixtures/demo/ward/09700.json"),
    include_str!("../../fixtures/demo/ward/10441.json"),
];

/// The password of every demo account.
const SECRET: &str = "an-sinh-demo";

/// Who loads the records.
const ACTOR: &str = "system:demo";

/// Severely disabled and employed: free transit by law, with a card.
const CARD_HOLDER: &str = "001086000021";

/// Role, login, unit: one of each role, and officials of two units.
const ACCOUNTS: [(Role, &str, Option<&str>); 8] = [
    (Role::WardOfficial, "canbo.caugiay", Some("00166")),
    (Role::WardOfficial, "canbo.minhchau", Some("09661")),
    (Role::CityReviewer, "thamdinh", None),
    (Role::PolicyManager, "chinhsach", None),
    (Role::Auditor, "kiemtoan", None),
    (Role::Administrator, "quantri", None),
    (Role::TransitOperator, "transit-operator", None),
    (Role::Integrator, "integrator", None),
];

/// A loaded demo.
#[derive(Debug)]
pub(super) struct Demo {
    card_holder: CitizenId,
    /// How long loading took; `None` when everything was there.
    took: Option<Duration>,
}

/// Loads accounts and records in one transaction, unless they are there.
///
/// # Errors
/// When the database belongs to others or the store fails.
pub(super) fn load(state: &AppState) -> Result<Demo, Failure> {
    let (store, clock) = (&state.records.store, state.clock());
    let vault = store.vault();
    // The papers go up to this day: on an earlier clock they are read as on it, so that none lies in the future.
    let written = NaiveDate::from_ymd_opt(2026, 11, 24).map_or(clock.today, |day| day.max(clock.today));
    let started = Instant::now();
    let secret = HashedSecret::new(SECRET).map_err(|error| Failure::error(&error))?;
    let loaded = store.write(|conn| {
        let there = accounts::find(conn, Role::WardOfficial.kind(), ACCOUNTS[0].1)?.is_some();
        if !there {
            if accounts::count(conn)? > 0 {
                return Err(Unloaded::NotOurs);
            }
            for unit in UNITS {
                load_unit(conn, vault, unit, written, clock.now)?;
            }
            load_accounts(conn, &secret, clock.now)?;
        }
        let card_holder = find_card_holder(conn, vault)?;
        Ok(Demo { card_holder, took: (!there).then(|| started.elapsed()) })
    });
    loaded.map_err(|error| Failure::error(&error))
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
enum Unloaded {
    #[error(
        "--demo: this database has accounts of its own; the demo's published passwords do not belong in it"
    )]
    NotOurs,
    #[error("--demo: the fixtures are damaged: {0}")]
    Damaged(String),
    #[error("--demo: {0}")]
    Store(#[from] StoreError),
}

fn find_card_holder(conn: &mut AnyConn, vault: &Vault) -> Result<CitizenId, Unloaded> {
    let number = PersonalId::parse(CARD_HOLDER).map_err(|error| Unloaded::Damaged(error.to_string()))?;
    let index = registry::number_index(vault, number.reveal());
    let found = citizens::search(conn, vault, None, Some(&index), &Reach::City, None, 1)?;
    let holder = found.first().ok_or_else(|| Unloaded::Damaged("the card holder is missing".into()))?;
    Ok(holder.id)
}

fn load_accounts(conn: &mut AnyConn, secret: &HashedSecret, now: DateTime<Utc>) -> Result<(), Unloaded> {
    for (role, login, unit) in ACCOUNTS {
        let (unit, secret) = (unit.and_then(UnitCode::parse), secret.clone());
        let account = NewAccount { role, login, secret, unit, scopes: &[], must_change: false };
        create_account(conn, account, ACTOR, now).map_err(|error| Unloaded::Damaged(error.to_string()))?;
    }
    Ok(())
}

fn load_unit(
    conn: &mut AnyConn,
    vault: &Vault,
    text: &str,
    today: NaiveDate,
    now: DateTime<Utc>,
) -> Result<(), Unloaded> {
    let unit: Value = serde_json::from_str(text).map_err(|error| Unloaded::Damaged(error.to_string()))?;
    for household in list(&unit["households"]) {
        let mut first = None;
        for person in list(&household["people"]) {
            let mut given = person.clone();
            let documents = given.as_object_mut().and_then(|members| members.remove("evidence"));
            given["unit"] = unit["unit"].clone();
            if let Some(household) = &first {
                given["household_id"] = json!(household);
            }
            let new = NewCitizen::parse(&given, &Reach::City, today).map_err(|e| damaged(&given, &e))?;
            let citizen = registry::add_citizen(conn, vault, new, (now, ACTOR))
                .map_err(|error| Unloaded::Damaged(error.to_string()))?;
            registry::enter(conn, &citizen, "citizen.added", (now, ACTOR))?;
            // The household's documents lie with its first member.
            let of_household = if first.is_none() { list(&household["documents"]) } else { &[] };
            first.get_or_insert(citizen.household.to_string());
            for document in of_household.iter().chain(list(&documents.unwrap_or_default())) {
                let parsed = registry::parse_document(document, today).map_err(|e| damaged(document, &e))?;
                let entry = Evidence {
                    id: EvidenceId::new(),
                    citizen: citizen.id,
                    document: parsed,
                    recorded_at: now,
                    recorded_by: ACTOR.to_owned(),
                    end: None,
                };
                evidence::insert(conn, vault, &entry)?;
                let id = entry.id.to_string();
                let act = Entry { actor: ACTOR, action: "evidence.added", subject: &id, receipt: None };
                audit::append(conn, act.touching(&[(Table::Evidence, &id)]), now)?;
            }
        }
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn damaged(what: &Value, errors: &[FieldError]) -> Unloaded {
    let found: Vec<String> =
        errors.iter().map(|error| format!("{} at {}", error.detail.en, error.pointer)).collect();
    Unloaded::Damaged(format!("{} in {what}", found.join("; ")))
}

impl Demo {
    /// What to try, as it can be pasted into a shell.
    pub(super) fn guide(&self, address: SocketAddr) -> String {
        let mut text = String::from(
            "\nDữ liệu dùng thử: người và giấy tờ đều không có thật, mật khẩu được công bố công khai. Không nhập thông tin của người thật.\n\
             Demo data: every person and paper is invented, the passwords are published. Enter no real person.\n\n",
        );
        if let Some(took) = self.took {
            text.push_str(&format!("Đã nạp / Loaded: {} ms\n\n", took.as_millis()));
        }
        for (role, login, unit) in ACCOUNTS {
            let unit = unit.and_then(UnitCode::parse).map_or("Hà Nội", |unit| unit.unit().name);
            let (kind, title, role) = (role.kind().as_str(), role.title(), role.as_str());
            let title = format!("{} / {}", title.vi, title.en);
            text.push_str(&format!("  {kind:<8}  {login:<16}  {SECRET}  {role:<16}  {unit}: {title}\n"));
        }
        let (url, citizen) = (format!("http://{address}"), self.card_holder);
        let id = r#"sed 's/^{"id":"\([^"]*\)".*/\1/'"#;
        let token = r#"sed 's/.*"access_token":"\([^"]*\)".*/\1/'"#;
        let json = "-H 'Content-Type: application/json'";
        let auth = r#"-H "Authorization: Bearer $TOKEN""#;
        text.push_str(&format!(
            "\n# 1. Sign in and record a decision / Đăng nhập và ghi nhận quyết định\n\
             TOKEN=$(curl -s {url}/oauth/token -d grant_type=password -d username=canbo.caugiay -d password={SECRET} | {token}); \
             DECISION=$(curl -s {url}/v1/citizens/{citizen}/decisions {auth} {json} -H 'Idempotency-Key: demo-decision' \
             -d '{{\"entitlements\":[\"free_transit\"]}}' | {id}); echo $DECISION\n\
             # 2. Issue a card / Cấp thẻ\n\
             CARD=$(curl -s {url}/v1/cards {auth} {json} -H 'Idempotency-Key: demo-card' \
             -d \"{{\\\"decision_id\\\":\\\"$DECISION\\\"}}\" | {id}); echo $CARD\n\
             # 3. Check the card / Kiểm tra thẻ\n\
             TOKEN=$(curl -s {url}/oauth/token -u transit-operator:{SECRET} -d grant_type=client_credentials | {token}); \
             curl -s {url}/v1/transit/status-checks {auth} {json} \
             -d \"{{\\\"presented\\\":{{\\\"kind\\\":\\\"card_id\\\",\\\"value\\\":\\\"$CARD\\\"}},\\\"service\\\":\\\"bus\\\"}}\"; echo\n",
        ));
        text
    }
}
