//! Many requests in one stream, one a line: NDJSON in, NDJSON out, in the same order.
//!
//! [`answer_line`] is the single place where a line becomes an answer. Around it, [`Splitter`] cuts what arrives into
//! [`Block`]s of whole lines, a [`Queue`] hands them to a worker a core and gives the answers back in order, and both
//! ends wait for each other: however long the stream, memory holds a few blocks and a few MiB of answers.
//!
//! The command line drives the queue with threads, the API with a stream of its own; what they answer is the same.

mod blocks;
mod line;
mod queue;
mod work;

pub use blocks::{Block, Splitter};
pub use line::{answer_line, refuse_line};
pub use queue::{Answers, Queue};
pub use work::{Rules, start};
