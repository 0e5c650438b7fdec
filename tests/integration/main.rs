//! Everything that is proved from outside: a real server on a real port, a real database file.
//!
//! One binary for all areas, since each further one would link the whole program again.

mod bad_input;
mod cli;
mod conventions;
mod errors;
mod helpers;
mod layers;
mod node;
mod openapi;
