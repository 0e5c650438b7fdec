//! `an-sinh evaluate`

use std::{
    fs::File,
    io::{self, BufWriter, IsTerminal, Read, Write},
    num::NonZero,
    path::PathBuf,
    process::ExitCode,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clap::Args;

use crate::{
    api::{Config, JsonBody, Lang, Problem, state::today_in_hanoi},
    batch::{self, Queue, Rules, Splitter},
    cli::{FAILED, Failure, pack::PackSource},
    decide::{self, EvaluationResponse},
    policy::Policy,
};

/// Bytes read at once, where so many wait. What a pipe holds by default, on Linux.
const READ: usize = 64 * 1024;

/// Answer one request as `POST /v1/evaluations` does, or many with --ndjson.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// File with the request; standard input without it.
    file: Option<PathBuf>,
    /// One request a line in, one answer a line out, in the same order. A bad line gets {"line": n, "problem": {…}}
    /// and the next is read; the exit status is then 2.
    #[arg(long)]
    ndjson: bool,
    #[command(flatten)]
    pack: PackSource,
}

impl Evaluate {
    pub(super) fn run(self, lang: Lang) -> Result<ExitCode, Failure> {
        let policy = self.pack.read_or_fail()?;
        let (name, input): (String, Box<dyn Read + Send>) = match &self.file {
            None => ("stdin".to_owned(), Box::new(io::stdin())),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(Failure::io(&name))?;
                (name, Box::new(file))
            }
        };
        if self.ndjson {
            let bad = lines(policy, lang, &name, input)?;
            return Ok(if bad == 0 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) });
        }
        one(&policy, &name, input, BufWriter::new(io::stdout().lock()))?;
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

/// Answers every line of a stream, on all cores, and returns how many were bad. The input is read in a thread of its own:
/// it may wait for a person while answers go out.
fn lines(policy: Policy, lang: Lang, name: &str, input: Box<dyn Read + Send>) -> Result<u64, Failure> {
    let rules = Rules { policy: Arc::new(policy), lang, limit: Config::default().body_limit, today: None };
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let queue = Arc::new(Queue::new(workers));
    batch::start(&queue, &rules, workers).map_err(Failure::io("threads"))?;
    let feeding = Arc::clone(&queue);
    let reader = thread::Builder::new().name("input".into()).spawn(move || {
        let ended = feed(&feeding, input, rules.limit);
        feeding.end();
        ended
    });
    let reader = reader.map_err(Failure::io("threads"))?;
    // When nobody reads on, the program ends without waiting for the input to end too.
    let bad = write_answers(&queue, io::stdout().lock()).map_err(Failure::io("stdout"))?;
    match reader.join() {
        Ok(ended) => ended.map(|()| bad).map_err(Failure::io(name)),
        Err(_) => {
            Err(Failure::said(format!("{name}: không đọc tiếp được."), format!("{name}: the reader failed")))
        }
    }
}

/// Reads the input to its end, or until nobody wants the answers.
fn feed(queue: &Queue, mut input: impl Read, limit: usize) -> io::Result<()> {
    let mut splitter = Splitter::new(limit);
    let mut buffer = vec![0; READ];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => splitter.feed(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            // What came before is answered.
            Err(error) => return Err(error),
        }
        // Whoever waits for an answer before asking again gets it now.
        if splitter.has_lines() {
            if !queue.wait_for_room() {
                return Ok(());
            }
            queue.push(splitter.take());
        }
    }
    if queue.wait_for_room() {
        queue.push(splitter.finish());
    }
    Ok(())
}

/// Writes the answers in order and returns how many lines were bad.
fn write_answers(queue: &Queue, mut output: impl Write) -> io::Result<u64> {
    let (mut told, mut bad) = (0, 0);
    let mut progress = Progress::new();
    while let Some(answers) = queue.next() {
        told += answers.answered + answers.refused;
        bad += answers.refused;
        output.write_all(&answers.bytes)?;
        output.flush()?;
        progress.show(told);
    }
    progress.end(told, bad);
    Ok(bad)
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
