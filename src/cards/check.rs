//! The online check: may this person ride free on this service?

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{CardId, right::TransitDecision};
use crate::{
    decide,
    facts::{FieldError, PersonalId},
    policy::Policy,
    registry::{self, RegistryError, fields::Fields},
    store::{
        AnyConn, Reach, StoreError, Vault,
        cards::{self, Card, CardStatus},
        citizens::Citizen,
    },
};

/// For how long an answer may be kept, in seconds.
const TTL: u32 = 900;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
        pub enum $name {$($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*}

        impl $name {
            /// Every word, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word used in the API.
            pub const fn as_str(self) -> &'static str {
                match self {$(Self::$variant => $text,)*}
            }
        }
    };
}

words! {
    /// What a check found. One vocabulary for online and offline checks.
    CheckResult {
        /// Rides free.
        Valid = "valid",
        /// Unknown, never issued or not entitled: one answer for all three.
        NotEntitled = "not_entitled",
        /// Past its last day.
        Expired = "expired",
        /// Before its first day.
        NotYetValid = "not_yet_valid",
        /// Withdrawn.
        Revoked = "revoked",
        /// Held back.
        Suspended = "suspended",
        /// Valid, but not on this service.
        WrongService = "wrong_service",
        /// Signature does not fit (tokens).
        BadSignature = "bad_signature",
        /// Signed with a key the reader does not know (tokens).
        UnknownKey = "unknown_key",
        /// The reader's lists are too old (offline).
        StaleList = "stale_list",
        /// The reader's clock is not to be trusted (offline).
        ClockUntrusted = "clock_untrusted",
        /// Not a card, number or token of the right form.
        Malformed = "malformed",
    }
}

words! {
    /// The service a person wants to ride on.
    Service {
        /// Subsidised city bus, BRT and electric included.
        Bus = "bus",
        /// Metro line 2A Cát Linh - Hà Đông.
        Metro2a = "metro_2a",
        /// Metro line 3.1 Nhổn - ga Hà Nội.
        Metro31 = "metro_3_1",
        /// A bus without subsidy, to other provinces too.
        UnsubsidisedBus = "unsubsidised_bus",
    }
}

/// What a conductor sees first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Colour {
    /// Let ride.
    Green,
    /// The reader is at fault: look at the photo, let ride, count it.
    Amber,
    /// Ask for the fare.
    Red,
}

/// Whether to ask for the fare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Fare {
    /// No.
    Free,
    /// Yes.
    Pay,
}

impl CheckResult {
    /// The colour of the result: only what speaks against the person is red, a broken reader is amber.
    pub fn colour(self) -> Colour {
        match self {
            Self::Valid => Colour::Green,
            Self::UnknownKey | Self::StaleList | Self::ClockUntrusted => Colour::Amber,
            _ => Colour::Red,
        }
    }

    /// Amber lets ride.
    pub fn fare(self) -> Fare {
        if self.colour() == Colour::Red { Fare::Pay } else { Fare::Free }
    }
}

/// What was shown to the conductor.
#[derive(Clone)]
pub enum Presented {
    /// A card's id; none when it holds a typing error.
    Card(Option<CardId>),
    /// A personal number; none when it has not the right form.
    Number(Option<PersonalId>),
    /// A signed token. Readers of tokens come later: every one is malformed.
    Token,
}

/// A question of an operator.
#[derive(Clone)]
pub struct StatusCheck {
    /// What was shown.
    pub presented: Presented,
    /// Where the person wants to ride.
    pub service: Service,
    /// Day of the ride; today when left out.
    pub on: NaiveDate,
    /// Comes back in the answer, so that an old answer cannot stand in for a new one.
    pub nonce: Option<String>,
}

impl StatusCheck {
    /// Reads `{ presented: { kind, value }, service, on?, nonce? }`. A value of the wrong form is no error of the
    /// request but a result: `malformed`.
    ///
    /// # Errors
    /// Every finding at once.
    pub fn parse(body: &Value, today: NaiveDate) -> Result<Self, Vec<FieldError>> {
        let mut fields = Fields::of(body)?;
        let presented = fields.object("presented");
        let presented = fields.required("presented", presented);
        let presented = presented.and_then(|object| {
            let mut inner = Fields::new(object, "/presented");
            let kind = inner.choice("kind", &["card_token", "card_id", "personal_id"]);
            let kind = inner.required("kind", kind);
            let value = inner.text("value", 4096);
            let value = inner.required("value", value);
            let findings = inner.finish().err().unwrap_or_default();
            fields.findings().0.extend(findings);
            match (kind?, value?) {
                ("card_id", value) => Some(Presented::Card(CardId::parse(&value))),
                ("personal_id", value) => Some(Presented::Number(PersonalId::parse(&value).ok())),
                _ => Some(Presented::Token),
            }
        });
        let words: Vec<&'static str> = Service::ALL.iter().map(|service| service.as_str()).collect();
        let service = fields.choice("service", &words);
        let service = fields.required("service", service);
        let on = fields.date("on").unwrap_or(today);
        let nonce = fields.text("nonce", 64);
        fields.finish()?;
        let service = Service::ALL.iter().copied().find(|known| Some(known.as_str()) == service);
        match (presented, service) {
            (Some(presented), Some(service)) => Ok(Self { presented, service, on, nonce }),
            // Whatever is missing has been reported above.
            _ => Err(Vec::new()),
        }
    }

    /// Whether it asks by personal number, which takes a scope of its own.
    pub fn by_number(&self) -> bool {
        matches!(self.presented, Presented::Number(_))
    }
}

/// The answer. It tells nothing about the person but this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Answer {
    /// What the check found.
    pub result: CheckResult,
    /// What a conductor sees first.
    pub colour: Colour,
    /// Whether to ask for the fare.
    pub fare: Fare,
    /// Last day of a valid card; null when it has no end, and for every other result.
    #[schema(value_type = Option<String>, format = Date, example = json!(null))]
    pub valid_until: Option<NaiveDate>,
    /// Day that was checked.
    #[schema(value_type = String, format = Date, example = "2026-01-14")]
    pub as_of: NaiveDate,
    /// For how many seconds the answer may be kept.
    #[schema(example = 900)]
    pub ttl: u32,
    /// The nonce of the question.
    #[schema(example = "c2Fp")]
    pub nonce: Option<String>,
}

/// Answers a check.
///
/// By number, "unknown" takes the same work as "known": the law is asked either way.
///
/// # Errors
/// When the store fails.
pub fn check(
    conn: &mut AnyConn,
    vault: &Vault,
    policy: &Policy,
    asked: StatusCheck,
    today: NaiveDate,
) -> Result<Answer, StoreError> {
    let (result, valid_until) = match &asked.presented {
        Presented::Card(None) | Presented::Number(None) | Presented::Token => (CheckResult::Malformed, None),
        Presented::Card(Some(id)) => {
            let card = cards::find(conn, id.as_str(), &Reach::City)?;
            card.map_or((CheckResult::NotEntitled, None), |card| of_card(&card, asked.on))
        }
        Presented::Number(Some(number)) => by_number(conn, vault, policy, number, &asked, today)?,
    };
    let wrong_service = result == CheckResult::Valid && asked.service == Service::UnsubsidisedBus;
    let (result, valid_until) =
        if wrong_service { (CheckResult::WrongService, None) } else { (result, valid_until) };
    Ok(Answer {
        result,
        colour: result.colour(),
        fare: result.fare(),
        valid_until,
        as_of: asked.on,
        ttl: TTL,
        nonce: asked.nonce,
    })
}

fn of_card(card: &Card, on: NaiveDate) -> (CheckResult, Option<NaiveDate>) {
    let result = match card.status {
        CardStatus::Revoked => CheckResult::Revoked,
        CardStatus::Suspended => CheckResult::Suspended,
        CardStatus::Expired => CheckResult::Expired,
        CardStatus::Active if on < card.valid_from => CheckResult::NotYetValid,
        CardStatus::Active if card.valid_to.is_some_and(|to| to < on) => CheckResult::Expired,
        CardStatus::Active => return (CheckResult::Valid, card.valid_to),
    };
    (result, None)
}

/// By number: a person who rides on the identity document needs no card; otherwise the card decides.
fn by_number(
    conn: &mut AnyConn,
    vault: &Vault,
    policy: &Policy,
    number: &PersonalId,
    asked: &StatusCheck,
    today: NaiveDate,
) -> Result<(CheckResult, Option<NaiveDate>), StoreError> {
    let citizen = registry::by_number(conn, vault, number.reveal(), &Reach::City)?;
    let on_identity = rides_on_identity(conn, vault, policy, citizen.as_ref(), asked, today)?;
    let card = match &citizen {
        Some(citizen) => cards::of_citizen(conn, citizen.id)?,
        None => None,
    };
    let of_card = card.map_or((CheckResult::NotEntitled, None), |card| of_card(&card, asked.on));
    // The last day of a right without a card would tell a birthday.
    Ok(if on_identity && of_card.0 != CheckResult::Valid { (CheckResult::Valid, None) } else { of_card })
}

/// Whether the law in force lets the person ride on the identity document alone. Nobody is asked about as somebody
/// with no right, so that the answer takes as long.
fn rides_on_identity(
    conn: &mut AnyConn,
    vault: &Vault,
    policy: &Policy,
    citizen: Option<&Citizen>,
    asked: &StatusCheck,
    today: NaiveDate,
) -> Result<bool, StoreError> {
    let on = asked.on;
    // A right that holds on no unsubsidised bus is told as `wrong_service`, so it is looked for where it may hold.
    let service = if asked.service == Service::UnsubsidisedBus { Service::Bus } else { asked.service };
    let (person, household) = match citizen {
        Some(citizen) => match registry::profile(conn, vault, citizen, (on, None)) {
            Ok(profile) => (Value::Object(profile.person), Value::Object(profile.household)),
            Err(RegistryError::Store(error)) => return Err(error),
            Err(_) => nobody(),
        },
        None => nobody(),
    };
    let request = json!({
        "as_of": on.to_string(),
        "authority": "law",
        "explain": "none",
        "entitlements": [super::ENTITLEMENT],
        "trip": { "service": service.as_str() },
        "household": household,
        "people": [person],
    });
    // A day outside the pack, or a record the law cannot read, gives no right.
    let answer = decide::evaluate(policy, &request, today).ok().map(|answer| answer.to_json());
    Ok(answer.and_then(|answer| TransitDecision::of(&answer)).is_some_and(|right| right.rides_without_card()))
}

/// Somebody without a right, with as many facts as a usual record holds.
fn nobody() -> (Value, Value) {
    let person = json!({
        "id": "nobody", "born_on": "1980-01-01", "sex": "female", "citizenship": "vietnamese",
        "residence": "permanent", "ethnic_minority": false, "employment": "contract", "pension": "none",
        "social_allowance": "none", "has_health_card": false, "merit": [], "merit_relations": [],
        "veteran": false, "disability": { "severity": "none" }, "studying": "none",
        "industrial_zone_worker": false, "single_parent": "none", "maternity": "none",
    });
    let household = json!({
        "unit": "00070", "area_class": "normal", "poverty_status": "none", "city_poverty_status": "none",
        "livelihood": "other",
    });
    (person, household)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_speaks_against_the_person_is_red() {
        let of = |colour| -> Vec<&str> {
            let of_colour = CheckResult::ALL.iter().filter(|result| result.colour() == colour);
            of_colour.map(|result| result.as_str()).collect()
        };
        assert_eq!(of(Colour::Green), ["valid"]);
        assert_eq!(of(Colour::Amber), ["unknown_key", "stale_list", "clock_untrusted"]);
        assert_eq!(of(Colour::Red).len(), 8);
        let pays = |result: &CheckResult| result.fare() == Fare::Pay;
        assert!(CheckResult::ALL.iter().all(|result| pays(result) == (result.colour() == Colour::Red)));
    }
}
