//! An Sinh: which social benefits a resident of Hanoi is entitled to on a given day, how much, under which
//! clause, and why. The layers and what each may use are told in `ARCHITECTURE.md`.

pub mod access;
pub mod api;
pub mod audit;
pub mod batch;
pub mod cards;
pub mod cli;
pub mod decide;
pub mod decisions;
pub mod facts;
pub mod notices;
pub mod policy;
pub mod privacy;
pub mod registry;
pub mod store;
pub mod web;
