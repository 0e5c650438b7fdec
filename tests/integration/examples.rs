//! The examples of the document that take a token, sent in the order in which a day at the ward sends them.

use serde_json::{Value, json};

use crate::{
    cards::{decision, free},
    helpers::TestApp,
    people::text,
};

/// The request example of an operation, and its path with the ids filled in.
fn example(document: &Value, operation: &str, id: &str) -> (String, Value) {
    let paths = document["paths"].as_object().expect("paths");
    let found = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(_, described)| (path, described))
    });
    let (path, described) = found
        .into_iter()
        .find(|(_, described)| described["operationId"] == operation)
        .unwrap_or_else(|| panic!("no operation {operation}"));
    let body = described["requestBody"]["content"]["application/json"]["example"].clone();
    assert!(body.is_object(), "{operation} has no example");
    (path.replace("{id}", id), body)
}

#[test]
fn examples_behind_a_token_are_taken() {
    let app = TestApp::start();
    let (official, operator) = (app.official(), app.operator());
    let document = app.get("/openapi.json").json();
    let create = |operation: &str, id: &str| {
        let (path, body) = example(&document, operation, id);
        let reply = official.create(&path, &body);
        assert_eq!(reply.status, 201, "{operation}: {reply:?}");
        reply.json()
    };
    let citizen = text(&create("createCitizen", ""), "id");
    let paper = text(&create("addEvidence", &citizen), "id");
    let better = |operation: &str, paper: &str| {
        let (path, body) = example(&document, operation, &citizen);
        let reply = official.create(&path.replace("{evidence_id}", paper), &body);
        assert_eq!(reply.status, 201, "{operation}: {reply:?}");
        text(&reply.json(), "id")
    };
    let paper = better("replaceEvidence", &paper);
    better("withdrawEvidence", &paper);
    let decided = text(&create("recordDecision", &citizen), "id");
    // The day an appeal is filed lies between that of the decision and today.
    let (path, mut body) = example(&document, "fileAppeal", &decided);
    body["filed_on"] = json!("2026-01-14");
    let appeal = text(&official.create(&path, &body).json(), "id");
    let (path, body) = example(&document, "endAppeal", &appeal);
    let ended = official.send("POST", &path, &[("if-match", "\"1\"")], Some(&body));
    assert_eq!(ended.status, 200, "{ended:?}");

    let (path, body) = example(&document, "searchCitizens", "");
    assert_eq!(official.post(&path, &body).json()["items"][0]["id"], json!(citizen));
    let (path, body) = example(&document, "changeCitizen", &citizen);
    let changed = official.send("PATCH", &path, &[("if-match", "\"1\"")], Some(&body));
    assert_eq!(changed.status, 200, "{changed:?}");
    let second = official.citizen("Nguyễn Thị Hai Lần", "001180000077", "1980");
    for operation in ["moveCitizen", "mergeCitizens"] {
        let (path, mut body) = example(&document, operation, &citizen);
        if operation == "mergeCitizens" {
            body["duplicate_id"] = json!(second);
        }
        let headers = [("if-match", "*"), ("idempotency-key", operation)];
        let reply = official.send("POST", &path, &headers, Some(&body));
        assert_eq!(reply.status, 201, "{operation}: {reply:?}");
    }

    let third = official.citizen("Nguyễn Thị Ra Đi", "001180000078", "1980");
    let (path, body) = example(&document, "eraseCitizen", &third);
    let headers = [("if-match", "*"), ("idempotency-key", "eraseCitizen")];
    let erased = official.send("POST", &path, &headers, Some(&body));
    assert_eq!(erased.status, 201, "{erased:?}");

    // Ids of decisions and cards are made by the service: the example's stand in for them.
    let (path, mut body) = example(&document, "issueCard", "");
    body["decision_id"] = json!(decision(&app, &citizen, "2026-01-14", &free()));
    let card = text(&official.create(&path, &body).json(), "id");
    let (path, mut body) = example(&document, "checkStatus", "");
    let unknown = operator.post(&path, &body);
    assert_eq!((unknown.status, &unknown.json()["result"]), (200, &json!("not_entitled")));
    body["presented"]["value"] = json!(card);
    assert_eq!(operator.post(&path, &body).json()["result"], "valid");
    for (operation, status) in
        [("suspendCard", "suspended"), ("resumeCard", "active"), ("revokeCard", "revoked")]
    {
        let (path, body) = example(&document, operation, &card);
        assert_eq!(official.post(&path, &body).json()["status"], status, "{operation}");
    }
}
