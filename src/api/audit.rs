//! The audit log, for auditors: checkpoints, proofs, and what was done.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, ContentType},
    web,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::AuditRead,
    api::{AppState, ErrorCode, Problem, principal::Principal, records::blocking},
    audit::{self, AuditRow, Included, Mention, note::Note, tree::Hash},
    decisions,
    facts::Vnd,
    store::{DecisionId, StoreError, hex},
};

/// Entries of a page when none are asked for, and at most.
const USUAL: i64 = 50;
const MOST: i64 = 200;

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(get_checkpoint).service(get_proof).service(get_consistency).service(list_entries);
}

/// The checkpoint
///
/// How many entries the log holds and the root of the tree over them, signed: a note as of C2SP `tlog-checkpoint`. Keep
/// some where the operator of this service cannot reach them: `an-sinh audit verify --checkpoint FILE` then shows whether
/// the log was cut off or rewritten.
#[utoipa::path(
    tag = "audit",
    operation_id = "getCheckpoint",
    security(("oauth2" = ["audit:read"])),
    responses((status = 200, description = "The signed note.", body = String, content_type = "text/plain",
        example = "an-sinh/audit\n1204\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— an-sinh/audit Az3grlgtzPICa5OS…\n"))
)]
#[get("/v1/audit/checkpoint")]
async fn get_checkpoint(
    _: Principal<AuditRead>,
    state: web::Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let note = blocking(state, |state| Ok(state.records.checkpoint()?)).await?;
    Ok(HttpResponse::Ok()
        .insert_header(ContentType::plaintext())
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(note))
}

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryView {
    /// Place in the log, from 1 without a gap; `seq - 1` is the index of its leaf.
    #[schema(example = 17)]
    pub seq: i64,
    /// What the clock said. The order is that of `seq`.
    #[schema(format = DateTime, example = "2026-11-24T03:04:05.000006Z")]
    pub recorded_at: String,
    /// Who.
    #[schema(example = "official:canbo.caugiay")]
    pub actor: String,
    /// What.
    #[schema(example = "decision.recorded")]
    pub action: String,
    /// To what: an id. Null once erased.
    pub subject: Option<String>,
    /// Receipt of a decision.
    pub receipt: Option<String>,
    /// Why a record was read.
    pub purpose: Option<String>,
    /// Whether subject, receipt and purpose were erased since.
    pub erased: bool,
    /// Salted SHA-256 that commits to subject, receipt, purpose and rows, hex.
    pub about: String,
}

impl EntryView {
    fn new(row: AuditRow) -> Self {
        Self {
            recorded_at: audit::instant(&row),
            seq: row.seq,
            actor: row.actor,
            action: row.action,
            subject: row.subject,
            receipt: row.receipt,
            purpose: row.purpose,
            erased: row.salt.is_none(),
            about: hex(&row.about),
        }
    }
}

/// A row that an entry commits to.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowView {
    /// The table.
    #[schema(example = "decisions")]
    pub table: String,
    /// The id in it.
    pub id: String,
    /// SHA-256 over all its columns, hex; null = it was gone.
    pub digest: Option<String>,
}

impl From<Mention> for RowView {
    fn from(mention: Mention) -> Self {
        let digest = mention.digest.as_deref().map(hex);
        Self { table: mention.table_name, id: mention.row_id, digest }
    }
}

/// That a decision is in the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProofView {
    /// The decision.
    pub decision_id: String,
    /// The entry that recorded it.
    pub entry: EntryView,
    /// Salt of its commitment, hex.
    pub salt: Option<String>,
    /// Rows it commits to.
    pub rows: Vec<RowView>,
    /// Hash of its leaf, base64.
    pub leaf_hash: String,
    /// Index of the leaf, from 0.
    pub leaf_index: u64,
    /// Leaves of the tree that the checkpoint signs.
    pub tree_size: u64,
    /// The hashes beside the path from leaf to root (RFC 9162 §2.1.3), lowest first, base64.
    pub proof: Vec<String>,
    /// The signed note with the root.
    pub checkpoint: String,
    /// Keys that sign checkpoints (C2SP `signed-note`). Whoever checks compares them with one received another way.
    pub verifier_keys: Vec<String>,
}

/// Prove that a decision is in the log
///
/// The entry, all that its leaf commits to, and the hashes up to the root that a checkpoint signs: enough to check without
/// this service. `docs/audit.md` says how each hash is made.
#[utoipa::path(
    tag = "audit",
    operation_id = "proveDecision",
    security(("oauth2" = ["audit:read"])),
    params(("decision_id" = String, Path, description = "Id of the decision.")),
    responses((status = 200, description = "The proof.", body = ProofView))
)]
#[get("/v1/audit/proofs/{decision_id}")]
async fn get_proof(
    principal: Principal<AuditRead>,
    state: web::Data<AppState>,
    path: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(ErrorCode::DecisionNotFound);
    let id = DecisionId::parse(&path).ok_or_else(unknown)?;
    let view = blocking(state, move |state| {
        let store = &state.records.store;
        let seq = store.read(|conn| {
            decisions::find(conn, store.vault(), id, &principal.caller.reach())?;
            Ok::<_, Problem>(audit::decision_entry(conn, id)?)
        })?;
        let seq = seq.ok_or_else(unknown)?;
        let checkpoint = state.records.checkpoint_over(seq)?;
        let note = Note::parse(&checkpoint).ok_or(StoreError::Damaged("audit_checkpoints"))?;
        let (included, keys) = store.read(|conn| {
            let included = audit::included(conn, seq, note.checkpoint.size)?;
            Ok::<_, StoreError>((included, audit::verifier_keys(conn)?))
        })?;
        let Included { entry, mentions, leaf, proof } = included.ok_or_else(unknown)?;
        Ok(ProofView {
            decision_id: id.to_string(),
            salt: entry.salt.as_deref().map(hex),
            rows: mentions.into_iter().map(RowView::from).collect(),
            leaf_hash: STANDARD.encode(leaf),
            leaf_index: u64::try_from(entry.seq - 1).unwrap_or(0),
            entry: EntryView::new(entry),
            tree_size: note.checkpoint.size,
            proof: encoded(&proof),
            checkpoint,
            verifier_keys: keys.iter().map(ToString::to_string).collect(),
        })
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view.await?))
}

fn encoded(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| STANDARD.encode(hash)).collect()
}

/// Two sizes of the log.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sizes {
    from: u64,
    to: u64,
}

/// That a log begins with an earlier one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsistencyView {
    /// Leaves of the earlier log.
    pub from: u64,
    /// Leaves of the later one.
    pub to: u64,
    /// Root of the earlier one, base64.
    pub from_root: String,
    /// Root of the later one, base64.
    pub to_root: String,
    /// The hashes of RFC 9162 §2.1.4, base64.
    pub proof: Vec<String>,
}

/// Prove that the log only grew
///
/// Between two sizes, such as those of two checkpoints: the later tree begins with the earlier one.
#[utoipa::path(
    tag = "audit",
    operation_id = "proveConsistency",
    security(("oauth2" = ["audit:read"])),
    params(
        ("from" = u64, Query, description = "Leaves of the earlier log.", example = 1),
        ("to" = u64, Query, description = "Leaves of the later one; at most what the log holds.", example = 2)
    ),
    responses(
        (status = 200, description = "The proof.", body = ConsistencyView),
        (status = 400, description = "The sizes are not numbers, not in order, or larger than the log.")
    )
)]
#[get("/v1/audit/consistency")]
async fn get_consistency(
    _: Principal<AuditRead>,
    state: web::Data<AppState>,
    sizes: web::Query<Sizes>,
) -> Result<HttpResponse, Problem> {
    let Sizes { from, to } = sizes.into_inner();
    let view = blocking(state, move |state| {
        state.records.store.read(|conn| {
            let size = audit::size(conn)?;
            if from > to || to > size {
                return Err(Problem::new(ErrorCode::BadRequest).detail(
                    format!(
                        "Cần from ≤ to ≤ {} (số mục hiện có trong nhật ký).",
                        Vnd(i64::try_from(size).unwrap_or(i64::MAX))
                    ),
                    format!("It takes from ≤ to ≤ {size}, the entries that the log holds now."),
                ));
            }
            Ok(ConsistencyView {
                from,
                to,
                from_root: STANDARD.encode(audit::root(conn, from)?),
                to_root: STANDARD.encode(audit::root(conn, to)?),
                proof: encoded(&audit::consistency(conn, from, to)?),
            })
        })
    });
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(view.await?))
}

/// Which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    limit: Option<i64>,
    cursor: Option<i64>,
}

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryPage {
    /// In the order of the log.
    pub items: Vec<EntryView>,
    /// For the next page; null on the last.
    pub next_cursor: Option<String>,
}

/// List what was done
///
/// Who, what, when and to which id, oldest first; nothing about a person. For accounts of the whole city.
#[utoipa::path(
    tag = "audit",
    operation_id = "listAuditEntries",
    security(("oauth2" = ["audit:read"])),
    params(
        ("limit" = Option<i64>, Query, description = "Entries at most, 1 to 200; 50 when left out.", example = 50),
        ("cursor" = Option<String>, Query, description = "`next_cursor` of the page before.")
    ),
    responses(
        (status = 200, description = "A page of the log.", body = EntryPage),
        (status = 400, description = "The limit or the cursor is not one.")
    )
)]
#[get("/v1/audit/entries")]
async fn list_entries(
    principal: Principal<AuditRead>,
    state: web::Data<AppState>,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse, Problem> {
    if principal.caller.unit.is_some() {
        return Err(Problem::new(ErrorCode::CityOnly));
    }
    let (limit, after) = (query.limit.unwrap_or(USUAL), query.cursor.unwrap_or(0));
    if !(1..=MOST).contains(&limit) || after < 0 {
        return Err(Problem::new(ErrorCode::BadRequest));
    }
    // One more than asked for tells whether more follow.
    let found = blocking(state, move |state| {
        Ok(state.records.store.read(|conn| audit::entries(conn, after, limit + 1))?)
    });
    let mut found = found.await?;
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = found.len() > wanted;
    found.truncate(wanted);
    let next_cursor = found.last().filter(|_| more).map(|last| last.seq.to_string());
    let items = found.into_iter().map(EntryView::new).collect();
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(EntryPage { items, next_cursor }))
}
