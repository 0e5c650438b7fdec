//! A policy pack read into plain structs, as `docs/policy-format.md` describes it.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use toml::{Table, Value};

use super::condition::{self, Expr, Op, Operand};
use super::formula::{self, Formula};
use super::names;
use super::tables::{Span, date, each, expr, files, only, table, tables, text, words};

/// The law as data.
#[derive(Debug, Default)]
pub struct Pack {
    /// First day the pack answers for.
    pub from: NaiveDate,
    /// Last day the pack answers for.
    pub to: NaiveDate,
    /// Dated values by parameter.
    pub parameters: BTreeMap<String, Vec<Dated>>,
    /// Dated definitions by category; none for a category that is only a label.
    pub categories: BTreeMap<String, Vec<Category>>,
    /// Decisions by id.
    pub decisions: BTreeMap<String, Decision>,
}

/// A value of a parameter and the days it holds.
#[derive(Debug)]
pub struct Dated {
    pub from: NaiveDate,
    pub to: Option<NaiveDate>,
    /// `None`: announced, not published.
    pub value: Option<Operand>,
}

/// What a category means on some days.
#[derive(Debug)]
pub struct Category {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub when: Expr,
}

/// One entitlement.
#[derive(Debug)]
pub struct Decision {
    pub id: String,
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub introduced: Option<NaiveDate>,
    pub headline: String,
    pub entitled_when: (String, Op, Operand),
    pub fields: Vec<String>,
    /// Outputs and how each is found, in file order.
    pub hit: Vec<(String, Hit)>,
    pub rules: Vec<Rule>,
    pub opens: Vec<Open>,
    pub otherwise: Option<Rule>,
    pub cases: Vec<FieldCase>,
    pub tests: Vec<Table>,
}

/// How an output is found among the rules that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hit {
    Priority,
    TierMaxThenAdd,
    Max,
    Any,
    /// The `group` of the rule that gives this other output.
    ArgMax(String),
}

/// A rule, or the closing answer.
#[derive(Debug)]
pub struct Rule {
    pub id: String,
    /// Place of the tier in the order of the law.
    pub tier: usize,
    pub rank: i64,
    pub adds_to: Vec<String>,
    pub adds_to_tiers: Vec<usize>,
    pub when: Expr,
    pub then: BTreeMap<String, Then>,
    pub plan: bool,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

impl Rule {
    /// Whether it adds to the result of another rule.
    pub fn adds(&self) -> bool {
        !self.adds_to.is_empty() || !self.adds_to_tiers.is_empty()
    }
}

/// A value that a rule sets; `plus` when it is added.
#[derive(Debug, Clone, PartialEq)]
pub struct Then {
    pub plus: bool,
    pub value: Operand,
}

/// What the law leaves open.
#[derive(Debug)]
pub struct Open {
    pub id: String,
    pub when: Expr,
    pub side: Side,
    pub affects: Vec<String>,
    pub from: NaiveDate,
    pub to: NaiveDate,
}

/// Which answer an open clause puts in doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Grant,
    Deny,
    Either,
}

/// One case of a field of the benefit.
#[derive(Debug)]
pub struct FieldCase {
    pub id: String,
    pub when: Option<Expr>,
    pub form: Form,
}

/// What a field is when its case holds.
#[derive(Debug)]
pub enum Form {
    /// Null and named in `undetermined`.
    Undetermined,
    /// Null, and settled.
    Nothing,
    Omitted,
    Formula(Formula),
    Text(String),
    List(Vec<String>),
    Word(String),
    Bool(bool),
    Date(String),
}

impl Pack {
    /// Reads a folder.
    pub fn read(dir: &Path) -> Result<Self, String> {
        let head = table(&dir.join("pack.toml"))?;
        let covers = Span::of(&head, "covers")?;
        let mut pack = Self { from: covers.from()?, to: covers.to()?, ..Self::default() };
        for file in files(&dir.join("parameters"))? {
            for parameter in tables(&table(&file)?, "parameter")? {
                pack.parameters.insert(text(parameter, "id")?, dated(parameter)?);
            }
        }
        for file in files(&dir.join("categories"))? {
            for category in tables(&table(&file)?, "category")? {
                let known = ["id", "when", "label", "cite", "confidence", "valid", "group_only"];
                only(category, &known)?;
                let entries = pack.categories.entry(text(category, "id")?).or_default();
                if category.contains_key("when") {
                    let valid = Span::of(category, "valid")?;
                    let (from, to) = (valid.0.unwrap_or(pack.from), valid.1.unwrap_or(pack.to));
                    entries.push(Category { from, to, when: expr(category, "when")? });
                }
            }
        }
        for file in files(&dir.join("entitlements"))? {
            let at = |error| format!("{}: {error}", file.display());
            let decision = decision(&table(&file)?).map_err(at)?;
            pack.decisions.insert(decision.id.clone(), decision);
        }
        names::check(&pack)?;
        Ok(pack)
    }

    /// The value of a parameter on a day; `None` when it has none or it is not published.
    pub fn parameter(&self, id: &str, on: NaiveDate) -> Option<Operand> {
        let dated = self.parameters.get(id).unwrap_or_else(|| panic!("no parameter {id}"));
        let newest = dated.iter().filter(|dated| dated.from <= on).max_by_key(|dated| dated.from)?;
        if newest.to.is_some_and(|to| to < on) { None } else { newest.value.clone() }
    }

    /// Days on which something in the pack starts, and days after something ends.
    pub fn change_days(&self) -> Vec<NaiveDate> {
        let mut days = Vec::new();
        for dated in self.parameters.values().flatten() {
            days.push(dated.from);
            days.extend(dated.to.and_then(|to| to.succ_opt()));
        }
        let mut span = |from: NaiveDate, to: NaiveDate| {
            days.push(from);
            days.extend(to.succ_opt());
        };
        self.categories.values().flatten().for_each(|category| span(category.from, category.to));
        for decision in self.decisions.values() {
            decision.rules.iter().for_each(|rule| span(rule.from, rule.to));
            decision.opens.iter().for_each(|open| span(open.from, open.to));
        }
        days.retain(|day| self.from <= *day && *day <= self.to);
        days.sort();
        days.dedup();
        days
    }
}

fn decision(file: &Table) -> Result<Decision, String> {
    only(
        file,
        &[
            "decision",
            "title",
            "covers",
            "introduced",
            "headline",
            "entitled_when",
            "added_note",
            "tiers",
            "fields",
            "hit",
            "rule",
            "open",
            "otherwise",
            "field",
            "test",
        ],
    )?;
    let covers = Span::of(file, "covers")?;
    let (from, to) = (covers.from()?, covers.to()?);
    let tiers = words(file, "tiers")?;
    let span = (from, to);
    let otherwise = match file.get("otherwise") {
        Some(Value::Table(last)) => Some(closing(last, &tiers, span)?),
        _ => None,
    };
    let mut hit = Vec::new();
    for (output, how) in file.get("hit").and_then(Value::as_table).ok_or("no [hit]")? {
        let how = match how.as_str().ok_or("a hit policy is a text")? {
            "priority" => Hit::Priority,
            "tier_max_then_add" => Hit::TierMaxThenAdd,
            "max" => Hit::Max,
            "any" => Hit::Any,
            other => match other.strip_prefix("argmax ") {
                Some(output) => Hit::ArgMax(output.trim().to_owned()),
                None => return Err(format!("unknown hit policy {other}")),
            },
        };
        hit.push((output.clone(), how));
    }
    Ok(Decision {
        id: text(file, "decision")?,
        from,
        to,
        introduced: file.get("introduced").map(date).transpose()?,
        headline: text(file, "headline")?,
        entitled_when: condition::parse_comparison(&text(file, "entitled_when")?)?,
        fields: words(file, "fields")?,
        hit,
        rules: each(file, "rule", |rule_table| rule(rule_table, &tiers, span))?,
        opens: each(file, "open", |open_table| open(open_table, span))?,
        otherwise,
        cases: each(file, "field", field_case)?,
        tests: tables(file, "test")?.into_iter().cloned().collect(),
    })
}

const COMMON: [&str; 6] = ["cite", "authority", "confidence", "valid", "vi", "en"];

fn rule(from: &Table, tiers: &[String], covers: (NaiveDate, NaiveDate)) -> Result<Rule, String> {
    let id = text(from, "id")?;
    let known = ["id", "tier", "rank", "adds_to", "adds_to_tiers", "when", "then", "unmet"];
    only(from, &[&known[..], &COMMON[..]].concat())?;
    let valid = Span::of(from, "valid")?;
    let tier = |name: &String| {
        tiers.iter().position(|tier| tier == name).ok_or(format!("rule {id}: no tier {name}"))
    };
    let plan = match from.get("authority").and_then(Value::as_str) {
        None | Some("law") => false,
        Some("plan") => true,
        Some(other) => return Err(format!("rule {id}: authority {other}")),
    };
    let read = Rule {
        adds_to: words(from, "adds_to")?,
        adds_to_tiers: words(from, "adds_to_tiers")?.iter().map(tier).collect::<Result<_, _>>()?,
        tier: from.get("tier").map(|_| tier(&text(from, "tier")?)).transpose()?.unwrap_or(usize::MAX),
        rank: from.get("rank").and_then(Value::as_integer).unwrap_or(i64::MAX),
        when: expr(from, "when")?,
        then: then(from)?,
        plan,
        from: valid.0.unwrap_or(covers.0),
        to: valid.1.unwrap_or(covers.1),
        id,
    };
    if read.adds() == from.contains_key("tier") {
        return Err(format!("rule {}: either a tier or something it adds to", read.id));
    }
    Ok(read)
}

fn closing(from: &Table, tiers: &[String], covers: (NaiveDate, NaiveDate)) -> Result<Rule, String> {
    only(from, &[&["then"][..], &COMMON[..]].concat())?;
    Ok(Rule {
        id: "otherwise".to_owned(),
        tier: tiers.len().saturating_sub(1),
        rank: i64::MAX,
        adds_to: Vec::new(),
        adds_to_tiers: Vec::new(),
        when: Expr::And(Vec::new()),
        then: then(from)?,
        plan: false,
        from: covers.0,
        to: covers.1,
    })
}

fn then(from: &Table) -> Result<BTreeMap<String, Then>, String> {
    let mut outputs = BTreeMap::new();
    for (output, value) in from.get("then").and_then(Value::as_table).ok_or("no `then`")? {
        let then = match value {
            Value::Boolean(value) => Then { plus: false, value: Operand::Bool(*value) },
            Value::String(text) => match text.strip_prefix('+') {
                Some(rest) => Then { plus: true, value: condition::operand(rest)? },
                None => Then { plus: false, value: condition::operand(text)? },
            },
            other => return Err(format!("{output} = {other}: numbers are strings")),
        };
        outputs.insert(output.clone(), then);
    }
    Ok(outputs)
}

fn open(from: &Table, covers: (NaiveDate, NaiveDate)) -> Result<Open, String> {
    let id = text(from, "id")?;
    only(from, &[&["id", "when", "side", "affects"][..], &COMMON[..]].concat())?;
    let valid = Span::of(from, "valid")?;
    let side = match from.get("side").and_then(Value::as_str) {
        None | Some("either") => Side::Either,
        Some("grant") => Side::Grant,
        Some("deny") => Side::Deny,
        Some(other) => return Err(format!("open {id}: side {other}")),
    };
    let mut affects = words(from, "affects")?;
    if affects.is_empty() {
        affects.push("outcome".to_owned());
    }
    let (first, last) = (valid.0.unwrap_or(covers.0), valid.1.unwrap_or(covers.1));
    Ok(Open { id, when: expr(from, "when")?, side, affects, from: first, to: last })
}

fn field_case(from: &Table) -> Result<FieldCase, String> {
    let id = text(from, "id")?;
    let forms = ["open", "value", "undetermined", "none", "text", "list", "word", "bool", "date", "omit"];
    only(from, &[&["id", "when", "cite", "confidence"][..], &forms[..]].concat())?;
    let given: Vec<&str> = forms.iter().copied().filter(|form| from.contains_key(*form)).collect();
    let [form] = given[..] else { return Err(format!("field {id}: exactly one form, not {given:?}")) };
    let form = match form {
        "open" | "undetermined" => Form::Undetermined,
        "none" => Form::Nothing,
        "omit" => Form::Omitted,
        "value" => Form::Formula(formula::parse(&text(from, "value")?)?),
        "text" => Form::Text(text(from, "text")?),
        "list" => Form::List(words(from, "list")?),
        "word" => Form::Word(text(from, "word")?),
        "bool" => Form::Bool(from.get("bool").and_then(Value::as_bool).ok_or("a bool")?),
        _ => Form::Date(text(from, "date")?),
    };
    let when = if from.contains_key("when") { Some(expr(from, "when")?) } else { None };
    Ok(FieldCase { id, when, form })
}

fn dated(parameter: &Table) -> Result<Vec<Dated>, String> {
    only(parameter, &["id", "unit", "label", "values"])?;
    let id = text(parameter, "id")?;
    let values = parameter.get("values").and_then(Value::as_array).ok_or(format!("{id}: no values"))?;
    let mut read = Vec::new();
    for value in values.iter().filter_map(Value::as_table) {
        only(value, &["from", "to", "value", "unknown", "alternative_from", "cite", "confidence"])?;
        read.push(Dated {
            from: value.get("from").map(date).ok_or(format!("{id}: no from"))??,
            to: value.get("to").map(date).transpose()?,
            value: value.get("value").map(|_| condition::operand(&text(value, "value")?)).transpose()?,
        });
    }
    Ok(read)
}
