//! Whatever arrives is answered with a 4xx that says what is wrong: never a 5xx, never a dropped connection.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::helpers::{Reply, TestApp};

const JSON: (&str, &str) = ("content-type", "application/json");

fn post(app: &TestApp, body: impl Into<Vec<u8>>) -> Reply {
    app.send("POST", "/v1/evaluations", &[JSON], body.into())
}

#[test]
fn a_body_of_50_mb_gets_a_clean_413() {
    let app = TestApp::start();
    let reply = post(&app, vec![b' '; 50_000_000]);
    let problem = reply.problem(413, "body_too_large");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("1048576")), "{problem}");
    assert_eq!(app.get("/health/live").status, 200);
}

#[test]
fn a_chunked_body_of_50_mb_gets_a_clean_413() {
    let app = TestApp::start();
    let mut stream = TcpStream::connect(app.address).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set a timeout");
    let head = "POST /v1/evaluations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
                transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).expect("send the head");
    let chunk = [b"100000\r\n".as_slice(), &[b' '; 0x10_0000], b"\r\n"].concat();
    for _ in 0..50 {
        stream.write_all(&chunk).expect("the server reads on until the client is done");
    }
    stream.write_all(b"0\r\n\r\n").expect("send the end");
    let mut reply = String::new();
    stream.read_to_string(&mut reply).expect("read the answer");
    assert!(reply.starts_with("HTTP/1.1 413 ") && reply.contains("\"body_too_large\""), "{reply}");
}

#[test]
fn json_nested_10_000_deep() {
    let app = TestApp::start();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let body = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        post(&app, body).problem(400, "json_too_deep");
    }
}

#[test]
fn what_is_not_json() {
    let app = TestApp::start();
    for body in ["", "{", "{\"people\": [}", "not json", "{} {}", "NaN"] {
        let problem = post(&app, body).problem(400, "malformed_json");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("dòng 1")), "{problem}");
    }
    post(&app, b"{\"as_of\":\"\xff\xfe\"}".as_slice()).problem(400, "invalid_utf8");
}

#[test]
fn numbers_beyond_2_to_the_53_and_names_that_stand_twice() {
    let app = TestApp::start();
    let body = r#"{"people":[{"pension_vnd":9007199254740993}],"trip":{"route_km":1e999}}"#;
    let findings = post(&app, body).findings();
    assert!(findings.contains(&"number_out_of_range at /people/0/pension_vnd".to_owned()), "{findings:?}");
    assert!(findings.contains(&"number_out_of_range at /trip/route_km".to_owned()), "{findings:?}");
    let findings = post(&app, r#"{"as_of":"2026-01-14","as_of":"2026-01-15","people":[]}"#).findings();
    assert!(findings.contains(&"duplicate_member at /as_of".to_owned()), "{findings:?}");
}

#[test]
fn only_json_is_read() {
    let app = TestApp::start();
    let body = || b"{}".to_vec();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin1", "json"]
    {
        let reply = app.send("POST", "/v1/evaluations", &[("content-type", content_type)], body());
        reply.problem(415, "unsupported_media_type");
    }
    app.send("POST", "/v1/evaluations", &[], body()).problem(415, "unsupported_media_type");
    let compressed = app.send("POST", "/v1/evaluations", &[JSON, ("content-encoding", "gzip")], body());
    compressed.problem(415, "unsupported_media_type");
    for content_type in ["application/json; charset=UTF-8", "Application/JSON"] {
        let reply = app.send("POST", "/v1/evaluations", &[("content-type", content_type)], body());
        assert_ne!(reply.status, 415, "{content_type}");
    }
}

#[test]
fn strange_paths_and_queries() {
    let app = TestApp::start();
    for path in
        ["/v1/%ff%fe", "/errors/%00", "/../../etc/passwd", "//", "/docs/../Cargo.toml", "/errors/none"]
    {
        let reply = app.get(path);
        reply.problem(404, "not_found");
    }
}

#[test]
fn a_client_that_sends_its_body_too_slowly() {
    let app = TestApp::with(|config| config.body_timeout = Duration::from_millis(300));
    let started = Instant::now();
    let mut stream = TcpStream::connect(app.address).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set a timeout");
    let head = "POST /v1/evaluations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).expect("send the head");
    let mut reply = [0; 12];
    stream.read_exact(&mut reply).expect("read the answer");
    assert_eq!(&reply, b"HTTP/1.1 408");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_client_that_sends_its_head_too_slowly() {
    let app = TestApp::with(|config| config.head_timeout = Duration::from_millis(300));
    let mut stream = TcpStream::connect(app.address).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set a timeout");
    stream.write_all(b"GET /health/live HTT").expect("send half a head");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the server ends the connection");
    assert!(reply.starts_with(b"HTTP/1.1 408"), "{}", String::from_utf8_lossy(&reply));
}

#[test]
fn what_is_not_http() {
    let app = TestApp::start();
    let mut stream = TcpStream::connect(app.address).expect("connect");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set a timeout");
    stream.write_all(b"\x16\x03\x01\x02\x00\x01\x00 hello\r\n\r\n").expect("send bytes");
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).expect("the server ends the connection");
    assert!(reply.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&reply));
    assert_eq!(app.get("/health/live").status, 200);
}

#[test]
fn a_bearer_token_that_is_no_token() {
    let app = TestApp::start();
    let long = "a".repeat(6_000);
    // By hand: an HTTP client refuses to send what is not ASCII.
    for token in
        [b"".as_slice(), b"x", "đ".as_bytes(), b"a.b.c", b"\xff\xfe", "\u{1f600}".as_bytes(), long.as_bytes()]
    {
        let head = b"GET /v1/citizens/0190a5d0-0000-7000-8000-000000000000 HTTP/1.1\r\nhost: x\r\n\
                     connection: close\r\nauthorization: Bearer ";
        let mut stream = TcpStream::connect(app.address).expect("connect");
        stream.set_read_timeout(Some(Duration::from_secs(10))).expect("set a timeout");
        stream.write_all(&[head, token, b"\r\n\r\n"].concat()).expect("send the request");
        let mut reply = String::new();
        stream.read_to_string(&mut reply).expect("read the answer");
        assert!(reply.starts_with("HTTP/1.1 401 ") && reply.contains("\"unauthenticated\""), "{reply}");
        assert!(reply.contains("www-authenticate: Bearer "), "{reply}");
        assert!(!reply.contains(&long), "the token is not repeated");
    }
}

/// A token that is sent must be good, even where none is needed: a client whose token has expired is told so.
#[test]
fn a_bad_token_is_refused_where_none_is_needed() {
    let app = TestApp::start();
    let body = br#"{"people":[{"id":"a"}]}"#.to_vec();
    let json = ("content-type", "application/json");
    assert_eq!(app.send("POST", "/v1/evaluations", &[json], body.clone()).status, 200);
    let reply = app.send("POST", "/v1/evaluations", &[json, ("authorization", "Bearer a.b.c")], body);
    assert_eq!((reply.status, &reply.json()["code"]), (401, &serde_json::json!("unauthenticated")));
}
