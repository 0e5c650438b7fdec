//! What holds for every answer, whatever the route.

use an_sinh::policy::Policy;
use serde_json::json;

use crate::helpers::TestApp;

#[test]
fn an_unknown_route_is_a_problem() {
    let app = TestApp::start();
    let reply = app.get("/v1/nothing?personal_id=001200000001");
    let problem = reply.problem(404, "not_found");
    assert_eq!(problem["title"], "Không tìm thấy");
    assert_eq!(problem["instance"], "/v1/nothing", "the query is not repeated");
    let problem = app.get("/v1/citizens/001200000001/card").problem(404, "not_found");
    assert_eq!(problem["instance"], "/v1/citizens/…/card", "nor is what looks like a personal number");
}

#[test]
fn a_wrong_method_names_the_right_ones() {
    let app = TestApp::start();
    for (method, path, allow) in [
        ("DELETE", "/health/live", "GET, HEAD"),
        ("GET", "/v1/evaluations", "POST"),
        ("OPTIONS", "/v1/evaluations", "POST"),
        ("POST", "/errors/not_found", "GET, HEAD"),
        ("PUT", "/docs/index.html", "GET, HEAD"),
        ("OPTIONS", "/v1/citizens/search", "POST"),
    ] {
        let reply = app.send(method, path, &[("accept-language", "en")], Vec::new());
        let problem = reply.problem(405, "method_not_allowed");
        assert_eq!(problem["title"], "Method not allowed");
        assert_eq!(
            (reply.header("allow"), reply.header("content-language")),
            (allow, "en"),
            "{method} {path}"
        );
    }
}

#[test]
fn head_answers_like_get_without_a_body() {
    let app = TestApp::start();
    let (get, head) = (app.get("/health/live"), app.send("HEAD", "/health/live", &[], Vec::new()));
    assert_eq!((head.status, head.header("content-length")), (200, get.header("content-length")));
    assert!(head.bytes.is_empty() && !get.bytes.is_empty());
}

#[test]
fn the_callers_trace_id_is_kept() {
    let app = TestApp::start();
    let parent = ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    let reply = app.send("GET", "/v1/nothing", &[parent], Vec::new());
    assert_eq!(reply.problem(404, "not_found")["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    let (one, other) = (app.get("/health/live"), app.get("/health/live"));
    assert_eq!(one.header("trace-id").len(), 32);
    assert_ne!(one.header("trace-id"), other.header("trace-id"));
}

#[test]
fn every_answer_carries_the_security_headers() {
    let app = TestApp::start();
    for path in ["/health/live", "/v1/nothing", "/docs/", "/openapi.json"] {
        let reply = app.get(path);
        let policy = reply.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{path}: {policy}");
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer", "{path}");
        assert!(!reply.header("cache-control").is_empty(), "{path}");
    }
}

#[test]
fn unchanged_resources_are_not_sent_twice() {
    let app = TestApp::start();
    for path in ["/openapi.json", "/errors", "/errors/not_found"] {
        let first = app.get(path);
        let tag = first.header("etag");
        assert!(first.status == 200 && tag.starts_with('"'), "a strong tag: {tag}");
        let again = app.send("GET", path, &[("if-none-match", &format!("\"x\", W/{tag}"))], Vec::new());
        assert_eq!((again.status, again.bytes.len(), again.header("etag")), (304, 0, tag), "{path}");
        let changed = app.send("GET", path, &[("if-none-match", "\"x\"")], Vec::new());
        assert_eq!(changed.status, 200, "{path}");
    }
}

#[test]
fn a_client_that_asks_too_much_is_told_when_to_return() {
    let app = TestApp::with(|config| config.anonymous_per_minute = 3);
    for left in ["2", "1", "0"] {
        let reply = app.get("/errors");
        assert_eq!(reply.header("ratelimit-policy"), "\"address\";q=3;w=60");
        assert!(reply.header("ratelimit").starts_with(&format!("\"address\";r={left};t=")), "{reply:?}");
    }
    let reply = app.get("/errors");
    reply.problem(429, "rate_limited");
    let wait: u64 = reply.header("retry-after").parse().expect("seconds");
    assert!((1..=20).contains(&wait), "{wait}");
    assert!(reply.header("ratelimit").starts_with("\"address\";r=0;"), "{reply:?}");
    // A token that nobody has verified does not open another account.
    let forged = app.send("GET", "/errors", &[("authorization", "Bearer forged")], Vec::new());
    forged.problem(429, "rate_limited");
    assert_eq!(app.get("/health/live").status, 200, "health is never limited");
}

#[test]
fn more_work_than_can_be_done_is_refused_at_once() {
    let app = TestApp::with(|config| config.max_in_flight = 0);
    let reply = app.post("/v1/evaluations", &json!({}));
    reply.problem(503, "overloaded");
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(app.get("/health/ready").status, 200, "whoever watches still sees it");
}

#[test]
fn metrics_count_by_route_and_never_by_path() {
    let app = TestApp::start();
    app.get("/errors/not_found");
    app.get("/v1/citizens/001200000001");
    app.send("HEAD", "/health/live", &[], Vec::new());
    let reply = app.get("/metrics");
    let text = reply.text();
    for line in [
        r#"an_sinh_http_requests_total{method="GET",route="/errors/{code}",status="200"} 1"#,
        r#"an_sinh_http_requests_total{method="HEAD",route="/health/live",status="200"} 1"#,
        r#"an_sinh_policy_info{"#,
        r#"an_sinh_http_request_duration_seconds_count{method="GET",route="/errors/{code}"} 1"#,
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert!(!text.contains("001200000001"), "{text}");
}

#[test]
fn another_pack_of_law_comes_into_force_without_a_stop() {
    let app = TestApp::start();
    let before = app.state.policy();
    app.state.replace_policy(Policy::embedded().expect("the embedded pack"));
    assert!(!std::sync::Arc::ptr_eq(&before, &app.state.policy()));
    assert_eq!(app.get("/health/ready").status, 200);
}

#[test]
fn a_stateless_evaluation_leaves_nothing_behind() {
    let app = TestApp::start();
    let id = "Nguyễn Thị Bí Mật";
    app.post("/v1/evaluations", &json!({ "people": [{ "id": id, "born_on": "1980" }] }));
    for entry in std::fs::read_dir(app.dir.path()).expect("list the directory of the database") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("read a file");
        assert!(!bytes.windows(id.len()).any(|window| window == id.as_bytes()));
    }
}

#[test]
fn stateless_evaluation_may_be_closed() {
    let app = TestApp::with(|config| config.require_token = true);
    app.post("/v1/evaluations", &json!({ "people": [] })).problem(401, "unauthenticated");
    assert_eq!(app.get("/openapi.json").status, 200);
}
