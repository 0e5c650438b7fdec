//! Blocks on their way in, answers on their way out, in order, and never many of either.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::{Block, blocks::BLOCK};

/// Answers that may wait for whoever reads them, in bytes. The block whose turn it is may always add one more piece, so
/// that work goes on behind a large answer.
const WAITING_ANSWERS: usize = 8 * 1024 * 1024;

/// A piece of the answers: whole lines, in order.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Answers {
    /// The lines.
    pub bytes: Vec<u8>,
    /// Lines that were answered.
    pub answered: u64,
    /// Lines that got a problem.
    pub refused: u64,
}

/// One stream at work. The reader of the input pushes blocks, workers take them and put answers, the writer of the
/// output takes those in order. Reader and writer may each wait as a thread or, in one task, as a future.
#[derive(Debug)]
pub struct Queue {
    state: Mutex<State>,
    /// Blocks that may be held at once, in bytes; a single one may be larger.
    held_blocks: usize,
    /// There is a block to take, or none will come.
    work: Condvar,
    /// There is room for blocks or answers.
    room: Condvar,
    /// There are answers to take, or none will come.
    answers: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Blocks that no worker has taken.
    waiting: VecDeque<Block>,
    /// One for each block pushed and not yet written out, in order.
    slots: VecDeque<Slot>,
    /// Number of the first slot; they are numbered from 0.
    first: u64,
    blocks: usize,
    answers: usize,
    moved: u64,
    ended: bool,
    stopped: bool,
    /// Lines were dropped unanswered, or answers unread, when the work was stopped.
    lost: bool,
    waker: Option<Waker>,
}

#[derive(Debug, Default)]
struct Slot {
    answers: VecDeque<Answers>,
    done: bool,
}

impl Queue {
    /// An empty queue for so many workers.
    pub fn new(workers: usize) -> Self {
        Self {
            state: Mutex::default(),
            held_blocks: 2 * workers.max(1) * BLOCK,
            work: Condvar::new(),
            room: Condvar::new(),
            answers: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing in here leaves the state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a block of the usual size may be pushed; always when nothing else is held.
    fn has_room(&self, state: &State) -> bool {
        state.stopped || state.blocks == 0 || state.blocks + BLOCK <= self.held_blocks
    }

    /// Waits until a block may be pushed. `false`: the work was stopped.
    pub fn wait_for_room(&self) -> bool {
        let mut state = self.lock();
        while !self.has_room(&state) {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        !state.stopped
    }

    /// Whether a block may be pushed; the task is woken when it may.
    pub fn poll_room(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if self.has_room(&state) {
            return Poll::Ready(());
        }
        state.waker = Some(context.waker().clone());
        Poll::Pending
    }

    /// Adds the next block. While all workers are busy, small blocks are joined.
    pub fn push(&self, block: Block) {
        let mut state = self.lock();
        if state.stopped || block.lines == 0 {
            return;
        }
        state.moved += 1;
        state.blocks += block.bytes.len();
        let joined = match state.waiting.back_mut() {
            Some(last) => last.join(block),
            None => Err(block),
        };
        if let Err(block) = joined {
            state.waiting.push_back(block);
            state.slots.push_back(Slot::default());
            self.work.notify_one();
        }
    }

    /// No block will follow.
    pub fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        self.work.notify_all();
        self.tell_writer(&mut state);
    }

    /// Nobody wants the rest: workers end, and what is held is dropped.
    pub fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.lost |= !state.slots.is_empty();
        state.waiting.clear();
        state.slots.clear();
        (state.blocks, state.answers) = (0, 0);
        self.work.notify_all();
        self.room.notify_all();
        self.tell_writer(&mut state);
    }

    /// Whether the work was stopped before its end; and then, whether anything pushed stayed without answer.
    pub fn stopped(&self) -> Option<bool> {
        let state = self.lock();
        state.stopped.then_some(state.lost)
    }

    /// A number that grows whenever blocks come in or answers go out.
    pub fn moved(&self) -> u64 {
        self.lock().moved
    }

    /// The next block for a worker, with the number of its slot; `None` when there will be no more.
    pub(super) fn take(&self) -> Option<(u64, Block)> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(block) = state.waiting.pop_front() {
                let slot = state.first + (state.slots.len() - 1 - state.waiting.len()) as u64;
                return Some((slot, block));
            }
            if state.ended {
                return None;
            }
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds answers to a slot, once there is room for them. `false`: the work was stopped.
    pub(super) fn put(&self, slot: u64, answers: Answers) -> bool {
        let mut state = self.lock();
        while !state.stopped && !state.takes(slot, answers.bytes.len()) {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return false;
        }
        state.answers += answers.bytes.len();
        if let Some(slot) = state.slot(slot) {
            slot.answers.push_back(answers);
        }
        if slot == state.first {
            self.tell_writer(&mut state);
        }
        true
    }

    /// A worker is done with a block of so many bytes.
    pub(super) fn done(&self, slot: u64, bytes: usize) {
        let mut state = self.lock();
        state.blocks = state.blocks.saturating_sub(bytes);
        if let Some(slot) = state.slot(slot) {
            slot.done = true;
        }
        self.room.notify_all();
        self.tell_writer(&mut state);
    }

    /// Waits for the next answers; `None` when there will be no more.
    pub fn next(&self) -> Option<Answers> {
        let mut state = self.lock();
        loop {
            match self.ready(&mut state) {
                Poll::Ready(answers) => return answers,
                Poll::Pending => {
                    state = self.answers.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// The next answers; the task is woken when there are some, or room for blocks.
    pub fn poll_next(&self, context: &Context<'_>) -> Poll<Option<Answers>> {
        let mut state = self.lock();
        let ready = self.ready(&mut state);
        if ready.is_pending() {
            state.waker = Some(context.waker().clone());
        }
        ready
    }

    fn ready(&self, state: &mut State) -> Poll<Option<Answers>> {
        while let Some(slot) = state.slots.front_mut() {
            if let Some(answers) = slot.answers.pop_front() {
                state.answers -= answers.bytes.len();
                state.moved += 1;
                self.room.notify_all();
                return Poll::Ready(Some(answers));
            }
            if !slot.done {
                return Poll::Pending;
            }
            state.slots.pop_front();
            state.first += 1;
            // Another block's turn has come.
            self.room.notify_all();
        }
        if state.ended || state.stopped { Poll::Ready(None) } else { Poll::Pending }
    }

    fn tell_writer(&self, state: &mut State) {
        self.answers.notify_all();
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }
}

impl State {
    fn slot(&mut self, number: u64) -> Option<&mut Slot> {
        let at = number.checked_sub(self.first)?;
        self.slots.get_mut(usize::try_from(at).ok()?)
    }

    fn takes(&self, slot: u64, bytes: usize) -> bool {
        let first_waits =
            slot == self.first && self.slots.front().is_some_and(|slot| slot.answers.is_empty());
        first_waits || self.answers + bytes <= WAITING_ANSWERS
    }
}
