//! What an answer says of itself: the assumptions and reasons behind it, whole in any stream.

use an_sinh::{decide, policy::Policy};
use serde_json::{Value, json};

fn ask(body: &Value) -> Value {
    let policy = Policy::embedded().expect("the embedded pack");
    decide::evaluate(&policy, body, "2026-11-24".parse().expect("a day")).expect("an answer").to_json()
}

/// A woman of 88 of whom little is known. She is entitled either way: as a recipient of the social pension, or of a pension
/// or allowance, or by age under the plan.
fn little_known() -> Value {
    json!({ "as_of": "2026-07-03", "entitlements": ["health_insurance_premium"], "people": [
        { "id": "a", "born_on": "1938-02-28", "citizenship": "vietnamese", "employment": "none" }] })
}

#[test]
fn an_assumption_is_told_where_other_facts_are_unknown_too() {
    let told = ask(&little_known());
    assert_eq!(told["people"][0]["decisions"][0]["outcome"], "entitled");
    let assumed = told["people"][0]["assumptions"].as_array().expect("assumptions");
    assert!(assumed.contains(&json!({ "fact": "social_pension", "value": "drawing" })), "{assumed:?}");
    let mut not_drawing = little_known();
    not_drawing["people"][0]["social_pension"] = "none".into();
    assert_eq!(ask(&not_drawing)["people"][0]["decisions"][0]["outcome"], "needs_information");
}

#[test]
fn the_closing_answer_is_no_reason_for_a_yes() {
    for explain in ["summary", "full"] {
        let mut body = little_known();
        body["explain"] = explain.into();
        let told = ask(&body);
        let reasons = told["people"][0]["decisions"][0]["reasons"].as_array().expect("reasons");
        let closing = reasons.iter().find(|reason| reason["rule"] == "otherwise");
        assert!(closing.is_none_or(|reason| reason["verdict"] != "applied"), "{closing:?}");
        assert!(!reasons.is_empty());
    }
}

/// Not one word of a summary is lost in a full explanation, which adds what each rule read.
#[test]
fn a_full_explanation_holds_the_summary() {
    let mut body = json!({ "as_of": "2026-01-14", "people": [{ "id": "a", "born_on": "1950-03-01",
        "citizenship": "vietnamese", "residence": "permanent" }] });
    let summary = ask(&body);
    body["explain"] = "full".into();
    let full = ask(&body);
    for at in 0..2 {
        let (short, long) = (&summary["people"][0]["decisions"][at], &full["people"][0]["decisions"][at]);
        for reason in short["reasons"].as_array().expect("reasons") {
            let same = |other: &&Value| other["rule"] == reason["rule"];
            let whole =
                long["reasons"].as_array().expect("reasons").iter().find(same).expect("the same rule");
            for member in ["verdict", "text", "authority", "confidence"] {
                assert_eq!(whole[member], reason[member]);
            }
            // Only one of them reads no parameter, and names none.
            let reads = reason["rule"] != "safe_zone_from_2025_07";
            assert_eq!((whole["facts"].is_array(), whole["parameters"].is_array()), (true, reads), "{whole}");
        }
        assert!(long["title"]["vi"].is_string());
        // Rules of other days too stand on a text, one of their own days.
        for reason in long["reasons"].as_array().expect("reasons") {
            assert!(reason["cite"].as_array().is_some_and(|cites| !cites.is_empty()), "{reason}");
        }
    }
}

/// The two readers of a request: whatever the quick one takes, the thorough one reads alike; an escaped letter in a name
/// makes the quick one give up.
#[test]
fn both_readers_of_a_request_read_alike() {
    let policy = Policy::embedded().expect("the embedded pack");
    let today = "2026-11-24".parse().expect("a day");
    let quick = |body: &str| {
        let mut out = Vec::new();
        let told = decide::answer_body(&policy, body.as_bytes(), today, &mut out, |_| {});
        assert_eq!(told.is_some(), !out.is_empty());
        told.map(|()| String::from_utf8(out).expect("text"))
    };
    let thorough = |body: &str| {
        let body = serde_json::from_str(body).expect("JSON");
        let mut out = Vec::new();
        let request = decide::read(&policy, &body, today).ok()?;
        decide::answer_request(&policy, &request, &mut out, |_| {});
        Some(String::from_utf8(out).expect("text"))
    };
    let people = r#""people":[{"sex":"female","id":"a","born_on":"1958","merit":[{"title":"war_invalid","impairment_percent":61}],"disability":{"severity":"severe","certificate":true},"other_groups":[]}]"#;
    let household =
        r#""household":{"unit":"00070","poverty_status":null,"area_traits":["safe_zone","safe_zone"]}"#;
    for body in [
        format!("{{{people}}}"),
        format!("{{{people},{household}}}"),
        format!(
            "{{{household},\"trip\":{{\"service\":\"bus\",\"route_km\":12}},{people},\"explain\":\"full\"}}"
        ),
        format!(
            "{{\"entitlements\":[\"free_transit\"],{people},\"authority\":\"law\",\"as_of\":\"2019-09-01\"}}"
        ),
    ] {
        let told = quick(&body).expect("the quick reader takes it");
        assert_eq!(Some(told), thorough(&body), "{body}");
    }
    for body in [
        "{}",
        r#"{"people":[]}"#,
        r#"{"people":[{"id":""}]}"#,
        r#"{"people":[{"id":"a","id":"b"}]}"#,
        r#"{"people":[{"id":"a"},{"id":"a"}]}"#,
        r#"{"people":[{"id":"a","household_scheme_rank":1.0}]}"#,
        r#"{"people":[{"id":"a","born_on":"2027-01-01"}]}"#,
        r#"{"people":[{"id":"a","sex":"female","sex":"male"}]}"#,
        r#"{"people":[{"id":"a","social_pension":"unstated"}]}"#,
        r#"{"people":[{"id":"a"}],"as_of":"2040-01-01"}"#,
        r#"{"people":[{"id":"a"}]} x"#,
        "\u{feff}{\"people\":[{\"id\":\"a\"}]}",
    ] {
        assert_eq!(quick(body), None, "{body}");
    }
    // After a refusal nothing of the refused request is left.
    assert_eq!(quick(r#"{"people":[{"id":"z","veteran":true,"sex":"x"}]}"#), None);
    let plain = r#"{"people":[{"id":"a"}]}"#;
    assert_eq!(quick(plain), thorough(plain));
}
