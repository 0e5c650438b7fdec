//! The contract: what is served is what is committed, and it tells enough to write a client from.

use std::collections::HashSet;

use an_sinh::api::openapi::document_text;
use serde_json::{Map, Value};

use crate::helpers::TestApp;

const COMMITTED: &str = include_str!("../../openapi/an-sinh.json");

fn document() -> Value {
    serde_json::from_str(COMMITTED).expect("the committed document is JSON")
}

/// Every operation as (method, path, operation).
fn operations(document: &Value) -> Vec<(&str, &str, &Map<String, Value>)> {
    let paths = document["paths"].as_object().expect("paths");
    paths
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().into_iter().flatten();
            methods.filter_map(move |(method, operation)| {
                Some((method.as_str(), path.as_str(), operation.as_object()?))
            })
        })
        .collect()
}

#[test]
fn served_and_committed_documents_are_the_same() {
    let made = document_text().expect("a document");
    assert!(
        made == COMMITTED,
        "openapi/an-sinh.json is out of date; run: cargo run -- openapi > openapi/an-sinh.json"
    );
    let app = TestApp::start();
    assert_eq!(app.get("/openapi.json").text(), COMMITTED);
    assert_eq!(document()["openapi"].as_str().map(|version| &version[..3]), Some("3.1"));
}

#[test]
fn every_operation_is_described() {
    let document = document();
    let mut ids = HashSet::new();
    for (method, path, operation) in operations(&document) {
        let name = format!("{method} {path}");
        for member in ["summary", "description", "operationId"] {
            let text = operation.get(member).and_then(Value::as_str).unwrap_or_default();
            assert!(text.len() > 3, "{name} has no {member}");
        }
        assert!(ids.insert(operation["operationId"].as_str()), "{name} shares its operationId");
        assert!(operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()), "{name} has no tag");

        let responses = operation["responses"].as_object().expect("responses");
        let has = |status: &str| responses.contains_key(status);
        assert!(responses.keys().any(|status| status.starts_with('2')), "{name} has no success");
        assert!(has("500"), "{name} does not tell 500");
        if operation.contains_key("requestBody") {
            // A stream of lines is judged line by line, in its answer.
            let lines = !operation["requestBody"]["content"]["application/x-ndjson"].is_null();
            let told = has("413") || path.starts_with("/oauth/") || lines && has("415");
            assert!(told, "{name} does not tell what it says to bad bodies");
        }
        if path.contains('{') {
            assert!(has("404"), "{name} does not tell 404");
        }
        for (status, response) in responses {
            let response = resolve(&document, response);
            let text = response["description"].as_str().unwrap_or_default();
            assert!(text.len() > 3, "{name} {status} has no description");
            if status.starts_with(['4', '5']) && !path.starts_with("/oauth/") {
                assert!(response["content"]["application/problem+json"].is_object(), "{name} {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|member| walk(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
            _ => {}
        }
    }
    let document = document();
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let target = reference.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
        assert!(target.is_some(), "{reference} leads nowhere");
    }
}

/// The examples a reader copies first. Those behind a token are sent by the tests of their resource.
#[test]
fn examples_are_taken() {
    let (document, app) = (document(), TestApp::start());
    let mut sent = 0;
    for (method, path, operation) in operations(&document) {
        // `{}` among the alternatives means that no token is needed.
        let open = match operation.get("security").and_then(Value::as_array) {
            None => true,
            Some(alternatives) => alternatives.contains(&Value::Object(Map::new())),
        };
        let body = operation.get("requestBody").map(|body| &body["content"]["application/json"]["example"]);
        if method == "post"
            && open
            && let Some(example) = body
        {
            // Forms and streams are no JSON; their examples are sent by `access` and `batch`.
            if operation["requestBody"]["content"]["application/json"].is_null() {
                continue;
            }
            assert!(example.is_object(), "{path} has no example");
            let reply = app.post(path, example);
            assert!(operation["responses"][reply.status.to_string()].is_object(), "{path} answers {reply:?}");
            assert!(reply.status < 300, "{path} refuses its own example: {reply:?}");
            sent += 1;
        }
        if method == "get" && open && !path.contains('{') {
            assert_eq!(app.get(path).status, 200, "{path}");
        }
    }
    assert!(sent >= 1);
}

#[test]
fn the_docs_need_no_other_address() {
    let app = TestApp::start();
    let moved = app.get("/docs");
    assert!(moved.status == 200, "the redirect leads to the page: {moved:?}");
    let page = app.get("/docs/");
    assert!(page.text().contains("swagger-ui-bundle.js") && !page.text().contains("://"), "{}", page.text());
    let start = app.get("/docs/swagger-initializer.js");
    assert!(start.text().contains("/openapi.json"), "{}", start.text());
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "index.css"] {
        assert_eq!(app.get(&format!("/docs/{file}")).status, 200, "{file}");
    }
}

fn resolve<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let reference = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    reference.and_then(|pointer| document.pointer(pointer)).unwrap_or(value)
}

/// The printed answer is the real one. Texts and versions change more often than answers and are left aside.
#[test]
fn the_printed_answer_comes_back() {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.retain(|name, _| {
                    !["text", "label", "detail", "version", "digest"].contains(&name.as_str())
                });
                members.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let (document, app) = (document(), TestApp::start());
    let operation = &document["paths"]["/v1/evaluations"]["post"];
    let request = &operation["requestBody"]["content"]["application/json"]["example"];
    let mut printed = operation["responses"]["200"]["content"]["application/json"]["example"].clone();
    let mut answer = app.post("/v1/evaluations", request).json();
    strip(&mut printed);
    strip(&mut answer);
    assert!(
        printed == answer,
        "run: cargo run -- evaluate openapi/examples/evaluate.request.json > openapi/examples/evaluate.response.json, \
         then cargo run -- openapi > openapi/an-sinh.json; the answer is now {answer:#}"
    );
}
