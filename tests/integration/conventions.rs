//! What 4xx answers look like, whatever the route.

use crate::helpers::TestApp;

#[test]
fn an_unknown_route_is_a_problem() {
    let app = TestApp::start();
    let reply = app.get("/v1/nothing");
    let problem = reply.problem(404, "not_found");
    assert_eq!(problem["title"], "Không tìm thấy");
    assert_eq!(problem["instance"], "/v1/nothing");
}

#[test]
fn a_wrong_method_names_the_right_ones() {
    let app = TestApp::start();
    let reply = app.send("DELETE", "/health/live", &[("accept-language", "en")], Vec::new());
    let problem = reply.problem(405, "method_not_allowed");
    assert_eq!(problem["title"], "Method not allowed");
    assert_eq!(reply.header("allow"), "GET, HEAD");
}
