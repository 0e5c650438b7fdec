//! The schema of an evaluation request, written from the vocabulary: the contract cannot know a fact that the reader does
//! not, nor the other way round.

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat,
        schema::{AdditionalProperties, Type},
    },
};

use crate::{
    decide::MOST_PEOPLE,
    facts::{FactDef, Kind, Of, Text, Word, vocabulary},
};

/// The body of `POST /v1/evaluations`.
pub struct EvaluationRequest;

impl ToSchema for EvaluationRequest {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("EvaluationRequest")
    }
}

impl PartialSchema for EvaluationRequest {
    fn schema() -> RefOr<Schema> {
        let person = facts(Of::Person)
            .property("id", described(string(), "Names the person in the answer; 1 to 64 characters."))
            .required("id");
        let people =
            ArrayBuilder::new().items(person.build()).min_items(Some(1)).max_items(Some(MOST_PEOPLE));
        let entitlements = ArrayBuilder::new()
            .items(string().build())
            .min_items(Some(1))
            .description(Some("Entitlements asked; all when left out."));
        closed(ObjectBuilder::new())
            .description(Some("Facts of one household and its people on a day. An absent fact is unknown; known absence is said."))
            .property("as_of", described(date(), "The day asked, `YYYY-MM-DD`; today in Hanoi when left out."))
            .property("authority", described(one_of(&["plan", "law"]), "Law in force plus the plan's aims (default), or law alone."))
            .property("explain", described(one_of(&["none", "summary", "full"]), "How much of the reasons is told; `summary` by default."))
            .property("entitlements", entitlements)
            .property("household", facts(Of::Household))
            .property("trip", facts(Of::Trip))
            .property("people", people)
            .required("people")
            .into()
    }
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn date() -> ObjectBuilder {
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
}

fn one_of(words: &[&str]) -> ObjectBuilder {
    string().enum_values(Some(words.iter().map(|word| (*word).to_owned())))
}

fn described(schema: ObjectBuilder, text: &str) -> ObjectBuilder {
    schema.description(Some(text))
}

/// An object that takes nothing but what is named.
fn closed(object: ObjectBuilder) -> ObjectBuilder {
    object.schema_type(Type::Object).additional_properties(Some(AdditionalProperties::FreeForm(false)))
}

/// The facts of one scope; those with a dot as members of an object.
fn facts(of: Of) -> ObjectBuilder {
    let mut object = closed(ObjectBuilder::new());
    let mut nested: Vec<(&str, ObjectBuilder)> = Vec::new();
    for (_, fact) in vocabulary().facts().filter(|(_, fact)| fact.of == of) {
        match fact.id.split_once('.') {
            None => object = object.property(fact.id.clone(), fact_schema(fact)),
            Some((outer, inner)) => {
                let at = nested.iter().position(|(name, _)| *name == outer).unwrap_or_else(|| {
                    nested.push((outer, closed(ObjectBuilder::new())));
                    nested.len() - 1
                });
                let grown = std::mem::take(&mut nested[at].1).property(inner, fact_schema(fact));
                nested[at].1 = grown;
            }
        }
    }
    nested.into_iter().fold(object, |object, (name, members)| object.property(name, members))
}

fn fact_schema(fact: &FactDef) -> RefOr<Schema> {
    kind_schema(&fact.kind, &fact.label)
}

fn kind_schema(kind: &Kind, label: &Text) -> RefOr<Schema> {
    let text = format!("{} — {}", label.vi, label.en);
    match kind {
        Kind::Bool => described(ObjectBuilder::new().schema_type(Type::Boolean), &text).into(),
        Kind::Word { words, .. } => described(words_schema(words), &text).into(),
        // A partial date: the format `date` would refuse `1956` and `1956-03`.
        Kind::Date { .. } => described(
            string().pattern(Some(r"^\d{4}(-\d{2}(-\d{2})?)?$")),
            &format!("{text}; `YYYY`, `YYYY-MM` or `YYYY-MM-DD`"),
        )
        .into(),
        Kind::Count { .. } | Kind::Money | Kind::Percent => {
            let (min, max) = kind.bounds().unwrap_or((0, 0));
            described(
                ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(min)).maximum(Some(max)),
                &text,
            )
            .into()
        }
        Kind::PersonalId => described(string().pattern(Some(r"^ *\d{12} *$")), &text).into(),
        Kind::Unit => described(string().pattern(Some(r"^\d{5}$")), &text).into(),
        Kind::Words(words) => {
            ArrayBuilder::new().items(words_schema(words).build()).description(Some(text)).into()
        }
        Kind::Records(members) => {
            let entry = members.iter().fold(closed(ObjectBuilder::new()), |entry, member| {
                let entry = entry.property(member.id.clone(), kind_schema(&member.kind, &member.label));
                if member.required { entry.required(member.id.clone()) } else { entry }
            });
            ArrayBuilder::new().items(entry.build()).max_items(Some(50)).description(Some(text)).into()
        }
    }
}

fn words_schema(words: &[Word]) -> ObjectBuilder {
    string().enum_values(Some(words.iter().map(|word| word.id.clone())))
}
