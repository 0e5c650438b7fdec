//! Batches over HTTP and at the command line: order, equality with single requests, bounds, and clients that misbehave.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use an_sinh::{
    access::{AccountKind, Scope},
    policy::Policy,
};
use serde_json::{Value, json};

use crate::{
    helpers::{TempDir, TestApp},
    packs,
};

const PATH: &str = "/v1/evaluations/batch";
const SENT: &str = include_str!("../../openapi/examples/evaluateBatch.request.ndjson");
const TOLD: &str = include_str!("../../openapi/examples/evaluateBatch.response.ndjson");
const REQUEST: &str = include_str!("../../openapi/examples/evaluate.request.json");

/// A batch under way: lines go in as chunks, answers come out while it lasts.
struct Batch {
    stream: TcpStream,
    head: String,
    answers: Chunks<BufReader<TcpStream>>,
}

impl Batch {
    fn begin(app: &TestApp, headers: &str) -> Self {
        let mut stream = TcpStream::connect(app.address).expect("connect");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("set a timeout");
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-ndjson\r\n{headers}transfer-encoding: chunked\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("send the head");
        let mut input = BufReader::new(stream.try_clone().expect("a second handle"));
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(input.read_line(&mut head).expect("read the head") > 0, "no answer: {head}");
        }
        Self { stream, head, answers: Chunks { input, left: 0 } }
    }

    fn send(&mut self, bytes: &[u8]) {
        write_chunk(&mut self.stream, bytes).expect("send lines");
    }

    fn end(&mut self) {
        self.stream.write_all(b"0\r\n\r\n").expect("send the end");
    }

    /// The next answer line.
    fn next(&mut self) -> Option<Value> {
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            match self.answers.read(&mut byte).expect("read an answer") {
                0 => break,
                _ if byte == *b"\n" => break,
                _ => line.extend_from_slice(&byte),
            }
        }
        (!line.is_empty()).then(|| serde_json::from_slice(&line).expect("JSON"))
    }

    /// Everything up to the end of the answer.
    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.answers.read_to_string(&mut rest).expect("read the answers");
        rest
    }
}

fn write_chunk(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\r\n")
}

/// The body of a chunked answer. An answer that is cut off is an error.
struct Chunks<R> {
    input: R,
    left: usize,
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            let mut size = String::new();
            if self.input.read_line(&mut size)? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            self.left = usize::from_str_radix(size.trim(), 16).expect("the size of a chunk");
            if self.left == 0 {
                return Ok(0);
            }
        }
        let most = buffer.len().min(self.left);
        let read = self.input.read(&mut buffer[..most])?;
        self.left -= read;
        if read == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if self.left == 0 {
            self.input.read_line(&mut String::new())?;
        }
        Ok(read)
    }
}

/// A line whose answer tells its number.
fn line(number: usize) -> String {
    REQUEST.replace('\n', " ").replace("\"me\"", &format!("\"{number}\"")) + "\n"
}

/// Sends all at once with a client that reads only afterwards; for short batches.
fn post(app: &TestApp, body: &str) -> String {
    let headers = [("content-type", "application/x-ndjson"), ("accept-language", "en")];
    let reply = app.send("POST", PATH, &headers, body.as_bytes().to_vec());
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/x-ndjson"), "{reply:?}");
    reply.text().to_owned()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Waits until a figure of `/metrics` is as wanted.
fn wait_for_metric(app: &TestApp, wanted: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while !app.get("/metrics").text().lines().any(|line| line == wanted) {
        assert!(Instant::now() < until, "{wanted} in {}", app.get("/metrics").text());
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_printed_batch_comes_back() {
    let app = TestApp::start();
    assert!(post(&app, SENT) == TOLD, "run scripts/update-contract");
    wait_for_metric(&app, "an_sinh_batch_lines_total{got=\"answer\"} 2");
    wait_for_metric(&app, "an_sinh_batch_lines_total{got=\"problem\"} 1");
}

#[test]
fn every_line_is_answered_as_a_request_of_its_own() {
    let app = TestApp::start();
    let person =
        json!({ "id": "a", "born_on": "1950-03-01", "citizenship": "vietnamese", "residence": "permanent" });
    let requests = [
        json!({ "people": [person] }),
        json!({ "people": [person], "explain": "full", "authority": "law" }),
        json!({ "people": [person, { "id": "b" }], "as_of": "2025-07-01", "explain": "none" }),
        json!({ "people": [person], "trip": { "mode": "bus" }, "entitlements": ["free_transit"] }),
        json!({ "people": [] }),
        json!({ "people": [{ "id": "c", "born_on": "1950-02-30", "employmnt": "x" }], "as_of": "1900-01-01" }),
        json!([]),
    ];
    let body: String = requests.iter().map(|request| format!("{request}\n")).collect();
    let told = lines(&post(&app, &body));
    assert_eq!(told.len(), requests.len());
    for (at, (request, told)) in requests.iter().zip(&told).enumerate() {
        let headers = [("content-type", "application/json"), ("accept-language", "en")];
        let alone = app.send("POST", "/v1/evaluations", &headers, request.to_string().into_bytes());
        if alone.status == 200 {
            assert_eq!(&alone.json(), told, "{request}");
        } else {
            assert_eq!(told["line"], at + 1);
            for member in ["type", "title", "status", "detail", "code", "errors"] {
                assert_eq!(told["problem"][member], alone.json()[member], "{request}");
            }
        }
    }
    let at_the_command_line = evaluate_lines(
        &["--lang", "en"],
        body.replace("{\"people\"", "{\"as_of\":\"2026-01-14\",\"people\"").as_bytes(),
    );
    let told = lines(&post(&app, &body.replace("{\"people\"", "{\"as_of\":\"2026-01-14\",\"people\"")));
    assert_eq!(lines(&at_the_command_line), told);
}

/// A name that stands twice is found after the rest has been read: the line holds the refusal and nothing else.
#[test]
fn a_name_that_stands_twice_gets_one_refusal() {
    let app = TestApp::start();
    let twice = [
        r#"{"people":[{"id":"a","id":"a"}]}"#,
        r#"{"people":[{"id":"a"}],"as_of":"2026-01-14","as_of":"2026-01-14"}"#,
    ];
    let told = lines(&post(&app, &format!("{}\n{}\n", twice[0], twice[1])));
    assert_eq!(told.len(), 2);
    for (at, told) in told.iter().enumerate() {
        assert_eq!(
            (&told["line"], &told["problem"]["errors"][0]["code"]),
            (&json!(at + 1), &json!("duplicate_member"))
        );
    }
}

#[test]
fn line_ends_blank_lines_and_the_last_line() {
    let app = TestApp::start();
    assert_eq!(post(&app, ""), "");
    assert_eq!(post(&app, "\n\r\n  \n"), "");
    assert_eq!(evaluate_lines(&[], b""), "");
    let long = " ".repeat(1_100_000);
    let first = line(1);
    let body = format!("{}\r\n\n{long}\n{{\r\n\r\n{}", first.trim_end(), line(6).trim_end());
    for text in [post(&app, &body), evaluate_lines(&[], body.as_bytes())] {
        let told = lines(&text);
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!((&told[0]["people"][0]["id"], &told[3]["people"][0]["id"]), (&json!("1"), &json!("6")));
        let refused = |at: usize| (told[at]["line"].as_u64(), told[at]["problem"]["code"].as_str());
        assert_eq!(refused(1), (Some(3), Some("body_too_large")));
        assert_eq!(refused(2), (Some(4), Some("malformed_json")));
    }
}

/// Many blocks on all cores, some lines bad, blank or long, read and sent in pieces that know nothing of lines.
#[test]
fn answers_keep_the_order_of_the_lines() {
    const LINES: usize = 3_000;
    let mut body = Vec::new();
    for number in 1..=LINES {
        match number {
            n if n % 7 == 0 => body.extend_from_slice(b"{\"people\":[}\n"),
            n if n % 50 == 0 => body.extend_from_slice(b"  \n"),
            n if n % 997 == 0 => body.extend_from_slice(&[vec![b'x'; 1_200_000], b"\n".to_vec()].concat()),
            n => body.extend_from_slice(line(n).as_bytes()),
        }
    }
    let check = |text: &str| {
        let told = lines(text);
        let wanted: Vec<usize> = (1..=LINES).filter(|n| n % 7 == 0 || n % 50 != 0).collect();
        assert_eq!(told.len(), wanted.len());
        for (told, number) in told.iter().zip(wanted) {
            if number % 7 == 0 || number % 997 == 0 {
                assert_eq!(told["line"], number, "{told}");
            } else {
                assert_eq!(told["people"][0]["id"], number.to_string(), "{told}");
            }
        }
    };
    let app = TestApp::start();
    let mut batch = Batch::begin(&app, "");
    assert!(batch.head.starts_with("HTTP/1.1 200"), "{}", batch.head);
    let mut sending = batch.stream.try_clone().expect("a second handle");
    let pieces = body.clone();
    let sender = thread::spawn(move || {
        for piece in pieces.chunks(10_007) {
            write_chunk(&mut sending, piece).expect("send lines");
        }
    });
    let reader = thread::spawn(move || {
        sender.join().expect("everything is sent");
        batch.end();
        batch.rest()
    });
    // Sending waits for reading where both wait for each other: the connection holds what is under way.
    check(&reader.join().expect("everything is read"));
    check(&evaluate_lines(&[], &body));
}

#[test]
fn an_answer_comes_before_the_next_question() {
    let app = TestApp::start();
    let mut batch = Batch::begin(&app, "accept-language: en\r\n");
    for number in 1..=3 {
        let line = line(number);
        let (one, other) = line.split_at(100);
        batch.send(one.as_bytes());
        batch.send(other.as_bytes());
        assert_eq!(batch.next().expect("an answer")["people"][0]["id"], number.to_string());
        batch.send(b"[\n");
        assert_eq!(batch.next().expect("an answer")["problem"]["title"], "Malformed JSON");
    }
    batch.end();
    assert_eq!(batch.rest(), "");
    wait_for_metric(&app, "an_sinh_batches_under_way 0");
}

/// A batch is answered by one pack, whatever comes into force meanwhile.
#[test]
fn a_batch_keeps_the_pack_of_its_start() {
    let app = TestApp::start();
    let digest = |answer: &Value| answer["policy"]["digest"].as_str().map(str::to_owned);
    let mut batch = Batch::begin(&app, "");
    batch.send(line(1).as_bytes());
    let first = digest(&batch.next().expect("an answer"));
    let dir = TempDir::new();
    let small = Policy::from_folder(&packs::write(&dir, "small", 100_000)).expect("a pack");
    app.state.replace_policy(small);
    batch.send(line(2).as_bytes());
    assert_eq!(digest(&batch.next().expect("an answer")), first);
    batch.end();
    assert_eq!(batch.rest(), "");
    let (new, figure) = packs::told(&lines(&post(&app, packs::ASK))[0]);
    assert!(Some(new) != first && figure == 100_000);
}

/// The service stops reading when nobody reads it, and goes on where it stopped.
#[test]
fn a_client_that_does_not_read_is_not_read() {
    let app = TestApp::start();
    let mut batch = Batch::begin(&app, "");
    batch.stream.set_write_timeout(Some(Duration::from_secs(2))).expect("set a timeout");
    // Answered at once and at length, so that the test is about the connection.
    let lines = format!("{{\"people\":1}}{}\n", " ".repeat(100)).repeat(500);
    let chunk = format!("{:x}\r\n{lines}\r\n", lines.len()).into_bytes();
    let mut taken = 0;
    let left = loop {
        let mut left = chunk.as_slice();
        while !left.is_empty() {
            match batch.stream.write(left) {
                Ok(sent) => left = &left[sent..],
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => break,
                Err(error) => panic!("{error}"),
            }
        }
        taken += chunk.len() - left.len();
        assert!(taken < 64_000_000, "the service reads on and on");
        if !left.is_empty() {
            break left.to_vec();
        }
    };
    let chunks = (taken + left.len()) / chunk.len();
    batch.stream.set_write_timeout(None).expect("set a timeout");
    let mut sending = batch.stream.try_clone().expect("a second handle");
    let sender = thread::spawn(move || {
        sending.write_all(&left).and_then(|()| sending.write_all(b"0\r\n\r\n")).expect("the rest is taken");
    });
    let told = BufReader::new(batch.answers).lines();
    let told = told.inspect(|line| assert!(line.as_ref().is_ok_and(|line| line.starts_with("{\"line\""))));
    assert_eq!(told.count(), chunks * 500);
    sender.join().expect("everything is sent");
}

#[test]
fn a_client_that_goes_away_leaves_no_work_behind() {
    let app = TestApp::start();
    let mut batch = Batch::begin(&app, "");
    batch.send(line(1).repeat(2_000).as_bytes());
    assert!(batch.next().is_some());
    wait_for_metric(&app, "an_sinh_batches_under_way 1");
    drop(batch);
    wait_for_metric(&app, "an_sinh_batches_under_way 0");
    // It went away in the middle of its body: this is no end that could be answered.
    let batch = Batch::begin(&app, "");
    batch.stream.shutdown(std::net::Shutdown::Write).expect("send no more");
    let mut rest = String::new();
    let mut answers = batch.answers;
    let ended = answers.read_to_string(&mut rest).map_err(|error| error.kind());
    assert!(matches!(ended, Err(ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset)), "{ended:?} {rest}");
    wait_for_metric(&app, "an_sinh_batches_under_way 0");
}

#[test]
fn a_batch_on_which_nothing_moves_is_ended() {
    let app = TestApp::with(|config| {
        config.batch_idle = Duration::from_millis(500);
        config.max_batches = 1;
    });
    let mut batch = Batch::begin(&app, "");
    let refused = app.send("POST", PATH, &[("content-type", "application/x-ndjson")], Vec::new());
    refused.problem(503, "overloaded");
    batch.send(line(1).as_bytes());
    batch.send(b"{\"people\"");
    assert_eq!(batch.next().expect("an answer")["people"][0]["id"], "1");
    let word = batch.next().expect("a last word");
    assert_eq!((&word["line"], &word["problem"]["code"]), (&json!(2), &json!("request_timeout")));
    assert_eq!(batch.rest(), "");
    wait_for_metric(&app, "an_sinh_batches_under_way 0");

    // One that does not read gets no whole answer.
    let mut batch = Batch::begin(&app, "");
    let full = "{\"people\":[{\"id\":\"x\"}],\"explain\":\"full\"}\n".repeat(1_000);
    batch.send(full.as_bytes());
    thread::sleep(Duration::from_secs(3));
    let mut told = Vec::new();
    let cut = batch.answers.read_to_end(&mut told).expect_err("the answer is cut off").kind();
    assert!(matches!(cut, ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset), "{cut:?}");
    wait_for_metric(&app, "an_sinh_batches_under_way 0");
}

#[test]
fn a_batch_asks_for_its_scope_and_its_media_type() {
    let app = TestApp::with(|config| config.require_token = true);
    let send = |token: &str, media_type: &str| {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", media_type)];
        headers.extend((!token.is_empty()).then_some(("authorization", bearer.as_str())));
        app.send("POST", PATH, &headers, SENT.as_bytes().to_vec())
    };
    let ndjson = "application/x-ndjson";
    send("", ndjson).problem(401, "unauthenticated");
    let single = app.sign_in(AccountKind::Client, "single", None, &[Scope::Evaluate]);
    send(&single.token, ndjson).problem(403, "missing_scope");
    let many = app.sign_in(AccountKind::Client, "many", None, &[Scope::Batch]);
    let problem = send(&many.token, "application/json").problem(415, "unsupported_media_type");
    assert!(problem["detail"].as_str().is_some_and(|text| text.contains(ndjson)), "{problem}");
    assert_eq!(send(&many.token, "application/x-ndjson; charset=utf-8").status, 200);
}

fn evaluate(arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_an-sinh"));
    for name in ["AN_SINH_LANG", "AN_SINH_POLICY"] {
        command.env_remove(name);
    }
    command.args(["evaluate", "--ndjson"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("start the program")
}

fn evaluate_lines(arguments: &[&str], input: &[u8]) -> String {
    let mut child = evaluate(arguments);
    let (mut stdin, input) = (child.stdin.take().expect("its standard input"), input.to_vec());
    let sender = thread::spawn(move || stdin.write_all(&input).expect("send lines"));
    let output = child.wait_with_output().expect("it ends");
    sender.join().expect("everything is sent");
    String::from_utf8(output.stdout).expect("text")
}

/// The most memory that a process has held, in bytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("its status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("its peak");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
}

/// However much comes in and however slowly answers go out, memory stays where it is.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_stream() {
    let mut child = evaluate(&[]);
    let mut stdin = child.stdin.take().expect("its standard input");
    let mut answers = BufReader::new(child.stdout.take().expect("its standard output"));
    let line = line(1);
    stdin.write_all(line.as_bytes()).expect("ask");
    answers.read_line(&mut String::new()).expect("an answer");
    let before = peak(&child);
    // Answers are several times as long as questions, and nobody reads them yet; then bad lines, which cost little.
    let sender = thread::spawn(move || {
        let block = line.repeat(100);
        for _ in 0..40 {
            stdin.write_all(block.as_bytes()).expect("ask");
        }
        let block = "{\"people\":1}\n".repeat(10_000);
        for _ in 0..20 {
            stdin.write_all(block.as_bytes()).expect("ask");
        }
    });
    thread::sleep(Duration::from_secs(4));
    let (unread, sent) = (peak(&child), sender.is_finished());
    assert!(!sent, "it reads on although nobody reads it");
    let (mut told, mut line, mut after) = (0, Vec::new(), 0);
    while answers.read_until(b'\n', &mut line).expect("answers") > 0 {
        told += 1;
        line.clear();
        // Not of the last answers: it may have ended while they are read.
        if told % 1_000 == 0 && told <= 4_000 + 190_000 {
            after = peak(&child).max(after);
        }
    }
    sender.join().expect("everything is sent");
    assert!(child.wait().expect("it ends").code() == Some(2), "some lines were bad");
    assert_eq!(told, 4_000 + 200_000);
    const MIB: u64 = 1024 * 1024;
    let told = format!("{} MiB before, {} unread, {} after", before / MIB, unread / MIB, after / MIB);
    assert!(unread < before + 40 * MIB && after < before + 40 * MIB && after < 100 * MIB, "{told}");
}
