//! Reading a record, which is always logged: by whom, when, what, for which purpose.
//!
//! A handler that reads takes a [`Reader`] and gets at the records through it only. It returns after the log entry is on
//! disk, so there is no reading without one; where none can be written, nothing is read.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::{Caller, Permission},
    api::{AppState, ErrorCode, Problem, principal::Principal, records::blocking},
    audit,
};

/// The header that names the purpose.
pub const PURPOSE: &str = "an-sinh-purpose";

/// Why a record is read. A closed list: none of them is research, advertising or curiosity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Work on the citizen's case.
    Casework,
    /// The citizen asked for it.
    CitizenRequest,
    /// Supervision of those who decide.
    Supervision,
    /// Work on an appeal.
    Appeal,
}

impl Purpose {
    const NAMES: [(&'static str, Self); 4] = [
        ("casework", Self::Casework),
        ("citizen_request", Self::CitizenRequest),
        ("supervision", Self::Supervision),
        ("appeal", Self::Appeal),
    ];

    /// What it means to an official.
    fn meaning(self) -> &'static str {
        match self {
            Self::Casework => "giải quyết hồ sơ",
            Self::CitizenRequest => "theo đề nghị của công dân",
            Self::Supervision => "kiểm tra, giám sát",
            Self::Appeal => "giải quyết khiếu nại",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, purpose)| *purpose)
    }

    fn as_str(self) -> &'static str {
        Self::NAMES.iter().find(|(_, purpose)| *purpose == self).map_or(UNSTATED, |(name, _)| name)
    }
}

/// What the log says where no purpose was named.
const UNSTATED: &str = "unstated";

/// The header as operations describe it.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes the header, which the extractor reads")]
pub struct PurposeHeader {
    /// Why the record is read; kept in the audit log with who read what and when. `unstated` when left out, which the
    /// service may be set to refuse.
    #[param(rename = "An-Sinh-Purpose", inline, required = false, example = "casework")]
    purpose: Option<Purpose>,
}

/// A caller who may read as `P` says, and why they do.
#[derive(Debug)]
pub struct Reader<P> {
    caller: Caller,
    purpose: &'static str,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Reader<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let principal = Principal::<P>::from_request(request, payload).into_inner();
        ready(principal.and_then(|principal| {
            Ok(Self { caller: principal.caller, purpose: purpose(request)?, permission: PhantomData })
        }))
    }
}

impl<P> Reader<P> {
    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Runs `work`, enters in the audit log that the record `subject` was read, and then returns what was read.
    ///
    /// # Errors
    /// Those of `work`, of which nothing is entered: nothing was read. Those of the store, and then nothing is told.
    pub async fn read<T: Send + 'static>(
        self,
        state: web::Data<AppState>,
        subject: impl ToString,
        work: impl FnOnce(&AppState, &Caller) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let subject = subject.to_string();
        self.logged(state, "record.read", move |_| subject, work).await
    }

    /// The same for all that is kept about the person of a record.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn export<T: Send + 'static>(
        self,
        state: web::Data<AppState>,
        subject: impl ToString,
        work: impl FnOnce(&AppState, &Caller) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let subject = subject.to_string();
        self.logged(state, "record.exported", move |_| subject, work).await
    }

    /// The same for a search: one entry that says how many were found, and names nobody.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn search<T: Send + 'static>(
        self,
        state: web::Data<AppState>,
        count: impl FnOnce(&T) -> usize + Send + 'static,
        work: impl FnOnce(&AppState, &Caller) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.logged(state, "records.searched", move |found| format!("found:{}", count(found)), work).await
    }

    async fn logged<T: Send + 'static>(
        self,
        state: web::Data<AppState>,
        action: &'static str,
        subject: impl FnOnce(&T) -> String + Send + 'static,
        work: impl FnOnce(&AppState, &Caller) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let Self { caller, purpose, .. } = self;
        blocking(state, move |state| {
            let found = work(state, &caller)?;
            let subject = subject(&found);
            let entry = audit::Entry { actor: &caller.subject, action, subject: &subject, receipt: None };
            let now = state.clock().now;
            state.records.store.write(|conn| audit::append(conn, entry.for_purpose(purpose), now))?;
            tracing::info!(subject, actor = caller.subject, purpose, "{action}: {subject}");
            Ok(found)
        })
        .await
    }
}

fn purpose(request: &HttpRequest) -> Result<&'static str, Problem> {
    let mut values = request.headers().get_all(PURPOSE);
    let Some(value) = values.next() else {
        let state = request.app_data::<web::Data<AppState>>();
        let required = state.is_none_or(|state| state.config.require_purpose);
        return if required { Err(refused(ErrorCode::PurposeRequired)) } else { Ok(UNSTATED) };
    };
    let named = value.to_str().ok().and_then(Purpose::parse).filter(|_| values.next().is_none());
    named.map(Purpose::as_str).ok_or_else(|| refused(ErrorCode::PurposeUnknown))
}

fn refused(code: ErrorCode) -> Problem {
    let allowed = Purpose::NAMES.map(|(name, _)| name).join(", ");
    let told = Purpose::NAMES.map(|(name, purpose)| format!("{name} ({})", purpose.meaning())).join(", ");
    Problem::new(code).detail(
        format!("Cần một tiêu đề An-Sinh-Purpose với một trong các giá trị: {told}."),
        format!("Send one An-Sinh-Purpose header with one of: {allowed}."),
    )
}
