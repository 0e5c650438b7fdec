//! Bad facts get a clear answer that names field, value and what is allowed; never a guess.

use an_sinh::{decide, policy::Policy};
use serde_json::{Value, json};

fn errors(body: &Value) -> Vec<(String, &'static str, String)> {
    let policy = Policy::embedded().expect("the embedded pack");
    let today = "2026-11-24".parse().expect("a day");
    let found = decide::evaluate(&policy, body, today).expect_err("an error");
    found.into_iter().map(|error| (error.pointer, error.code, error.detail.en)).collect()
}

fn one(body: &Value) -> (String, &'static str, String) {
    let mut found = errors(body);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn person(member: &str, value: Value) -> Value {
    json!({ "as_of": "2026-03-02", "people": [{ "id": "p", member: value }] })
}

fn code(body: &Value) -> (String, &'static str) {
    let (pointer, code, _) = one(body);
    (pointer, code)
}

#[test]
fn a_slip_of_the_pen_is_recognised() {
    let (pointer, code, detail) = one(&person("emploiment", json!("none")));
    assert_eq!((pointer.as_str(), code), ("/people/0/emploiment", "unknown_field"));
    assert!(detail.contains("Did you mean “employment”"), "{detail}");
    let (pointer, code, detail) = one(&person("employment", json!("contrct")));
    assert_eq!((pointer.as_str(), code), ("/people/0/employment", "unknown_value"));
    assert!(detail.contains("Did you mean “contract”") && detail.contains("self_employed"), "{detail}");
    let (_, code, detail) = one(&json!({ "people": [{ "id": "p" }], "entitlements": ["free_transt"] }));
    assert_eq!(code, "unknown_value");
    assert!(detail.contains("free_transit"), "{detail}");
}

#[test]
fn days_and_ages_must_be_possible() {
    let at = |code| ("/people/0/born_on".to_owned(), code);
    assert_eq!(code(&person("born_on", json!("2023-02-29"))), at("invalid_date"));
    assert_eq!(code(&person("born_on", json!("2026-03-03"))), at("born_after_as_of"));
    assert_eq!(code(&person("born_on", json!("1890"))), at("age_over_130"));
    let asked = |day: &str| code(&json!({ "as_of": day, "people": [{ "id": "p" }] }));
    assert_eq!(asked("2018-11-30"), ("/as_of".to_owned(), "as_of_outside_coverage"));
    assert_eq!(asked("2028-01-01"), ("/as_of".to_owned(), "as_of_outside_coverage"));
    assert_eq!(asked("2026-13-01"), ("/as_of".to_owned(), "invalid_date"));
}

#[test]
fn personal_numbers_are_checked_and_never_repeated() {
    for (number, wanted) in [
        ("00108400000", "personal_id_format"),
        ("003084000001", "personal_id_birthplace_code"),
        ("001484000001", "personal_id_century"),
        ("001299000001", "personal_id_future_year"),
    ] {
        let (pointer, code, detail) = one(&person("personal_id", json!(number)));
        assert_eq!((pointer.as_str(), code), ("/people/0/personal_id", wanted));
        assert!(!detail.contains(number), "{detail}");
    }
}

#[test]
fn one_to_a_hundred_people_with_names_of_their_own() {
    let people = |count: usize| json!({ "people": (0..count).map(|at| json!({ "id": at.to_string() })).collect::<Vec<_>>() });
    assert_eq!(code(&people(0)), ("/people".to_owned(), "people_count"));
    assert_eq!(code(&people(101)), ("/people".to_owned(), "people_count"));
    assert_eq!(code(&json!({})), ("/people".to_owned(), "missing_field"));
    let twins = json!({ "people": [{ "id": "p" }, { "id": "p" }] });
    assert_eq!(code(&twins), ("/people/1/id".to_owned(), "duplicate_id"));
}

#[test]
fn all_mistakes_of_a_body_come_back_at_once() {
    let found = errors(&json!({
        "as_of": "2030-01-01", "authority": "lw", "explain": 1, "entitlement": [],
        "household": { "unit": "99999", "poverty_status": true },
        "people": [{ "id": "p", "merit": [{ "title": "war_invalid", "impairment_percent": 61.5 }], "pension_vnd": 9_007_199_254_740_993_i64 }],
    }));
    let pointers: Vec<&str> = found.iter().map(|(pointer, ..)| pointer.as_str()).collect();
    assert_eq!(
        pointers,
        [
            "/entitlement",
            "/as_of",
            "/authority",
            "/explain",
            "/household/unit",
            "/household/poverty_status",
            "/people/0/merit/0/impairment_percent",
            "/people/0/pension_vnd",
        ]
    );
}

#[test]
fn contradictions_are_warned_about_and_the_law_is_still_applied() {
    let policy = Policy::embedded().expect("the embedded pack");
    let body = json!({ "as_of": "2026-03-02", "authority": "law", "entitlements": ["free_transit"],
        "people": [{ "id": "p", "born_on": "2022-05-05", "employment": "contract", "personal_id": "001084000001", "sex": "female" }] });
    let answer =
        decide::evaluate(&policy, &body, "2026-11-24".parse().expect("a day")).expect("an answer").to_json();
    let codes: Vec<&str> = answer["people"][0]["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .filter_map(|w| w["code"].as_str())
        .collect();
    assert_eq!(codes, ["facts_contradict", "personal_id_year_mismatch", "personal_id_sex_mismatch"]);
    assert_eq!(answer["people"][0]["decisions"][0]["outcome"], "entitled");
    assert!(!answer.to_string().contains("001084000001"));
}

#[test]
fn what_looks_like_a_personal_number_is_never_repeated() {
    for body in [
        json!({ "people": [{ "id": "p", "sex": "001086000021" }] }),
        json!({ "people": [{ "id": "p", "001086000021": 1 }] }),
        json!({ "people": [{ "id": "p" }], "entitlements": ["001086000021"] }),
    ] {
        let told = format!("{:?}", errors(&body));
        assert!(!told.contains("001086000021"), "{told}");
    }
}

#[test]
fn a_body_full_of_mistakes_gets_a_bounded_answer() {
    let mut person = json!({ "id": "p" });
    for at in 0..20_000 {
        person[format!("k{at}")] = json!(1);
    }
    assert_eq!(errors(&json!({ "people": [person] })).len(), 100);
    let traits = json!({ "people": [{ "id": "p" }], "household": { "area_traits": ["a", "b", 3] } });
    assert_eq!(errors(&traits).len(), 3);
}
