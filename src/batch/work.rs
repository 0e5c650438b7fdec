//! The workers: a block in, answers out.

use std::{
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread,
};

use chrono::NaiveDate;

use super::{Answers, Block, Queue, answer_line, refuse_line};
use crate::{
    api::{ErrorCode, Lang, Problem, state::today_in_hanoi},
    policy::Policy,
};

/// Answers are handed on in pieces of about this many bytes.
const PIECE: usize = 64 * 1024;

/// By what all lines of one stream are answered.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The law. A stream keeps it to its end, even when another pack comes into force meanwhile.
    pub policy: Arc<Policy>,
    /// Language of problems.
    pub lang: Lang,
    /// Longest line, in bytes.
    pub limit: usize,
    /// A fixed "today" instead of the clock in Hanoi.
    pub today: Option<NaiveDate>,
}

/// Starts the workers of a queue. They end with it.
///
/// # Errors
/// When the system gives no thread at all; with some, the work is done by those.
pub fn start(queue: &Arc<Queue>, rules: &Rules, workers: usize) -> io::Result<()> {
    for at in 0..workers.max(1) {
        let (queue, rules) = (Arc::clone(queue), rules.clone());
        let started = thread::Builder::new().name("batch".into()).spawn(move || work(&queue, &rules));
        if let Err(error) = started
            && at == 0
        {
            return Err(error);
        }
    }
    Ok(())
}

fn work(queue: &Queue, rules: &Rules) {
    while let Some((slot, block)) = queue.take() {
        rules.answer(&block, |answers| queue.put(slot, answers));
        queue.done(slot, block.bytes.len());
    }
}

impl Rules {
    /// Answers the lines of a block; blank ones are passed over. `put` takes the answers piece by piece and says whether
    /// to go on.
    fn answer(&self, block: &Block, mut put: impl FnMut(Answers) -> bool) {
        let today = self.today.unwrap_or_else(today_in_hanoi);
        let mut answers = Answers::default();
        for (number, line) in block.numbered() {
            if line.trim_ascii().is_empty() && line.len() <= self.limit {
                continue;
            }
            if self.answer_one(line, today, number, &mut answers.bytes) {
                answers.answered += 1;
            } else {
                answers.refused += 1;
            }
            if answers.bytes.len() >= PIECE && !put(std::mem::take(&mut answers)) {
                return;
            }
        }
        if !answers.bytes.is_empty() {
            put(answers);
        }
    }

    fn answer_one(&self, line: &[u8], today: NaiveDate, number: u64, out: &mut Vec<u8>) -> bool {
        if line.len() > self.limit {
            let limit = self.limit;
            let problem = Problem::new(ErrorCode::BodyTooLarge).detail(
                format!("Một dòng được tối đa {limit} byte."),
                format!("A line may hold at most {limit} bytes."),
            );
            refuse_line(problem, self.lang, number, out);
            return false;
        }
        let before = out.len();
        let answered =
            catch_unwind(AssertUnwindSafe(|| answer_line(&self.policy, line, today, self.lang, number, out)));
        // A panic is a fault of ours and must not take the stream with it, as it does not take a connection.
        answered.unwrap_or_else(|_| {
            out.truncate(before);
            refuse_line(Problem::new(ErrorCode::Internal), self.lang, number, out);
            false
        })
    }
}
