//! `an-sinh evaluate`

use std::{
    fs::File,
    io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Write},
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Args;
use serde_json::json;

use crate::{
    api::{
        Config, ErrorCode, JsonBody, Lang, Problem,
        problem::{Context, ProblemBody},
        state::today_in_hanoi,
    },
    cli::{FAILED, Failure, policy::read_pack},
    decide::{self, EvaluationResponse},
    policy::Policy,
};

/// Answer one request as `POST /v1/evaluations` does, or many with --ndjson.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// File with the request; standard input without it.
    file: Option<PathBuf>,
    /// One request a line in, one answer a line out, in the same order. A bad line gets {"line": n, "problem": {…}}
    /// and the next is read; the exit status is then 2.
    #[arg(long)]
    ndjson: bool,
    /// Folder with the pack of law, instead of the one in this program.
    #[arg(long, value_name = "DIR", env = "AN_SINH_POLICY")]
    policy: Option<PathBuf>,
}

impl Evaluate {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let policy = read_pack(self.policy.as_deref())?;
        let (name, input): (String, Box<dyn Read>) = match &self.file {
            None => ("stdin".to_owned(), Box::new(io::stdin().lock())),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(Failure::io(&name))?;
                (name, Box::new(file))
            }
        };
        let input = BufReader::new(input);
        let output = BufWriter::new(io::stdout().lock());
        if self.ndjson {
            let bad = Lines { policy: &policy, lang, limit: Config::default().body_limit }
                .run(input, output)
                .map_err(Failure::io(name))?;
            return Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) });
        }
        one(&policy, &name, input, output)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn answer(policy: &Policy, request: &[u8]) -> Result<EvaluationResponse, Problem> {
    JsonBody::parse(request)?.check(|facts| decide::evaluate(policy, facts, today_in_hanoi()))
}

/// One request, its answer indented for people.
fn one(policy: &Policy, name: &str, mut input: impl Read, mut output: impl Write) -> Result<(), Failure> {
    let mut request = Vec::new();
    input.read_to_end(&mut request).map_err(Failure::io(name))?;
    let answer = answer(policy, &request)?;
    serde_json::to_writer_pretty(&mut output, &answer)
        .map_err(io::Error::from)
        .and_then(|()| output.write_all(b"\n"))
        .and_then(|()| output.flush())
        .map_err(Failure::io("stdout"))
}

/// A stream of requests, one a line.
struct Lines<'p> {
    policy: &'p Policy,
    lang: Lang,
    /// Longest line, in bytes: what the API takes as a body.
    limit: usize,
}

impl Lines<'_> {
    /// Answers every line and returns how many were bad.
    fn run(&self, mut input: BufReader<impl Read>, mut output: impl Write) -> io::Result<u64> {
        let (mut number, mut bad) = (0_u64, 0_u64);
        let mut progress = Progress::new();
        let mut line = Vec::new();
        while let Some(length) = read_line(&mut input, &mut line, self.limit)? {
            number += 1;
            progress.show(number);
            let answered = if length > self.limit {
                Err(Problem::new(ErrorCode::BodyTooLarge).detail(
                    format!("Một dòng được tối đa {} byte.", self.limit),
                    format!("A line may hold at most {} bytes.", self.limit),
                ))
            } else if line.trim_ascii().is_empty() {
                continue;
            } else {
                answer(self.policy, &line)
            };
            match answered {
                Ok(answer) => serde_json::to_writer(&mut output, &answer)?,
                Err(problem) => {
                    bad += 1;
                    serde_json::to_writer(
                        &mut output,
                        &json!({ "line": number, "problem": self.body(problem) }),
                    )?;
                }
            }
            output.write_all(b"\n")?;
            // Whoever waits for this answer before asking again gets it now; lines that wait already go first.
            if input.buffer().is_empty() {
                output.flush()?;
            }
        }
        output.flush()?;
        progress.end(number, bad);
        Ok(bad)
    }

    fn body(&self, problem: Problem) -> ProblemBody {
        problem.in_context(Context { lang: self.lang, ..Context::default() }).body()
    }
}

/// Reads one line without its end and returns how long it is, or `None` at the end of input. Of a line that is too
/// long only the beginning is kept.
fn read_line(input: &mut impl BufRead, line: &mut Vec<u8>, limit: usize) -> io::Result<Option<usize>> {
    line.clear();
    let mut length = 0;
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok((length > 0).then_some(length));
        }
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = &available[..end.unwrap_or(available.len())];
        length += part.len();
        if length <= limit {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(length));
        }
    }
}

/// A count on the terminal, so that long work is seen to go on. Nothing elsewhere.
struct Progress {
    shown: Option<Instant>,
    drawn: bool,
}

impl Progress {
    const EVERY: Duration = Duration::from_millis(200);

    fn new() -> Self {
        // With the answers on the same terminal, they are the progress.
        let visible = io::stderr().is_terminal() && !io::stdout().is_terminal();
        Self { shown: visible.then(Instant::now), drawn: false }
    }

    fn show(&mut self, lines: u64) {
        if let Some(shown) = &mut self.shown
            && shown.elapsed() >= Self::EVERY
        {
            *shown = Instant::now();
            self.drawn = true;
            let _ = write!(io::stderr(), "\r{lines}");
        }
    }

    fn end(&self, lines: u64, bad: u64) {
        if self.drawn {
            let _ = writeln!(io::stderr(), "\r{lines}");
        }
        if bad > 0 {
            let _ = writeln!(io::stderr(), "{bad}/{lines}: problem");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_to_their_ends_and_cut_at_the_limit() {
        let mut input = BufReader::with_capacity(3, b"ab\n\nabcdefgh\nlast".as_slice());
        let mut line = Vec::new();
        let mut read = Vec::new();
        while let Some(length) = read_line(&mut input, &mut line, 4).unwrap() {
            read.push((length, String::from_utf8(line.clone()).unwrap()));
        }
        let want = [(2, "ab"), (0, ""), (8, "ab"), (4, "last")];
        assert_eq!(read, want.map(|(length, text)| (length, text.to_owned())));
    }
}
