//! From one line to its answer.

use std::io::Write;

use chrono::NaiveDate;
use serde::Serialize;

use crate::{
    api::{
        JsonBody, Lang, Problem,
        problem::{Context, ProblemBody},
    },
    decide,
    policy::Policy,
};

/// Answers one line as `POST /v1/evaluations` answers a body, and writes the answer and a line end to `out`. A line
/// that cannot be answered gets `{"line": number, "problem": {…}}`; then the result is `false`.
///
/// `today` is the day of a request that names none; `number` counts from 1. `out` is appended to.
pub fn answer_line(
    policy: &Policy,
    line: &[u8],
    today: NaiveDate,
    lang: Lang,
    number: u64,
    out: &mut Vec<u8>,
) -> bool {
    let answered = match decide::answer_body(policy, line, today, out, |_| {}) {
        Some(()) => Ok(()),
        None => JsonBody::parse(line)
            .and_then(|body| body.check(|facts| decide::read(policy, facts, today)))
            .map(|request| decide::answer_request(policy, &request, out, |_| {})),
    };
    match answered {
        Ok(()) => {
            out.push(b'\n');
            true
        }
        Err(problem) => {
            refuse_line(problem, lang, number, out);
            false
        }
    }
}

/// Writes what stands in place of the answer of a line.
pub fn refuse_line(problem: Problem, lang: Lang, number: u64, out: &mut Vec<u8>) {
    #[derive(Serialize)]
    struct Refused {
        line: u64,
        problem: ProblemBody,
    }
    let problem = problem.in_context(Context { lang, ..Context::default() }).body();
    // Texts and numbers in memory: neither the form nor the writing can fail.
    let _ = serde_json::to_writer(&mut *out, &Refused { line: number, problem });
    let _ = out.write_all(b"\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ErrorCode;

    #[test]
    fn a_refusal_is_one_line_that_names_its_place() {
        let mut out = b"before\n".to_vec();
        refuse_line(Problem::new(ErrorCode::MalformedJson), Lang::En, 7, &mut out);
        let text = String::from_utf8(out).unwrap();
        let line = text.strip_prefix("before\n").unwrap();
        assert!(
            line.starts_with(r#"{"line":7,"problem":{"type":"/errors/malformed_json","title":"Malformed"#)
        );
        assert!(line.ends_with("}\n") && line.matches('\n').count() == 1, "{line}");
    }
}
