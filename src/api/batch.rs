//! Many evaluations in one request, answered while they arrive: NDJSON in, NDJSON out.
//!
//! Request and answer are under way at the same time. A client that does not read its answers stops us from reading
//! its lines: nothing piles up on this side.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::{
    HttpRequest, HttpResponse,
    error::PayloadError,
    post, rt,
    web::{self, Bytes},
};
use futures_util::{Stream, StreamExt};
use tracing::Span;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::{
    access::Batch,
    api::{
        AppState, ErrorCode, Lang, Problem, json::check_media_type, limits::BatchPlace, principal::Public,
    },
    batch::{self, Answers, Queue, Rules, Splitter, refuse_line},
};

/// Media type of one JSON text a line.
pub const NDJSON: &str = "application/x-ndjson";

/// Registers this resource.
pub fn routes(config: &mut ServiceConfig) {
    config.service(evaluate_batch);
}

/// What are all these people entitled to?
///
/// One request of `POST /v1/evaluations` a line, one answer a line, in the same order, while the lines arrive. A line that
/// cannot be answered gets `{"line": n, "problem": {…}}`, with lines counted from 1, and the next is read: a batch of bad
/// lines is answered 200 too. Blank lines get no answer. A line may hold as much as a body of `POST /v1/evaluations`; the
/// stream may be of any length.
///
/// Read the answers while you send: a client that does not read stops the service from reading, and a batch on which
/// nothing moves for a minute is ended. All lines are answered by the pack of law that was in force at the start.
#[utoipa::path(
    tag = "evaluations",
    operation_id = "evaluateBatch",
    security((), ("oauth2" = ["batch"])),
    request_body(
        content = String, content_type = "application/x-ndjson",
        description = "One `EvaluationRequest` a line, in UTF-8."
    ),
    responses((
        status = 200, content_type = "application/x-ndjson", body = String,
        description = "One line for each that is not blank: an `EvaluationResponse`, or `line` and `problem`."
    ))
)]
#[post("/v1/evaluations/batch")]
async fn evaluate_batch(
    _: Public<Batch>,
    request: HttpRequest,
    state: web::Data<AppState>,
    input: web::Payload,
) -> Result<HttpResponse, Problem> {
    check_media_type(request.headers(), NDJSON)?;
    let place = state.limits.enter_batch()?;
    let rules = Rules {
        policy: state.policy(),
        lang: Lang::from_headers(request.headers()),
        limit: state.config.body_limit,
        today: state.config.today,
    };
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let queue = Arc::new(Queue::new(workers));
    batch::start(&queue, &rules, workers)
        .map_err(|error| Problem::retry_later(ErrorCode::Overloaded, 1).because(&error))?;
    rt::spawn(stop_when_idle(Arc::downgrade(&queue), state.config.batch_idle));
    let exchange = Exchange {
        input: Some(input),
        splitter: Splitter::new(rules.limit),
        queue,
        lang: rules.lang,
        tally: Tally { state, span: Span::current(), started: Instant::now(), answered: 0, refused: 0 },
        _place: place,
    };
    Ok(HttpResponse::Ok().content_type(NDJSON).streaming(exchange))
}

/// Stops the work of a batch on which nothing moved for so long, neither in nor out: its client is gone or asleep, and
/// others wait for the place.
async fn stop_when_idle(queue: Weak<Queue>, idle: Duration) {
    let mut seen = None;
    loop {
        rt::time::sleep(idle).await;
        let Some(queue) = queue.upgrade() else { return };
        let moved = queue.moved();
        if seen.replace(moved) == Some(moved) {
            queue.stop();
            return;
        }
    }
}

/// One batch: lines in, answers out. Polled by the connection whenever there is room to send, so that a client that does
/// not read is not read from. Dropped when the connection ends, and the work ends with it.
struct Exchange {
    /// What the client sends; none once it has sent everything.
    input: Option<web::Payload>,
    splitter: Splitter,
    queue: Arc<Queue>,
    lang: Lang,
    tally: Tally,
    _place: BatchPlace,
}

impl Exchange {
    /// Takes in what has arrived, as far as there is room for it.
    fn take_in(&mut self, context: &mut Context<'_>) -> Result<(), PayloadError> {
        while let Some(input) = &mut self.input {
            if self.queue.poll_room(context).is_pending() {
                break;
            }
            match input.poll_next_unpin(context) {
                Poll::Pending => break,
                Poll::Ready(Some(bytes)) => {
                    self.splitter.feed(&bytes?);
                    // Taking out copies what is left: only when there is a whole line to take.
                    if self.splitter.has_lines() {
                        self.queue.push(self.splitter.take());
                    }
                }
                Poll::Ready(None) => {
                    self.queue.push(self.splitter.finish());
                    self.queue.end();
                    self.input = None;
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, answers: Answers) -> Bytes {
        self.tally.count(&answers);
        Bytes::from(answers.bytes)
    }

    /// What a batch that was stopped still says. A client that sent nothing reads why; one that did not read its answers
    /// has lost some, and its connection ends without the end of the answer, so that it can't be taken for whole.
    fn last_word(&mut self, lost: bool) -> Result<Option<Answers>, io::Error> {
        if lost {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(self.input.take().map(|_| {
            let problem = Problem::new(ErrorCode::RequestTimeout);
            let mut answers = Answers { refused: 1, ..Answers::default() };
            refuse_line(problem, self.lang, self.splitter.next_number(), &mut answers.bytes);
            answers
        }))
    }
}

impl Stream for Exchange {
    type Item = Result<Bytes, actix_web::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Some(lost) = this.queue.stopped() {
            let said = this.last_word(lost).map_err(Into::into);
            return Poll::Ready(said.map(|answers| answers.map(|answers| this.send(answers))).transpose());
        }
        if let Err(error) = this.take_in(context) {
            return Poll::Ready(Some(Err(error.into())));
        }
        match this.queue.poll_next(context) {
            Poll::Pending => Poll::Pending,
            // Stopped meanwhile.
            Poll::Ready(None) if this.queue.stopped().is_some() => Pin::new(this).poll_next(context),
            Poll::Ready(answers) => Poll::Ready(answers.map(|answers| Ok(this.send(answers)))),
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.queue.stop();
    }
}

/// What a batch came to, for the metrics and, at its end, the log.
struct Tally {
    state: web::Data<AppState>,
    span: Span,
    started: Instant,
    answered: u64,
    refused: u64,
}

impl Tally {
    fn count(&mut self, answers: &Answers) {
        self.answered += answers.answered;
        self.refused += answers.refused;
        self.state.metrics.batch_lines(answers.answered, answers.refused);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        let _entered = self.span.enter();
        let (answered, refused) = (self.answered, self.refused);
        let duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::info!(answered, refused, duration_ms, "Batch ended: {answered} answered, {refused} refused");
    }
}
