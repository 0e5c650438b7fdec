//! The program `an-sinh`. Everything it does is in the library, under `cli`.

use std::process::ExitCode;

// Evaluation allocates many small values; mimalloc is measurably faster at that than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    an_sinh::cli::run()
}
