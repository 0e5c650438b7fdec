//! Everything that is proved from outside: a real server on a real port, a real database file.
//!
//! One binary for all areas, since each further one would link the whole program again.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::unreachable,
    reason = "a test that meets the unexpected fails there; helpers are no #[test] functions"
)]

mod access;
mod access_accounts;
mod access_keys;
mod access_log;
mod access_outside;
mod access_routes;
mod access_sessions;
mod answers;
mod appeals;
mod audit;
mod backup;
mod bad_days;
mod bad_facts;
mod bad_input;
mod batch;
mod cards;
mod cli;
mod conventions;
mod databases;
mod dates;
mod decisions;
mod demo;
mod durability;
mod errors;
mod examples;
mod golden;
mod helpers;
mod hostile_pack;
mod hot_swap;
mod independent;
mod layers;
mod load;
mod mutation;
mod node;
mod notice_files;
mod notice_route;
mod notices;
mod openapi;
mod oracle;
mod outbox;
mod pack_text;
mod packs;
mod pages;
mod people;
mod privacy;
mod proofs;
mod properties;
mod reasons;
mod records;
mod registry;
mod replicas;
mod second_reading;
mod signed_packs;
mod transit;
mod ward;
mod words;
