//! What is the same for many operations is said once here and added to each: the problems that any of them can
//! answer, how a problem looks, and the examples that tests send.

use serde_json::Value;
use utoipa::{
    Modify,
    openapi::{
        Content, OpenApi, Ref, RefOr, Response, ResponseBuilder,
        path::{Operation, ParameterIn},
        security::{ClientCredentials, Flow, OAuth2, Password, Scopes, SecurityScheme},
    },
};

use crate::api::{batch::NDJSON, problem::PROBLEM_JSON, reading::PURPOSE};

/// One problem response that operations share: status, name among the components, meaning.
struct Shared(&'static str, &'static str, &'static str);

/// For operations that read a JSON body.
const BODY: &[Shared] = &[
    Shared("400", "MalformedBody", "The body is not UTF-8, not JSON, or nested too deeply."),
    Shared("408", "BodyTimeout", "The body did not arrive in time."),
    Shared("413", "BodyTooLarge", "The body is larger than 1 MiB."),
    Shared("415", "UnsupportedMediaType", "The Content-Type is not application/json."),
    Shared("422", "InvalidBody", "The body has errors; `errors` tells all of them with JSON Pointers."),
];

/// For operations that read a stream of lines: each line is judged by itself, in the answer.
const LINES: &[Shared] = &[Shared("415", "NotNdjson", "The Content-Type is not application/x-ndjson.")];

/// For operations that need a token.
const ACCESS: &[Shared] = &[
    Shared("401", "Unauthenticated", "No valid access token."),
    Shared("403", "Forbidden", "The token lacks the scope."),
];

/// For operations with a part of the path that may name nothing.
const NAMED: &[Shared] = &[Shared("404", "NotFound", "There is no such thing, or it may not be seen.")];

/// For operations that read a record.
const READING: &[Shared] = &[Shared(
    "400",
    "BadPurpose",
    "`An-Sinh-Purpose` is none of the purposes, or is missing where the service demands one; or the query is not one.",
)];

/// For operations that count against the limits.
const LIMITS: &[Shared] = &[
    Shared("429", "RateLimited", "Too many requests; try again after the seconds in `Retry-After`."),
    Shared("503", "Overloaded", "The service is busy; try again after the seconds in `Retry-After`."),
];

/// For every operation.
const ANY: &[Shared] = &[Shared("500", "Internal", "A fault of the service; quote the `trace_id`.")];

/// Request examples by operation id. A test sends each and expects it to be taken.
const REQUEST_EXAMPLES: &[(&str, &str)] = &[
    ("evaluate", include_str!("../../../openapi/examples/evaluate.request.json")),
    ("createCitizen", include_str!("../../../openapi/examples/createCitizen.request.json")),
    ("searchCitizens", include_str!("../../../openapi/examples/searchCitizens.request.json")),
    ("changeCitizen", include_str!("../../../openapi/examples/changeCitizen.request.json")),
    ("addEvidence", include_str!("../../../openapi/examples/addEvidence.request.json")),
    ("replaceEvidence", include_str!("../../../openapi/examples/replaceEvidence.request.json")),
    ("withdrawEvidence", include_str!("../../../openapi/examples/withdrawEvidence.request.json")),
    ("moveCitizen", include_str!("../../../openapi/examples/moveCitizen.request.json")),
    ("mergeCitizens", include_str!("../../../openapi/examples/mergeCitizens.request.json")),
    ("eraseCitizen", include_str!("../../../openapi/examples/eraseCitizen.request.json")),
    ("recordDecision", include_str!("../../../openapi/examples/recordDecision.request.json")),
    ("fileAppeal", include_str!("../../../openapi/examples/fileAppeal.request.json")),
    ("endAppeal", include_str!("../../../openapi/examples/endAppeal.request.json")),
    ("issueCard", include_str!("../../../openapi/examples/issueCard.request.json")),
    ("suspendCard", include_str!("../../../openapi/examples/suspendCard.request.json")),
    ("resumeCard", include_str!("../../../openapi/examples/resumeCard.request.json")),
    ("revokeCard", include_str!("../../../openapi/examples/revokeCard.request.json")),
    ("createAccount", include_str!("../../../openapi/examples/createAccount.request.json")),
    ("changePassword", include_str!("../../../openapi/examples/changePassword.request.json")),
    ("checkStatus", include_str!("../../../openapi/examples/checkStatus.request.json")),
];

/// Examples of streams by operation id: what is sent, and what comes back. A test compares.
const STREAM_EXAMPLES: &[(&str, &str, &str)] = &[(
    "evaluateBatch",
    include_str!("../../../openapi/examples/evaluateBatch.request.ndjson"),
    include_str!("../../../openapi/examples/evaluateBatch.response.ndjson"),
)];

/// Examples of the answer by operation id. A test compares each with the answer to the request beside it.
const RESPONSE_EXAMPLES: &[(&str, &str)] =
    &[("evaluate", include_str!("../../../openapi/examples/evaluate.response.json"))];

/// The scopes of an access token and what each permits.
const SCOPES: [(&str, &str); 11] = [
    ("evaluate", "Ask for decisions."),
    ("citizens:read", "Read records of citizens."),
    ("citizens:write", "Change records of citizens."),
    ("decisions:write", "Record decisions."),
    ("cards:issue", "Issue, suspend and revoke transit cards."),
    ("transit:check", "Check whether a card is valid."),
    ("transit:check_by_number", "Check by personal number instead of a card."),
    ("batch", "Evaluate and import many people at once."),
    ("policy:manage", "Put another pack of law in force."),
    ("audit:read", "Read the audit log."),
    ("admin", "Manage accounts and clients."),
];

/// Adds to the document what its operations share.
pub struct Complete;

impl Modify for Complete {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        for Shared(_, name, description) in
            [BODY, LINES, ACCESS, READING, NAMED, LIMITS, ANY].into_iter().flatten()
        {
            components.responses.insert((*name).to_owned(), problem_response(description).into());
        }
        let scopes = || Scopes::from_iter(SCOPES);
        let flows = [
            Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes())),
            Flow::Password(Password::new("/oauth/token", scopes())),
        ];
        components
            .security_schemes
            .insert("oauth2".to_owned(), SecurityScheme::OAuth2(OAuth2::new(flows)).into());

        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
            operations.into_iter().flatten().for_each(complete);
        }
    }
}

fn complete(operation: &mut Operation) {
    // What a handler said about a failure without a body is a problem like all others.
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            *response = problem_response(&response.description);
        }
    }
    let in_path = |operation: &Operation| {
        let parameters = operation.parameters.iter().flatten();
        parameters.into_iter().any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path))
    };
    let reads = operation.parameters.iter().flatten().any(
        |parameter| matches!(parameter, RefOr::T(parameter) if parameter.name.eq_ignore_ascii_case(PURPOSE)),
    );
    let of_lines =
        matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key(NDJSON));
    let counts = operation.tags.iter().flatten().all(|tag| tag != "operations");
    let sets = [
        (operation.request_body.is_some() && !of_lines, BODY),
        (of_lines, LINES),
        (operation.security.is_some(), ACCESS),
        (reads, READING),
        (in_path(operation), NAMED),
        (counts, LIMITS),
        (true, ANY),
    ];
    for Shared(status, name, _) in sets.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, set)| set) {
        let reference = RefOr::Ref(Ref::from_response_name(*name));
        operation.responses.responses.entry((*status).to_owned()).or_insert(reference);
    }
    add_examples(operation);
}

const JSON: &str = "application/json";

fn add_examples(operation: &mut Operation) {
    let id = operation.operation_id.clone().unwrap_or_default();
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        put_example(body.content.get_mut(JSON), REQUEST_EXAMPLES, &id);
        put_lines(
            body.content.get_mut(NDJSON),
            STREAM_EXAMPLES.iter().map(|(id, sent, _)| (*id, *sent)),
            &id,
        );
    }
    if let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") {
        put_example(response.content.get_mut(JSON), RESPONSE_EXAMPLES, &id);
        put_lines(
            response.content.get_mut(NDJSON),
            STREAM_EXAMPLES.iter().map(|(id, _, told)| (*id, *told)),
            &id,
        );
    }
}

fn put_example(content: Option<&mut RefOr<Content>>, examples: &[(&str, &str)], id: &str) {
    let Some((_, text)) = examples.iter().find(|(known, _)| *known == id) else { return };
    // A test reads every example back from the document, so one that is not JSON can't stay unnoticed.
    if let (Some(RefOr::T(content)), Ok(example)) = (content, serde_json::from_str::<Value>(text)) {
        content.example = Some(example);
    }
}

/// A stream is no JSON value: its example is its text.
fn put_lines<'e>(
    content: Option<&mut RefOr<Content>>,
    examples: impl IntoIterator<Item = (&'e str, &'e str)>,
    id: &str,
) {
    let example = examples.into_iter().find(|(known, _)| *known == id);
    if let (Some(RefOr::T(content)), Some((_, text))) = (content, example) {
        content.example = Some(text.into());
    }
}

fn problem_response(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}
