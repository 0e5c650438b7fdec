//! Who pays the health-insurance premium, how much, and at what benefit level.

use chrono::NaiveDate;

use super::calendar::{child_card_end, day};
use super::health_city::{TopUp, city_claims, plan_groups, top_ups};
use super::health_money::{money, premium, scale, shares};
use super::health_state::state_claims;
use super::health_supported::supported_claims;
use super::{Authority, Facts, Field, Outcome, Term, Verdict};

/// Distance between two clauses of Art. 12 of the law in [`Claim::rank`].
const CLAUSE: u32 = 1000;
/// Law 46/2014/QH13 Art. 12.1: employee and employer.
const EMPLOYEES: u32 = CLAUSE;
/// Art. 12.2: the social-insurance agency pays.
const AGENCY: u32 = 2 * CLAUSE;
/// Art. 12.3: the State pays all; the point of the law or the clause of the decree is added.
pub const STATE: u32 = 3 * CLAUSE;
/// Art. 12.4: the State pays a part; the point is added.
pub const SUPPORTED: u32 = 4 * CLAUSE;
/// Art. 12.5: the household scheme.
pub const HOUSEHOLD: u32 = 5 * CLAUSE;
/// Art. 13.2: part-time commune officials and the commune, after the agency and the State's budget.
const OFFICIALS: u32 = SUPPORTED - 1;

/// Law 51/2024/QH15: the new Art. 12, in force from this day.
pub const LAW_51: NaiveDate = day(2025, 7, 1);
/// Plan 181/KH-UBND III.3.3.b, 13 June 2024.
const PLAN_181: NaiveDate = day(2024, 6, 13);
/// One group of the law that the person is in.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Place in the order of the law: who pays is the first.
    pub rank: u32,
    /// The last place it may have, where the texts at hand do not tell its place; else the same as `rank`.
    pub until: u32,
    /// Ids under which the group may be told.
    pub categories: Vec<&'static str>,
    /// Percent of the premium paid by another than the insured or the employer.
    pub support: i64,
    /// Percent of treatment costs.
    pub level: i64,
    /// Without payment caps.
    pub uncapped: bool,
    /// Letters of the card; empty = not known.
    pub letters: &'static str,
    /// False: the texts do not say whether the group holds for the person.
    pub sure: bool,
    /// With `sure = false`: the law itself is open, a person decides.
    pub open: bool,
}

impl Claim {
    /// A group that surely holds: state-paid, capped, at this level.
    pub fn new(
        rank: u32,
        categories: &[&'static str],
        support: i64,
        level: i64,
        letters: &'static str,
    ) -> Self {
        let categories = categories.to_vec();
        Self {
            rank,
            until: rank,
            categories,
            support,
            level,
            uncapped: false,
            letters,
            sure: true,
            open: false,
        }
    }

    /// Its place is not known: from its rank to this one.
    pub fn floating(mut self, until: u32) -> Self {
        self.until = self.until.max(until);
        self
    }

    /// Whether it holds is not settled by the texts at hand, unless `sure`.
    pub fn sure(mut self, sure: bool) -> Self {
        self.sure = sure;
        self
    }

    /// The law is open on whether it holds.
    pub fn open(mut self) -> Self {
        self.sure = false;
        self.open = true;
        self
    }
}

/// One consistent reading: the groups, the additions of the city, and whether the plan adds the rest.
struct Reading<'a> {
    claims: Vec<&'a Claim>,
    added: i64,
    plan: bool,
}

/// Health-insurance premium support of a person on a day.
pub fn health_insurance(on: NaiveDate, authority: Authority, person: &Facts) -> Verdict {
    if let Some(died) = person.died_on {
        // Death ends the benefit; what holds on the day itself is not told.
        let outcome = if died < on { Outcome::NotEntitled } else { Outcome::Unsaid };
        return Verdict { outcome, benefit: Vec::new() };
    }
    if person.employment == "armed_forces" {
        // Law 25/2008/QH12 Art. 12.3.a, 13.1.e: the State pays for serving officers and soldiers; workers and contract staff of the forces are
        // in Art. 12.1 and pay with their unit. The fact does not tell them apart.
        return Verdict { outcome: Outcome::NeedsReview, benefit: Vec::new() };
    }
    let mut claims = employment_claims(on, person);
    claims.extend(state_claims(on, person, &claims));
    claims.extend(supported_claims(on, person));
    claims.extend(city_claims(on, person, &claims));
    claims.push(Claim::new(HOUSEHOLD, &["household_scheme"], 0, 80, "GD"));
    let added = top_ups(on, person);
    // The plan speaks to the city's people; whether also to those who are not permanent residents is not said.
    let promised = authority == Authority::Plan && on >= PLAN_181 && !plan_groups(on, person).is_empty();
    let plan = (promised, person.residence == "permanent");

    let unsure =
        claims.iter().filter(|claim| !claim.sure).count() + added.iter().filter(|one| !one.sure).count();
    let readings = 1u32 << (unsure + usize::from(promised && !plan.1));
    let mut all_open = true;
    let mut answer: Option<Verdict> = None;
    for choice in 0..readings {
        let reading = chosen(&claims, &added, plan, choice, &mut all_open);
        let verdict = settle(on, person, &reading);
        answer = Some(match answer {
            None => verdict,
            Some(before) => joined(before, verdict, all_open),
        });
    }
    answer.unwrap_or(Verdict { outcome: Outcome::Unsaid, benefit: Vec::new() })
}

/// The reading in which exactly those unsettled points hold whose bit is set.
fn chosen<'a>(
    claims: &'a [Claim],
    added: &[TopUp],
    (promised, plan_sure): (bool, bool),
    choice: u32,
    all_open: &mut bool,
) -> Reading<'a> {
    let mut bit = 0;
    let mut holds = |sure: bool| {
        if sure {
            return true;
        }
        bit += 1;
        choice >> (bit - 1) & 1 == 1
    };
    *all_open &= claims.iter().all(|claim| claim.sure || claim.open) && (plan_sure || !promised);
    Reading {
        claims: claims.iter().filter(|claim| holds(claim.sure)).collect(),
        added: added.iter().filter(|one| holds(one.sure)).map(|one| one.percent).sum(),
        plan: promised && holds(plan_sure),
    }
}

fn joined(one: Verdict, other: Verdict, all_open: bool) -> Verdict {
    let outcome = match (one.outcome, other.outcome) {
        (mine, theirs) if mine == theirs => mine,
        _ if all_open => Outcome::NeedsReview,
        _ => Outcome::Unsaid,
    };
    let both = one.benefit.into_iter().zip(other.benefit);
    Verdict {
        outcome,
        benefit: both.map(|((path, mine), (_, theirs))| (path, mine.joined(theirs))).collect(),
    }
}

/// Art. 12.1 and 12.2, and the order of Art. 13.2 for part-time commune officials.
fn employment_claims(on: NaiveDate, person: &Facts) -> Vec<Claim> {
    let mut claims = Vec::new();
    let employee = |rank, level| Claim::new(rank, &["employee"], 0, level, "");
    match person.employment {
        "contract" | "civil_servant" => claims.push(employee(EMPLOYEES, 80)),
        // Owners of business households came with the wider Art. 12.1; before, the fact ("in compulsory insurance") and the law part.
        "business_owner" => claims.push(employee(EMPLOYEES, 80).sure(on >= LAW_51)),
        // Whether a suspended contract keeps a person in Art. 12.1 is not said.
        "contract_suspended" => claims.push(employee(EMPLOYEES, 80).sure(false)),
        // Art. 13.2: first the agency, then the State's budget, then the official and the commune.
        "commune_part_time" => claims.push(employee(OFFICIALS, 80)),
        _ => {}
    }
    // Levels: Art. 22.1.d, 95 % for pension and loss-of-capacity benefit; 80 % for the others.
    match person.pension {
        "retirement" | "retirement_and_survivor" => {
            claims.push(Claim::new(AGENCY, &["pensioner"], 100, 95, "HT"))
        }
        "incapacity" => claims.push(Claim::new(AGENCY, &["pensioner"], 100, 95, "")),
        "occupational_injury" | "commune_official" | "unemployment" => {
            claims.push(Claim::new(AGENCY, &["pensioner"], 100, 80, ""));
        }
        _ => {}
    }
    claims
}

/// Percent paid by others, by whom, and the whole premium where it is known.
struct Payment {
    support: i64,
    paid_by: Field,
    whole: Option<i64>,
}

fn settle(on: NaiveDate, person: &Facts, reading: &Reading) -> Verdict {
    let first = reading.claims.iter().map(|claim| claim.until).min().unwrap_or(HOUSEHOLD);
    // Part-time commune officials stand between 12.3 and 12.4.
    let clause_of = |rank: u32| if rank == OFFICIALS { EMPLOYEES / CLAUSE } else { rank / CLAUSE };
    let clause = clause_of(first);
    let within: Vec<&Claim> =
        reading.claims.iter().filter(|claim| clause_of(claim.rank) == clause).copied().collect();
    let payment = payment(on, person, reading, clause, &within);
    let payers = payers(clause, &within);

    let mut group: Vec<&'static str> =
        payers.iter().flat_map(|claim| claim.categories.iter().copied()).collect();
    // Groups that pay the same, and no text tells which of them comes first: then no group is told.
    let placed = payers.iter().all(|claim| claim.until == claim.rank);
    let unordered = matches!(clause, 3 | 4) && !placed && {
        let highest = payers.iter().map(|claim| claim.support).max();
        let mut highest = payers.iter().filter(|claim| Some(claim.support) == highest);
        highest.next().is_some_and(|one| highest.any(|other| other.categories != one.categories))
    };
    if clause == 5 {
        // A group of the city may be told by its own name or as the household scheme it stays in.
        group.extend(within.iter().flat_map(|claim| claim.categories.iter().copied()));
        if reading.plan {
            group.extend(plan_groups(on, person));
        }
    }
    let outcome = if payment.support > 0 { Outcome::Entitled } else { Outcome::NotEntitled };
    let mut benefit = vec![
        ("group", if unordered { Field::is(Term::Null) } else { Field::words(&group) }),
        ("support_percent", Field::is(Term::Percent(payment.support))),
        ("paid_by", payment.paid_by),
    ];
    benefit.extend(money(payment.whole, payment.support, on));
    benefit.extend(levels(on, person, reading, &payers));
    let child = payers.iter().all(|claim| claim.letters == "TE");
    benefit.extend(child_card(person, child));
    Verdict { outcome, benefit }
}

/// The groups that may be told as the payer's: those before which no other surely stands, and in Art. 12.4 also those among the ones with the
/// highest share.
fn payers<'a>(clause: u32, within: &[&'a Claim]) -> Vec<&'a Claim> {
    let highest = within.iter().map(|claim| claim.support).max().unwrap_or(0);
    let firsts = |claims: Vec<&'a Claim>| {
        let last = claims.iter().map(|claim| claim.until).min().unwrap_or(0);
        claims.into_iter().filter(move |claim| claim.rank <= last)
    };
    let mut told: Vec<&Claim> = firsts(within.to_vec()).collect();
    if clause == SUPPORTED / CLAUSE && highest < 100 {
        let best = within.iter().filter(|claim| claim.support == highest).copied().collect();
        told.extend(firsts(best));
    }
    told
}

fn payment(on: NaiveDate, person: &Facts, reading: &Reading, clause: u32, within: &[&Claim]) -> Payment {
    let highest = within.iter().map(|claim| claim.support).max().unwrap_or(0);
    let whole = Some(premium(on));
    match clause {
        // A share of the wage, borne by the insured and the employer.
        1 => Payment { support: 0, paid_by: shares(&[], None, on), whole: None },
        // A share of the pension.
        2 => Payment {
            support: 100,
            paid_by: shares(&[("social_insurance_agency", 100)], None, on),
            whole: None,
        },
        3 => Payment { support: 100, paid_by: shares(&[("state_budget", 100)], whole, on), whole },
        4 => {
            // Several supported groups: the highest (Decree 146/2018 Art. 8.2); the city adds, together at most 100 %.
            let support = if reading.plan { 100 } else { (highest + reading.added).min(100) };
            let parts = [("state_budget", highest), ("city_budget", support - highest)];
            Payment { support, paid_by: shares(&parts, whole, on), whole }
        }
        _ => {
            let support = if reading.plan { 100 } else { highest };
            // The scale is for those who pay themselves; whether it holds when the city pays is open.
            let whole = match (person.household_scheme_rank, support) {
                (rank, 0) => whole.map(|one| one * scale(rank) / 100),
                (1, _) => whole,
                _ => None,
            };
            Payment { support, paid_by: shares(&[("city_budget", support)], whole, on), whole }
        }
    }
}

/// The highest level of all groups (Law Art. 22.2), the groups that give it, and the card: the payer's letters with the level's digit.
fn levels(on: NaiveDate, person: &Facts, reading: &Reading, payers: &[&Claim]) -> [(&'static str, Field); 4] {
    let level = reading.claims.iter().map(|claim| claim.level).max().unwrap_or(80);
    let uncapped = reading.claims.iter().any(|claim| claim.uncapped);
    let mut givers: Vec<&'static str> = Vec::new();
    for claim in reading.claims.iter().filter(|claim| claim.level == level) {
        givers.extend(claim.categories.iter().copied());
    }
    if level == 80 && reading.plan {
        givers.extend(plan_groups(on, person));
    }
    let digit = match (uncapped, level) {
        (true, _) => 1,
        (_, 100) => 2,
        (_, 95) => 3,
        _ => 4,
    };
    let letters = payers.first().map_or("", |claim| claim.letters);
    // Those whom the city pays "most likely" keep GD: unsure.
    let city = letters == "GD" && (reading.plan || reading.claims.iter().any(|claim| claim.rank > HOUSEHOLD));
    let known = !letters.is_empty() && payers.iter().all(|claim| claim.letters == letters) && !city;
    [
        ("benefit_level_percent", Field::is(Term::Percent(level))),
        ("level_group", Field::words(&givers)),
        (
            "uncapped",
            if uncapped {
                Field::is(Term::Flag(true))
            } else {
                Field::OneOf(vec![Term::Flag(false), Term::Null])
            },
        ),
        ("card_code", if known { card_code(letters, digit) } else { Field::Unsaid }),
    ]
}

/// The meaning of some letters is not verified: then no code is right as well.
fn card_code(letters: &str, digit: u8) -> Field {
    let code = Term::Text(format!("{letters}{digit}"));
    if matches!(letters, "DT" | "DK" | "AK" | "LH") {
        Field::OneOf(vec![code, Term::Null])
    } else {
        Field::is(code)
    }
}

fn child_card(person: &Facts, child: bool) -> [(&'static str, Field); 2] {
    if !child {
        return [("card_valid.from", Field::Unsaid), ("card_valid.to", Field::Unsaid)];
    }
    [
        ("card_valid.from", Field::is(Term::Day(person.born_on))),
        ("card_valid.to", Field::is(Term::Day(child_card_end(person.born_on)))),
    ]
}
