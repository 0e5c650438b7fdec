//! From the files of a pack to the compiled pack: sources, parameters, categories; decisions are in [`super::decision_file`].

use std::{ops::Range, sync::Arc};

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use toml::Spanned;

use super::{
    conditions::{Conditions, Node, NodeIdx, Test},
    decision_file,
    files::{SourceText, digest},
    finding::Finding,
    model::{
        Amendment, Approval, Category, CategoryVersion, Cite, Implied, Pack, Parameter, ParameterAmount,
        ParameterIdx, ParameterValue, Place, Source, SourceIdx,
    },
    names::{NOT_PLAIN, hint, index, is_plain, number},
    nesting::Sizes,
    raw::{
        Day, Days, RawApproval, RawCategories, RawCategory, RawDays, RawDecision, RawPack, RawParameter,
        RawParameterValue, RawParameters, RawSource, RawSources,
    },
    resolve::{self, Names},
};
use crate::facts::{FactId, ImpliedText, vocabulary};

/// Reads a pack. All findings come back at once.
pub fn load(files: &[SourceText]) -> Result<Pack, Vec<Finding>> {
    Loader::new(files).load()
}

/// What is known while the files are read.
pub(super) struct Loader<'a> {
    pub files: &'a [SourceText],
    pub findings: Vec<Finding>,
    pub source_names: Vec<String>,
    pub parameter_names: Vec<String>,
    pub category_names: Vec<String>,
    pub conditions: Conditions,
    pub covers: Days,
    /// Known once the categories are read; none where they go wrong.
    sizes: Option<Sizes>,
}

/// Far ends for open stretches of days.
pub(super) const EVER: Days = Days { from: NaiveDate::MIN, to: NaiveDate::MAX };

/// Every covered day is looked at.
const MOST_YEARS: u32 = 100;

impl<'a> Loader<'a> {
    fn new(files: &'a [SourceText]) -> Self {
        Self {
            files,
            findings: Vec::new(),
            source_names: Vec::new(),
            parameter_names: Vec::new(),
            category_names: Vec::new(),
            conditions: Conditions::default(),
            covers: EVER,
            sizes: None,
        }
    }

    fn load(mut self) -> Result<Pack, Vec<Finding>> {
        let header: Option<RawPack> = self.find("pack.toml").and_then(|file| self.read(file));
        let raw_sources: Option<RawSources> = self.find("sources.toml").and_then(|file| self.read(file));
        let raw_parameters = self.read_all::<RawParameters>("parameters/");
        let raw_categories = self.read_all::<RawCategories>("categories/");
        let raw_decisions = self.read_all::<RawDecision>("entitlements/");
        let Some(header) = header else { return Err(self.findings) };
        let head = self.files.iter().position(|file| file.name == "pack.toml").unwrap_or(0);
        self.covers = self.days(head, 0, Some(header.covers), EVER);
        if self.covers.to.years_since(self.covers.from).is_some_and(|years| years >= MOST_YEARS) {
            self.finding(head, 0, "covers", format!("a pack covers less than {MOST_YEARS} years"));
        }
        let sources = self.sources(raw_sources.map_or_else(Vec::new, |file| file.source));
        let parameters: Vec<Parameter> = self.parameters(raw_parameters);
        let categories = self.categories(raw_categories);
        let implied = self.implied();
        let mut decisions = Vec::new();
        for (file, raw) in raw_decisions {
            if let Some(decision) = decision_file::read(&mut self, file, raw) {
                decisions.push(Arc::new(decision));
            }
        }
        if !self.findings.is_empty() {
            return Err(self.findings);
        }
        // The vocabulary is compiled in; without a birth date there is no social law.
        let born_on = vocabulary().find("born_on").unwrap_or(FactId(0));
        Ok(Pack {
            id: header.id,
            version: header.version,
            title: header.title.into(),
            covers: self.covers,
            approval: header.approval.map(|RawApproval { by, on: Day(on), applies_from: Day(from) }| {
                Approval { by: by.into(), on, applies_from: from }
            }),
            digest: digest(self.files),
            sources,
            parameters,
            categories,
            decisions,
            conditions: self.conditions,
            implied,
            born_on,
        })
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let at = self.files.iter().position(|file| file.name == name);
        if at.is_none() {
            let message = format!("{name} is missing");
            self.findings.push(Finding {
                file: name.into(),
                line: 1,
                column: 1,
                subject: "pack".into(),
                message,
                witness: None,
            });
        }
        at
    }

    fn read<T: DeserializeOwned>(&mut self, file: usize) -> Option<T> {
        match toml::from_str(&self.files[file].text) {
            Ok(raw) => Some(raw),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.finding(file, at, "TOML", error.message().replace('\n', "; "));
                None
            }
        }
    }

    fn read_all<T: DeserializeOwned>(&mut self, folder: &str) -> Vec<(usize, T)> {
        let places: Vec<usize> =
            (0..self.files.len()).filter(|at| self.files[*at].name.starts_with(folder)).collect();
        places.into_iter().filter_map(|file| Some((file, self.read(file)?))).collect()
    }

    /// Adds a finding at a byte offset.
    pub(super) fn finding(
        &mut self,
        file: usize,
        at: usize,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) {
        let finding = Finding::at(&self.files[file], at, subject, message);
        self.findings.push(finding);
    }

    /// Reads a stretch of days; a missing end is that of `within`.
    pub(super) fn days(&mut self, file: usize, at: usize, raw: Option<RawDays>, within: Days) -> Days {
        let raw = raw.unwrap_or_default();
        let day = |day: Option<Day>, end: NaiveDate| day.map_or(end, |Day(day)| day);
        let days = Days { from: day(raw.from, within.from), to: day(raw.to, within.to) };
        if days.from > days.to {
            self.finding(file, at, "valid", "the first day is after the last one");
        }
        days
    }

    /// Reads citations: `<source id> <place>`.
    pub(super) fn cites(&mut self, file: usize, subject: &str, raw: &[Spanned<String>]) -> Vec<Cite> {
        let mut cites = Vec::with_capacity(raw.len());
        for cite in raw {
            let text = cite.get_ref();
            let (id, place) = text.split_once(' ').unwrap_or((text, ""));
            match self.source_names.iter().position(|name| name == id) {
                Some(at) => cites.push(Cite {
                    source: SourceIdx(u16::try_from(at).unwrap_or(u16::MAX)),
                    place: place.trim().into(),
                }),
                None => {
                    let hint = hint(id, &self.source_names);
                    self.finding(file, cite.span().start + 1, subject, format!("no source “{id}”{hint}"));
                }
            }
        }
        cites
    }

    /// Reads a condition; tells the parameters that it reads.
    pub(super) fn condition(
        &mut self,
        file: usize,
        subject: &str,
        text: &Spanned<String>,
        outputs: &[String],
    ) -> Option<(NodeIdx, Vec<ParameterIdx>)> {
        let parameters = |name: &str| index(&self.parameter_names, name).map(ParameterIdx);
        let names = Names {
            parameters: &parameters,
            parameter_names: &self.parameter_names,
            categories: &self.category_names,
            outputs,
        };
        match resolve::condition(text.get_ref(), &names, &mut self.conditions) {
            Ok(read) => {
                let size = self.sizes.as_ref().map_or(Ok(()), |sizes| sizes.check(&self.conditions, read.0));
                if let Err(wrong) = size {
                    self.finding(file, text.span().start, subject, wrong.to_string());
                }
                Some(read)
            }
            Err(mistake) => {
                // The span starts at the opening quote.
                self.finding(file, text.span().start + 1 + mistake.at, subject, mistake.message);
                None
            }
        }
    }

    /// Notes a name and complains when it stands twice.
    fn name(
        &mut self,
        file: usize,
        what: &str,
        name: &Spanned<String>,
        all: fn(&mut Self) -> &mut Vec<String>,
    ) {
        let id = name.get_ref().clone();
        if all(self).contains(&id) {
            self.finding(file, name.span().start, &id, format!("this {what} stands twice"));
        }
        if !is_plain(&id) {
            self.finding(file, name.span().start, &id, NOT_PLAIN);
        }
        all(self).push(id);
    }

    fn sources(&mut self, raw: Vec<Spanned<RawSource>>) -> Vec<Source> {
        let file = self.files.iter().position(|file| file.name == "sources.toml").unwrap_or(0);
        for source in &raw {
            self.name(file, "source", &source.get_ref().id, |loader| &mut loader.source_names);
        }
        raw.into_iter()
            .map(|source| {
                let source = source.into_inner();
                let id = source.id.into_inner();
                for replaced in &source.replaces {
                    if index(&self.source_names, replaced.get_ref()).is_none() {
                        let hint = hint(replaced.get_ref(), &self.source_names);
                        self.finding(
                            file,
                            replaced.span().start,
                            &id,
                            format!("no source “{}”{hint}", replaced.get_ref()),
                        );
                    }
                }
                let amends = source.amends.and_then(|amended| {
                    let name = amended.get_ref();
                    let found = index(&self.source_names, name).filter(|_| *name != id);
                    if found.is_none() {
                        let hint = hint(name, &self.source_names);
                        self.finding(
                            file,
                            amended.span().start,
                            &id,
                            format!("no other source “{name}”{hint}"),
                        );
                    }
                    found.map(SourceIdx)
                });
                let mut amended_by = Vec::new();
                for amendment in source.amended_by {
                    match index(&self.source_names, amendment.source.get_ref()) {
                        Some(at) => amended_by.push(Amendment {
                            source: SourceIdx(at),
                            from: amendment.from.0,
                            read: amendment.read,
                        }),
                        None => {
                            let name = amendment.source.get_ref();
                            let hint = hint(name, &self.source_names);
                            self.finding(
                                file,
                                amendment.source.span().start,
                                &id,
                                format!("no source “{name}”{hint}"),
                            );
                        }
                    }
                }
                let day = |day: Option<Day>| day.map(|Day(day)| day);
                Source {
                    id,
                    number: source.number,
                    title: source.title.into(),
                    issuer: source.issuer.into(),
                    issued: day(source.issued),
                    effective: day(source.effective),
                    from: day(source.from),
                    to: day(source.to),
                    url: source.url,
                    replaces: source.replaces.into_iter().map(Spanned::into_inner).collect(),
                    amends,
                    confidence: source.confidence,
                    amended_by,
                }
            })
            .collect()
    }

    fn parameters(&mut self, raw: Vec<(usize, RawParameters)>) -> Vec<Parameter> {
        let all: Vec<(usize, RawParameter)> = raw
            .into_iter()
            .flat_map(|(file, raw)| raw.parameter.into_iter().map(move |p| (file, p.into_inner())))
            .collect();
        for (file, parameter) in &all {
            self.name(*file, "parameter", &parameter.id, |loader| &mut loader.parameter_names);
        }
        all.into_iter().map(|(file, parameter)| self.parameter(file, parameter)).collect()
    }

    fn parameter(&mut self, file: usize, raw: RawParameter) -> Parameter {
        const UNITS: [&str; 8] =
            ["vnd_per_month", "vnd", "percent", "years", "months", "count", "month_day", "date"];
        let id = raw.id.into_inner();
        if !UNITS.contains(&raw.unit.get_ref().as_str()) {
            let message = format!("no unit “{}”; allowed: {}", raw.unit.get_ref(), UNITS.join(", "));
            self.finding(file, raw.unit.span().start, &id, message);
        }
        let mut values: Vec<ParameterValue> = Vec::new();
        let mut last_place: Range<usize> = 0..0;
        for value in raw.values {
            let place = value.span();
            let value = value.into_inner();
            let from = value.from.0;
            if let Some(last) = values.last_mut() {
                if from <= last.days.from {
                    self.finding(file, place.start, &id, "the values are not in the order of their days");
                } else if last.days.to >= from {
                    last.days.to = from.pred_opt().unwrap_or(from);
                }
            }
            let amount = self.amount(file, &id, raw.unit.get_ref(), &value, &place);
            let cites = self.cites(file, &id, &value.cite);
            if cites.is_empty() {
                self.finding(file, place.start, &id, "a value without a citation");
            }
            values.push(ParameterValue {
                days: Days { from, to: value.to.map_or(NaiveDate::MAX, |Day(day)| day) },
                amount,
                cites,
                confidence: value.confidence,
                alternative_from: value.alternative_from.map(|Day(day)| day),
            });
            last_place = place;
        }
        if values.is_empty() {
            self.finding(file, last_place.start, &id, "a parameter without a value");
        }
        Parameter { id, unit: raw.unit.into_inner(), label: raw.label.into(), values }
    }

    fn amount(
        &mut self,
        file: usize,
        id: &str,
        unit: &str,
        raw: &RawParameterValue,
        place: &Range<usize>,
    ) -> ParameterAmount {
        let text = match (&raw.value, raw.unknown) {
            (Some(text), false) => text,
            (None, true) => return ParameterAmount::Unknown,
            _ => {
                self.finding(file, place.start, id, "either `value` or `unknown = true` is needed");
                return ParameterAmount::Unknown;
            }
        };
        let read = match unit {
            "month_day" => text.split_once('-').and_then(|(month, day)| {
                let (month, day) = (month.parse().ok()?, day.parse().ok()?);
                NaiveDate::from_ymd_opt(2024, month, day).map(|_| ParameterAmount::MonthDay(month, day))
            }),
            "date" => text.parse().ok().map(ParameterAmount::Day),
            _ => number(text).map(ParameterAmount::Number),
        };
        read.unwrap_or_else(|| {
            self.finding(file, place.start, id, format!("“{text}” is no value of unit {unit}"));
            ParameterAmount::Unknown
        })
    }

    fn categories(&mut self, raw: Vec<(usize, RawCategories)>) -> Vec<Category> {
        let all: Vec<(usize, RawCategory)> = raw
            .into_iter()
            .flat_map(|(file, raw)| raw.category.into_iter().map(move |c| (file, c.into_inner())))
            .collect();
        for (_, category) in &all {
            let id = category.id.get_ref();
            if !self.category_names.contains(id) {
                self.category_names.push(id.clone());
            }
        }
        let mut categories: Vec<Category> = Vec::new();
        let mut places: Vec<(usize, usize)> = Vec::new();
        for (file, raw) in all {
            let id = raw.id.get_ref().clone();
            let at = raw.id.span().start;
            let days = self.days(file, at, raw.valid, EVER);
            let cites = self.cites(file, &id, &raw.cite);
            let version = match (&raw.when, raw.group_only) {
                (Some(when), false) => self
                    .condition(file, &id, when, &[])
                    .map(|(when, _)| CategoryVersion { days, when, cites, confidence: raw.confidence }),
                (None, true) => None,
                _ => {
                    self.finding(file, at, &id, "either `when` or `group_only = true` is needed");
                    None
                }
            };
            match categories.iter_mut().find(|category| category.id == id) {
                Some(category) => {
                    let clash = version.iter().any(|new| {
                        category
                            .versions
                            .iter()
                            .any(|old| new.days.from <= old.days.to && old.days.from <= new.days.to)
                    });
                    if clash || version.is_none() {
                        self.finding(file, at, &id, "this category stands twice for the same days");
                    }
                    category.versions.extend(version);
                }
                None => {
                    places.push((file, at));
                    categories.push(Category {
                        id,
                        label: raw.label.into(),
                        versions: version.into_iter().collect(),
                    });
                }
            }
        }
        match Sizes::measure(&self.conditions, &categories) {
            Ok(sizes) => self.sizes = Some(sizes),
            Err((at, wrong)) => {
                let ((file, offset), id) = (places[at], categories[at].id.clone());
                self.finding(file, offset, id, wrong.to_string());
            }
        }
        categories
    }

    fn implied(&mut self) -> Vec<Implied> {
        let mut implied = Vec::new();
        for ImpliedText { when, then } in vocabulary().implied() {
            let names = Names { parameters: &|_| None, parameter_names: &[], categories: &[], outputs: &[] };
            let when = resolve::condition(when, &names, &mut self.conditions);
            let then = resolve::condition(then, &names, &mut self.conditions);
            if let (Ok((when, _)), Ok((then, _))) = (when, then)
                && let Some(fact) = single_fact(&self.conditions, then)
            {
                implied.push(Implied { when, then, fact });
            }
        }
        implied
    }
}

/// The fact that a condition speaks of, if it is one.
fn single_fact(conditions: &Conditions, at: NodeIdx) -> Option<FactId> {
    match conditions.get(at) {
        Node::Not(inner) => single_fact(conditions, *inner),
        Node::Test(
            Test::Words { fact, .. }
            | Test::Bool { fact }
            | Test::Number { fact, .. }
            | Test::Date { fact, .. }
            | Test::Unit { fact, .. }
            | Test::Some { fact, .. },
        ) => Some(*fact),
        _ => None,
    }
}

/// The place of something in a file.
pub(super) fn place(file: usize, span: &Range<usize>) -> Place {
    Place { file, offset: span.start }
}
