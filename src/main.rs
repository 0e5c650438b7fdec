//! The program `an-sinh`. Everything it does is in the library, under `cli`.

use std::process::ExitCode;

// Evaluation makes many small values, on many threads at once: what mimalloc is made for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    an_sinh::cli::run()
}
