//! A second evaluator, slow and obvious, to compare the engine with: it reads the pack and the conditions itself,
//! follows `docs/policy-format.md` word by word, and settles unknown facts by trying every completion.

mod answer;
mod benefit;
mod calendar;
mod compare;
mod completions;
mod condition;
mod formula;
mod implied;
mod judge;
mod names;
mod pack;
mod pack_tests;
mod people;
mod profile;
mod random;
mod representatives;
mod request;
mod self_check;
mod small_pack;
mod tables;
mod truth;
mod vocabulary;

pub use compare::{compare, requests, shipped, turns};
pub use judge::Near;
pub use pack::Pack;
pub use random::Random;
pub use request::{get, put};
