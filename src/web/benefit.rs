//! What is due, in one line and in a few more.

use serde_json::Value as Json;

use crate::{
    api::Lang,
    decide::{DecisionAnswer, Outcome},
    facts::{Of, vocabulary},
    policy::Policy,
    web::{
        format::{day_of, money, sentence, value},
        texts::{self, Say},
    },
};

/// The word for an outcome.
pub fn word(outcome: Outcome) -> Say {
    match outcome {
        Outcome::Entitled => texts::ENTITLED,
        Outcome::NotEntitled => texts::NOT_ENTITLED,
        Outcome::NeedsInformation => texts::NEEDS_INFORMATION,
        Outcome::NeedsReview => texts::NEEDS_REVIEW,
    }
}

/// A yes that rests on the plan alone: by the law in force it is no right.
pub fn promise_only(answer: &DecisionAnswer) -> bool {
    let by_law = answer.under_law.as_ref().and_then(|under_law| under_law["outcome"].as_str());
    answer.outcome == Outcome::Entitled && by_law.is_some_and(|outcome| outcome != Outcome::Entitled.as_str())
}

/// The answer in one line.
pub fn headline(lang: Lang, answer: &DecisionAnswer) -> String {
    line(lang, &answer.entitlement, answer.outcome.as_str(), &answer.benefit)
}

/// The answer by law alone, in one line.
pub fn law_headline(lang: Lang, entitlement: &str, under_law: &Json) -> String {
    line(lang, entitlement, under_law["outcome"].as_str().unwrap_or_default(), under_law)
}

fn line(lang: Lang, entitlement: &str, outcome: &str, benefit: &Json) -> String {
    let amount = |name: &str| benefit[name].as_i64().map(|amount| money(lang, amount));
    match (outcome, entitlement) {
        ("needs_information", _) => texts::NOT_ENOUGH.tell(lang).to_owned(),
        ("needs_review", _) => texts::OFFICIAL_DECIDES.tell(lang).to_owned(),
        ("entitled", "health_insurance_premium") => {
            match (benefit["support_percent"].as_str(), amount("monthly_vnd")) {
                (Some(percent), Some(amount)) => texts::HEALTH_PERCENT_MONEY.with(lang, &[percent, &amount]),
                (Some(percent), None) => texts::HEALTH_PERCENT.with(lang, &[percent]),
                (None, _) => texts::HEALTH_YES.tell(lang).to_owned(),
            }
        }
        (_, "health_insurance_premium") => texts::HEALTH_NO.tell(lang).to_owned(),
        ("entitled", "free_transit") => match (benefit["fare"].as_str(), amount("monthly_pass_vnd")) {
            (Some("free"), _) => texts::RIDES_FREE.tell(lang).to_owned(),
            (Some("discounted"), Some(price)) => texts::PASS_AT.with(lang, &[&price]),
            (Some("discounted"), None) => texts::PASS_REDUCED.tell(lang).to_owned(),
            _ => texts::ENTITLED.tell(lang).to_owned(),
        },
        (_, "free_transit") => texts::PAYS_FARE.tell(lang).to_owned(),
        ("entitled", _) => match amount("monthly_vnd") {
            Some(amount) => texts::DUE_MONTHLY.with(lang, &[&amount]),
            None => texts::ENTITLED.tell(lang).to_owned(),
        },
        _ => texts::NOT_ENTITLED.tell(lang).to_owned(),
    }
}

/// Names and values of what the benefit holds, as far as they are settled.
pub fn lines(lang: Lang, policy: &Policy, answer: &DecisionAnswer) -> Vec<(&'static str, Vec<String>)> {
    let benefit = &answer.benefit;
    let amount = |name: &str| benefit[name].as_i64().map(|amount| money(lang, amount));
    let mut lines: Vec<(Say, Vec<String>)> = vec![
        (texts::PAID_BY, payers(lang, &benefit["paid_by"])),
        (texts::GROUP, group(lang, policy, &benefit["group"]).into_iter().collect()),
    ];
    let mut single = |name: Say, value: Option<String>| lines.push((name, value.into_iter().collect()));
    single(texts::PREMIUM, amount("premium_vnd"));
    single(texts::SELF_PAID, amount("self_vnd"));
    single(texts::LEVEL, level(lang, benefit));
    single(texts::CARD_CODE, benefit["card_code"].as_str().map(str::to_owned));
    single(texts::CARD_VALID, card_valid(lang, &benefit["card_valid"]));
    single(texts::MODES, modes(lang, &benefit["modes"]));
    single(texts::TRANSIT_CARD, card(lang, &benefit["card"]));
    single(texts::FULL_PASS, amount("full_pass_vnd"));
    single(texts::MEDIUM, medium(lang, &benefit["medium"]));
    single(texts::VALUE, amount("estimated_value_vnd"));
    lines.retain(|(_, values)| !values.is_empty());
    lines.into_iter().map(|(name, values)| (name.tell(lang), values)).collect()
}

pub(crate) fn payers(lang: Lang, paid_by: &Json) -> Vec<String> {
    let payer = |payer: &Json| {
        let name = match payer["payer"].as_str()? {
            "state_budget" => texts::STATE_BUDGET,
            "city_budget" => texts::CITY_BUDGET,
            "social_insurance_agency" => texts::INSURANCE_AGENCY,
            _ => return None,
        };
        let percent = payer["percent"].as_str()?;
        Some(match payer["monthly_vnd"].as_i64() {
            Some(amount) => texts::SHARE_MONEY.with(lang, &[name.tell(lang), percent, &money(lang, amount)]),
            None => texts::SHARE.with(lang, &[name.tell(lang), percent]),
        })
    };
    paid_by.as_array().into_iter().flatten().filter_map(payer).collect()
}

pub(crate) fn group(lang: Lang, policy: &Policy, id: &Json) -> Option<String> {
    let id = id.as_str()?;
    let category = policy.pack.categories.iter().find(|category| category.id == id)?;
    Some(sentence(lang.pick(&category.label)))
}

pub(crate) fn level(lang: Lang, benefit: &Json) -> Option<String> {
    let percent = benefit["benefit_level_percent"].as_str()?;
    Some(match benefit["uncapped"].as_bool() {
        Some(true) => texts::LEVEL_UNCAPPED.with(lang, &[percent]),
        _ => format!("{percent}%"),
    })
}

pub(crate) fn card_valid(lang: Lang, days: &Json) -> Option<String> {
    match (day_of(lang, &days["from"]), day_of(lang, &days["to"])) {
        (Some(from), Some(to)) => Some(texts::FROM_TO.with(lang, &[&from, &to])),
        (None, Some(to)) => Some(texts::TO_DAY.with(lang, &[&to])),
        _ => None,
    }
}

pub(crate) fn modes(lang: Lang, modes: &Json) -> Option<String> {
    let service = vocabulary().get(vocabulary().find_of(Of::Trip, "service")?);
    modes.as_array().map(|_| sentence(&value(lang, service, modes)))
}

fn card(lang: Lang, card: &Json) -> Option<String> {
    let needed = card["required"].as_bool()?;
    let mut told = if needed { texts::CARD_NEEDED } else { texts::CARD_NOT_NEEDED }.tell(lang).to_owned();
    if let Some(months) = card["valid_months"].as_i64() {
        told = format!("{told}, {}", texts::CARD_MONTHS.with(lang, &[&months.to_string()]));
    } else if let Some(until) = day_of(lang, &card["until"]) {
        told = format!("{told}, {}", texts::TO_DAY.with(lang, &[&until]).to_lowercase());
    }
    Some(told)
}

pub(crate) fn medium(lang: Lang, medium: &Json) -> Option<String> {
    let told = if medium["accepted"].as_bool()? { texts::MEDIUM_YES } else { texts::MEDIUM_NO }.tell(lang);
    Some(match day_of(lang, &medium["until"]) {
        Some(until) => format!("{told}, {}", texts::MEDIUM_UNTIL.with(lang, &[&until])),
        None => told.to_owned(),
    })
}
