//! The error table: no code that nothing raises, and every `type` leads to its description.

use std::path::Path;

use an_sinh::api::ErrorCode;

use crate::helpers::{TestApp, rust_files};

#[test]
fn every_code_is_used() {
    let sources: String = rust_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
        .iter()
        // The table itself is no use of a code; the statuses it falls back to are.
        .map(|(path, text)| match path.ends_with("api/error_code.rs") {
            true => text
                .split_once("pub fn for_status")
                .map_or("", |(_, rest)| rest)
                .replace("Self::", "ErrorCode::"),
            false => text.clone(),
        })
        .collect();
    for code in ErrorCode::ALL {
        let name = format!("ErrorCode::{}", code.variant());
        let used = sources.match_indices(&name).any(|(at, _)| {
            let next = sources[at + name.len()..].chars().next();
            !next.is_some_and(char::is_alphanumeric)
        });
        assert!(used, "{name} is never used: remove it from the table");
    }
}

#[test]
fn the_type_of_a_problem_leads_to_its_description() {
    let app = TestApp::start();
    for code in ErrorCode::ALL {
        let reply = app.get(&format!("/errors/{}", code.as_str()));
        let description = reply.json();
        assert_eq!(description["code"], code.as_str());
        assert_eq!(description["status"], code.status().as_u16());
        for member in ["title", "detail"] {
            assert!(description[member]["vi"].is_string() && description[member]["en"].is_string());
        }
    }
}
