//! All that is kept about one person.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{PrivacyError, records_of};
use crate::{
    audit::AuditRow,
    cards::{Card, CardStep},
    registry,
    store::{
        AnyConn, BlindIndex, CitizenId, Reach, StoreError, Vault,
        appeals::{self, Appeal},
        audit_entries, cards,
        citizen_versions::{self, Version},
        citizens::{self, Citizen},
        decisions::{self, Decision},
        duplicates::{self, Merge},
        evidence::{self, Evidence},
        households::{self, Membership},
        outbox,
        person_rows::PersonRows,
    },
};

/// One record of a person.
#[derive(Debug, Clone)]
pub struct RecordFile {
    /// As it is now.
    pub citizen: Citizen,
    /// As it was.
    pub versions: Vec<Version>,
    /// Where they lived.
    pub stays: Vec<Membership>,
    /// Numbers they gave up.
    pub former_numbers: Vec<Former>,
    /// When and by whom it was given up for the one kept.
    pub merge: Option<Merge>,
}

/// A number that was given up.
#[derive(Debug, Clone)]
pub struct Former {
    index: BlindIndex,
    /// The number, where a version of the record still tells it.
    pub number: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// All that is kept about one person.
#[derive(Debug, Clone)]
pub struct Dossier {
    /// Their records: the one that is kept first, then those merged into it.
    pub records: Vec<RecordFile>,
    /// Documents.
    pub evidence: Vec<Evidence>,
    /// Decisions, the last made first.
    pub decisions: Vec<Decision>,
    /// Appeals against them.
    pub appeals: Vec<Appeal>,
    /// Cards and their steps.
    pub cards: Vec<(Card, Vec<CardStep>)>,
    /// What others are told: kind, subject, when.
    pub events: Vec<(String, String, DateTime<Utc>)>,
    /// What was done to the record and who read it.
    pub acts: Vec<AuditRow>,
}

/// Gathers it, in the transaction of the caller.
///
/// # Errors
/// When the record is out of reach, or another is kept instead.
pub fn dossier(
    conn: &mut AnyConn,
    vault: &Vault,
    id: CitizenId,
    reach: &Reach,
) -> Result<Dossier, PrivacyError> {
    let (citizen, ids) = records_of(conn, vault, id, reach)?;
    let merges = duplicates::merges(conn, citizen.id)?;
    let mut records = vec![record_file(conn, vault, citizen, None)?];
    for merge in merges {
        let duplicate = citizens::find(conn, vault, merge.duplicate, &Reach::City)?;
        let duplicate = duplicate.ok_or(StoreError::Damaged("citizen_merges"))?;
        records.push(record_file(conn, vault, duplicate, Some(merge))?);
    }
    name_former_numbers(vault, &mut records);
    let (mut decided, mut appealed, mut issued) = (Vec::new(), Vec::new(), Vec::new());
    for id in &ids {
        decided.extend(decisions::of_citizen(conn, vault, *id, &Reach::City, None, i64::MAX)?);
        for card in cards::all_of(conn, *id)? {
            let steps = cards::steps(conn, vault, &card.id)?;
            issued.push((card, steps));
        }
    }
    for decision in &decided {
        appealed.extend(appeals::of_decision(conn, vault, decision.id, None, i64::MAX)?);
    }
    let subjects = PersonRows::of(conn, &ids)?.subjects();
    Ok(Dossier {
        records,
        evidence: evidence::of_citizens(conn, vault, &ids)?,
        decisions: decided,
        appeals: appealed,
        cards: issued,
        events: outbox::about(conn, &subjects)?,
        acts: audit_entries::of_subjects(conn, &subjects)?,
    })
}

fn record_file(
    conn: &mut AnyConn,
    vault: &Vault,
    citizen: Citizen,
    merge: Option<Merge>,
) -> Result<RecordFile, StoreError> {
    let versions = citizen_versions::of_citizen(conn, vault, citizen.id)?;
    let stays = households::of_citizen(conn, citizen.id)?;
    let given_up = duplicates::given_up(conn, citizen.id)?;
    let former_numbers = given_up.into_iter().map(|(index, at)| Former { index, number: None, at }).collect();
    Ok(RecordFile { citizen, versions, stays, former_numbers, merge })
}

/// What is kept of a number that was given up is an index; the number itself stands in the versions of before.
fn name_former_numbers(vault: &Vault, records: &mut [RecordFile]) {
    let versions = records.iter().flat_map(|record| &record.versions);
    let numbers: BTreeSet<String> =
        versions.filter_map(|version| version.person.personal_id.clone()).collect();
    for former in records.iter_mut().flat_map(|record| &mut record.former_numbers) {
        let number = numbers.iter().find(|number| registry::number_index(vault, number) == former.index);
        former.number = number.cloned();
    }
}
