//! Faults for the text of a pack: where each operator can be applied, and what then stands there.

use an_sinh::policy::SourceText;

use super::blocks::{Block, blocks};
use crate::pack_text::{Place, apply};

/// A kind of fault. Confidence marks, citations and texts are not behaviour and are left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operator {
    /// A number in a condition moved by one.
    Bound,
    /// `>=` for `>`, `<` for `<=`, and back; `=` for `!=`.
    Strictness,
    /// A rule, open clause or case of a field left out.
    Dropped,
    /// A day moved by one.
    Day,
    /// `over`, `adds_to`, tier or rank removed or swapped.
    Link,
    /// Another value given.
    Value,
    /// `and` for `or`, and back.
    AndOr,
    /// A `not` left out.
    Not,
    /// A number of the law changed.
    Parameter,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Bound,
        Self::Strictness,
        Self::Dropped,
        Self::Day,
        Self::Link,
        Self::Value,
        Self::AndOr,
        Self::Not,
        Self::Parameter,
    ];
}

/// One fault.
#[derive(Debug, Clone)]
pub struct Fault {
    /// Its kind.
    pub operator: Operator,
    /// What stands where.
    pub edits: Vec<(Place, String)>,
    /// For people: file, line, what was changed.
    pub told: String,
    /// The same while the block stays the same, wherever it stands: which faults are tried hangs on this.
    pub key: String,
}

impl Fault {
    /// The files with the fault in them.
    pub fn in_files(&self, files: &[SourceText]) -> Vec<SourceText> {
        apply(files, &self.edits)
    }

    /// The file of the first change.
    pub fn file<'a>(&self, files: &'a [SourceText]) -> &'a str {
        &files[self.edits[0].0.file].name
    }
}

/// Every fault of every operator.
pub fn faults(files: &[SourceText]) -> Vec<Fault> {
    let mut all = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let blocks = blocks(at, &file.text);
        let mut add = Adder { files, all: &mut all };
        for block in &blocks {
            match block.kind.as_str() {
                "rule" | "open" | "field" => {
                    add.one(Operator::Dropped, block.whole(), "");
                    conditions(&mut add, block);
                    days(&mut add, block);
                    links(&mut add, block, &blocks);
                    values(&mut add, block, &blocks);
                }
                "otherwise" => values(&mut add, block, &blocks),
                "category" => {
                    conditions(&mut add, block);
                    days(&mut add, block);
                }
                "parameter" => parameters(&mut add, block),
                _ => {}
            }
        }
    }
    all
}

struct Adder<'a> {
    files: &'a [SourceText],
    all: &'a mut Vec<Fault>,
}

impl Adder<'_> {
    fn one(&mut self, operator: Operator, place: Place, with: impl Into<String>) {
        self.many(operator, vec![(place, with.into())]);
    }

    fn many(&mut self, operator: Operator, edits: Vec<(Place, String)>) {
        let line = |place: &Place| self.files[place.file].text[..place.start].matches('\n').count() + 1;
        let told: Vec<String> = edits
            .iter()
            .map(|(place, with)| {
                let file = &self.files[place.file];
                let was: String = file.text[place.start..place.end].chars().take(60).collect();
                let line_text = file.text[..place.start].lines().next_back().unwrap_or_default();
                let before: String =
                    line_text.chars().rev().take(40).collect::<Vec<_>>().into_iter().rev().collect();
                format!("{}:{}: …{before}[{was}] -> [{with}]", file.name, line(place))
            })
            .collect();
        let key = edits.iter().fold(format!("{operator:?}"), |key, (place, with)| {
            let text = &self.files[place.file].text;
            let block = text[..place.start].rfind("\n[[").map_or(0, |at| at + 1);
            let inside = &text[block..];
            let line = text[block..place.start].matches('\n').count();
            let id = inside.lines().find(|line| line.starts_with("id = ")).unwrap_or_default();
            let column = place.start - text[..place.start].rfind('\n').unwrap_or_default();
            format!("{key} {id} {line} {column} {with}")
        });
        self.all.push(Fault { operator, edits, told: told.join("; ").replace('\n', " "), key });
    }
}

/// Places of a word inside a stretch.
fn finds<'t>(text: &'t str, place: &'t Place, word: &'t str) -> impl Iterator<Item = Place> + 't {
    text.match_indices(word).map(|(at, _)| place.part(at, at + word.len()))
}

fn conditions(add: &mut Adder<'_>, block: &Block<'_>) {
    let Some((text, place)) = block.text("when") else { return };
    for (was, with) in
        [(" >= ", " > "), (" > ", " >= "), (" < ", " <= "), (" <= ", " < "), (" = ", " != "), (" != ", " = ")]
    {
        finds(text, &place, was).for_each(|place| add.one(Operator::Strictness, place, with));
    }
    for (was, with) in [(" and ", " or "), (" or ", " and ")] {
        finds(text, &place, was).for_each(|place| add.one(Operator::AndOr, place, with));
    }
    finds(text, &place, "not ").for_each(|place| add.one(Operator::Not, place, ""));
    for compare in [" >= ", " > ", " < ", " <= ", " = "] {
        for (at, _) in text.match_indices(compare) {
            let start = at + compare.len();
            let digits = text[start..].chars().take_while(char::is_ascii_digit).count();
            let Ok(number) = text[start..start + digits].parse::<i64>() else { continue };
            for other in [number - 1, number + 1].into_iter().filter(|other| *other >= 0) {
                add.one(Operator::Bound, place.part(start, start + digits), other.to_string());
            }
        }
    }
}

/// Days of `valid`, and days that fields show.
fn days(add: &mut Adder<'_>, block: &Block<'_>) {
    for key in ["valid", "date"] {
        if let Some((text, place)) = block.line(key) {
            moved_days(add, Operator::Day, text, &place);
        }
    }
}

fn moved_days(add: &mut Adder<'_>, operator: Operator, text: &str, place: &Place) {
    for at in 0..text.len().saturating_sub(9) {
        let Some(day) = text.get(at..at + 10).and_then(|text| text.parse::<chrono::NaiveDate>().ok()) else {
            continue;
        };
        for other in [day.pred_opt(), day.succ_opt()].into_iter().flatten() {
            add.one(operator, place.part(at, at + 10), other.to_string());
        }
    }
}

fn links(add: &mut Adder<'_>, block: &Block<'_>, blocks: &[Block<'_>]) {
    let rules = || blocks.iter().filter(|other| other.kind == "rule");
    if let Some((tier, place)) = block.text("tier") {
        let mut tiers: Vec<&str> = rules().filter_map(|rule| Some(rule.text("tier")?.0)).collect();
        tiers.dedup();
        tiers
            .iter()
            .filter(|other| **other != tier)
            .for_each(|other| add.one(Operator::Link, place.clone(), *other));
        let rank = |rule: &Block<'_>| {
            rule.line("rank").and_then(|(text, place)| Some((text.trim().parse::<i64>().ok()?, place)))
        };
        let Some((own, own_place)) = rank(block) else { return };
        let same_tier = rules().filter(|other| other.text("tier").is_some_and(|(other, _)| other == tier));
        let next =
            same_tier.filter_map(rank).filter(|(other, _)| *other > own).min_by_key(|(other, _)| *other);
        if let Some((other, other_place)) = next {
            add.many(Operator::Link, vec![(own_place, other.to_string()), (other_place, own.to_string())]);
        }
    }
    for key in ["over", "adds_to", "adds_to_tiers"] {
        let Some((text, place)) = block.line(key) else { continue };
        let names: Vec<&str> = text.split('"').skip(1).step_by(2).collect();
        for dropped in &names {
            let left: Vec<String> =
                names.iter().filter(|name| *name != dropped).map(|name| format!("\"{name}\"")).collect();
            add.one(Operator::Link, place.clone(), format!("[{}]", left.join(", ")));
        }
    }
    if let Some((side, place)) = block.text("side") {
        let other = if side == "grant" { "deny" } else { "grant" };
        add.one(Operator::Link, place, other);
    }
}

/// Values of `then`, and what cases of fields show.
fn values(add: &mut Adder<'_>, block: &Block<'_>, blocks: &[Block<'_>]) {
    if let Some((text, place)) = block.line("then") {
        let others = given(blocks);
        for (name, value, at) in pairs(text) {
            let place = place.part(at, at + value.len());
            other_values(name, value, &others)
                .into_iter()
                .for_each(|other| add.one(Operator::Value, place.clone(), other));
        }
    }
    if block.kind != "field" {
        return;
    }
    for (was, with) in [("true", "false"), ("false", "true")] {
        if let Some((text, place)) = block.line("bool").filter(|(text, _)| *text == was) {
            add.one(Operator::Value, place.part(0, text.len()), with);
        }
    }
    for (was, with) in [("omit", "none"), ("none", "undetermined"), ("undetermined", "omit")] {
        if let Some((_, place)) = block.line(was) {
            let key = Place { start: place.start - was.len() - 3, end: place.start - 3, ..place };
            add.one(Operator::Value, key, with);
        }
    }
    if let Some((text, place)) = block.text("word") {
        add.one(Operator::Value, place, if text == "2" { "3" } else { "2" });
    }
    if let Some((text, place)) = block.text("value") {
        calculation(add, text, &place, blocks);
    }
    if let Some((text, place)) = block.line("list").filter(|(text, _)| text.contains(", ")) {
        let last = text.rfind(", ").unwrap_or_default();
        add.one(Operator::Value, place.part(last, text.len() - 1), "");
    }
}

/// Another operation, another number, another parameter.
fn calculation(add: &mut Adder<'_>, text: &str, place: &Place, blocks: &[Block<'_>]) {
    for (was, with) in [(" * ", " / "), (" / ", " * "), (" - ", " + "), (" + ", " - ")] {
        finds(text, place, was).for_each(|place| add.one(Operator::Value, place, with));
    }
    if let Ok(number) = text.parse::<i64>() {
        add.one(Operator::Value, place.clone(), (number + 1).to_string());
    }
    let mut parameters: Vec<&str> = blocks
        .iter()
        .filter_map(|other| Some(other.text("value")?.0))
        .filter(|value| value.starts_with('$') && *value != text)
        .collect();
    parameters.dedup();
    if text.starts_with('$')
        && !text.contains(' ')
        && let Some(other) = parameters.get(text.len() % parameters.len().max(1))
    {
        add.one(Operator::Value, place.clone(), *other);
    }
}

/// Name, value with its quotes, and place of the value, of each member of an inline table.
fn pairs(text: &str) -> Vec<(&str, &str, usize)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(" = ") {
        let name = text[..at].rsplit([' ', '{', ',']).next().unwrap_or_default();
        let start = at + 3;
        let rest = &text[start..];
        let len = match rest.strip_prefix('"') {
            Some(inside) => inside.find('"').map_or(rest.len(), |end| end + 2),
            None => rest.find([',', ' ']).unwrap_or(rest.len()),
        };
        found.push((name, &rest[..len], start));
    }
    found
}

/// What other rules of the file give.
fn given<'t>(blocks: &[Block<'t>]) -> Vec<(&'t str, &'t str)> {
    let mut all: Vec<(&str, &str)> = Vec::new();
    for block in blocks {
        let Some((text, _)) = block.line("then") else { continue };
        for (name, value, _) in pairs(text) {
            if !all.contains(&(name, value)) {
                all.push((name, value));
            }
        }
    }
    all
}

/// Two other values that some rule gives, or a neighbouring number.
fn other_values(name: &str, value: &str, given: &[(&str, &str)]) -> Vec<String> {
    match value {
        "true" => return vec!["false".into()],
        "false" => return vec!["true".into()],
        _ => {}
    }
    let bare = value.trim_matches('"');
    let plus = if bare.starts_with('+') { "+" } else { "" };
    if let Ok(number) = bare.trim_start_matches('+').parse::<i64>() {
        return [number - 5, number + 1].map(|other| format!("\"{plus}{other}\"")).into();
    }
    let others: Vec<&str> = given
        .iter()
        .filter(|(other, given)| {
            *other == name && *given != value && given.starts_with("\"+") == value.starts_with("\"+")
        })
        .map(|(_, given)| *given)
        .collect();
    if others.is_empty() {
        return Vec::new();
    }
    let at = value.len() % others.len();
    let mut picked = vec![others[at].to_owned()];
    picked.extend((others.len() > 1).then(|| others[(at + 1) % others.len()].to_owned()));
    picked
}

fn parameters(add: &mut Adder<'_>, block: &Block<'_>) {
    for (text, place) in block.lines_with("{ from = ") {
        let start = text.find("{ from = ").unwrap_or_default() + "{ from = ".len();
        moved_days(add, Operator::Day, &text[start..start + 10], &place.part(start, start + 10));
        let Some(at) = text.find(" value = \"").map(|at| at + " value = \"".len()) else { continue };
        let value = text[at..].split('"').next().unwrap_or_default();
        let place = place.part(at, at + value.len());
        if let Ok(number) = value.parse::<rust_decimal::Decimal>() {
            let one = rust_decimal::Decimal::new(1, number.scale());
            add.one(Operator::Parameter, place.clone(), (number + one).to_string());
            if number > one {
                add.one(Operator::Parameter, place, (number - one).to_string());
            }
        } else if let Some((month, day)) = value.split_once('-').filter(|_| value.len() == 5) {
            let day: u32 = day.parse().unwrap_or(2);
            add.one(Operator::Parameter, place, format!("{month}-{:02}", day - 1));
        } else {
            moved_days(add, Operator::Parameter, value, &place);
        }
    }
}
