//! The benefit as it is told: compared, and written.

use rust_decimal::{Decimal, prelude::ToPrimitive};

use super::{
    fields::Fields,
    json::{day, decimal, escape, integer, raw, string},
    said::{Said, Shares},
    told::{Field, MOST_FIELDS, Told, field_of, same},
};
use crate::{
    facts::Vnd,
    policy::field_table::{FieldTable, Layout},
};

/// How an object of fields is told.
#[derive(PartialEq)]
enum Object {
    /// Not at all.
    Absent,
    /// Nothing in it is known.
    Null,
    Known,
}

fn object(fields: &[(String, usize)], values: &[Field<'_>; MOST_FIELDS]) -> Object {
    let told = || fields.iter().map(|(_, at)| values[*at]).filter(|field| *field != Field::Omit);
    if told().next().is_none() {
        Object::Absent
    } else if told().all(|field| !matches!(field, Field::Value(_))) {
        Object::Null
    } else {
        Object::Known
    }
}

/// The benefit of one answer.
pub struct Benefit<'a, 'p> {
    /// How it is told.
    pub table: &'p FieldTable,
    /// Its fields.
    pub fields: &'a Fields<'p>,
    /// What the rules say, for who pays.
    pub said: &'a Said<'p>,
}

impl Benefit<'_, '_> {
    fn shares(&self) -> Option<(Shares<'_>, Option<Decimal>, Option<Decimal>)> {
        let support = self.said.support.as_ref()?;
        Some((support.shares, self.fields.number(self.table.premium), self.fields.number(self.table.monthly)))
    }

    /// Whether both are told alike. Both are of the same decision.
    pub fn same(&self, other: &Self) -> bool {
        let (a, b) = (&self.fields.values, &other.fields.values);
        let alike = |at: usize| match (a[at], b[at]) {
            (Field::Value(one), Field::Value(two)) => same(one, a, two, b),
            (Field::Value(_), _) | (_, Field::Value(_)) => false,
            (one, two) => (one == Field::Omit) == (two == Field::Omit),
        };
        self.table.layout.iter().all(|part| match part {
            Layout::Field(_, at) => alike(*at),
            Layout::PaidBy => match (self.shares(), other.shares()) {
                (Some(one), Some(two)) => one == two,
                (None, None) => true,
                _ => false,
            },
            Layout::Object(_, fields) => match (object(fields, a), object(fields, b)) {
                (Object::Known, Object::Known) => fields.iter().all(|(_, at)| alike(*at)),
                (one, two) => one == two,
            },
        })
    }

    /// Writes the benefit as a JSON object.
    pub fn write(&self, out: &mut Vec<u8>) {
        let values = &self.fields.values;
        let mut start = b'{';
        let mut name = |out: &mut Vec<u8>, name: &str| {
            out.push(start);
            start = b',';
            string(out, name);
            out.push(b':');
        };
        for part in &self.table.layout {
            match part {
                Layout::Field(_, at) if values[*at] == Field::Omit => {}
                Layout::Field(told, at) => {
                    name(out, told);
                    self.write_field(told, *at, out);
                }
                Layout::PaidBy => {
                    name(out, "paid_by");
                    self.write_paid_by(out);
                }
                Layout::Object(told, fields) => match object(fields, values) {
                    Object::Absent => {}
                    Object::Null => {
                        name(out, told);
                        raw(out, "null");
                    }
                    Object::Known => {
                        name(out, told);
                        let mut start = b'{';
                        for (inner, at) in fields.iter().filter(|(_, at)| values[*at] != Field::Omit) {
                            out.push(start);
                            start = b',';
                            string(out, inner);
                            out.push(b':');
                            self.write_field(inner, *at, out);
                        }
                        out.push(b'}');
                    }
                },
            }
        }
        if start == b'{' {
            out.push(b'{');
        }
        out.push(b'}');
    }

    /// Writes the names of what is undetermined in it, as a JSON list.
    pub fn write_undetermined(&self, out: &mut Vec<u8>) {
        let values = &self.fields.values;
        let open = |at: usize| matches!(values[at], Field::Undetermined | Field::Open(_));
        let mut start = b'[';
        let mut name = |parts: [&str; 3]| {
            out.push(start);
            start = b',';
            raw(out, "\"benefit.");
            parts.iter().for_each(|part| escape(out, part));
            out.push(b'"');
        };
        for part in &self.table.layout {
            match part {
                Layout::Field(told, at) if open(*at) => name([told, "", ""]),
                Layout::Field(..) => {}
                Layout::PaidBy if self.said.support.is_none() => name(["paid_by", "", ""]),
                Layout::PaidBy => {}
                Layout::Object(told, fields) => match object(fields, values) {
                    Object::Absent => {}
                    Object::Null if fields.iter().any(|(_, at)| open(*at)) => name([told, "", ""]),
                    Object::Null => {}
                    Object::Known => {
                        fields
                            .iter()
                            .filter(|(_, at)| open(*at))
                            .for_each(|(inner, _)| name([told, ".", inner]));
                    }
                },
            }
        }
        if start == b'[' {
            out.push(b'[');
        }
        out.push(b']');
    }

    /// Writes one field: money and counts are integers; percents and coefficients decimal strings.
    pub fn write_field(&self, name: &str, at: usize, out: &mut Vec<u8>) {
        let Field::Value(value) = self.fields.values[at] else { return raw(out, "null") };
        match value {
            Told::Number(number) => {
                let whole = ["_vnd", "_months", "_months_max", "count", "_left"]
                    .iter()
                    .any(|ending| name.ends_with(ending));
                match number.to_i64().filter(|_| whole && number.is_integer()) {
                    Some(whole) => integer(out, whole),
                    None => {
                        out.push(b'"');
                        decimal(out, number);
                        out.push(b'"');
                    }
                }
            }
            Told::Word(word) => string(out, word),
            Told::Pieces(pieces) => {
                out.push(b'"');
                for piece in pieces {
                    match field_of(piece, &self.fields.values) {
                        Told::Word(word) => escape(out, word),
                        Told::Number(number) => decimal(out, number),
                        _ => {}
                    }
                }
                out.push(b'"');
            }
            Told::Bool(value) => raw(out, if value { "true" } else { "false" }),
            Told::Date(at) => {
                out.push(b'"');
                day(out, at);
                out.push(b'"');
            }
            Told::List(words) => {
                out.push(b'[');
                for (at, word) in words.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    string(out, word);
                }
                out.push(b']');
            }
        }
    }

    /// Each payer's part; the last one takes what rounding leaves, so that the parts add up.
    fn write_paid_by(&self, out: &mut Vec<u8>) {
        let Some((shares, premium, monthly)) = self.shares() else { return raw(out, "null") };
        let mut left = monthly;
        let last = shares.list().len().saturating_sub(1);
        out.push(b'[');
        for (at, (payer, percent)) in shares.list().iter().enumerate() {
            let amount = if at == last {
                left
            } else {
                let part = premium
                    .and_then(|premium| premium.checked_mul(*percent)?.checked_div(Decimal::ONE_HUNDRED))
                    .and_then(Vnd::round_half_up);
                part.map(|vnd| vnd.0.into())
            };
            left = left.zip(amount).and_then(|(left, amount)| left.checked_sub(amount));
            raw(out, if at == 0 { r#"{"payer":"# } else { r#",{"payer":"# });
            string(out, payer);
            raw(out, r#","percent":""#);
            decimal(out, *percent);
            raw(out, r#"","monthly_vnd":"#);
            match amount.and_then(|amount| amount.to_i64()) {
                Some(amount) => integer(out, amount),
                None => raw(out, "null"),
            }
            out.push(b'}');
        }
        out.push(b']');
    }
}
