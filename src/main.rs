//! The program `conduit`.
#![deny(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::process::ExitCode;

use conduit::app::cli::commands;
use mimalloc::MiMalloc;

// 8 % more requests per second than the C allocator, and 67 instead of 221 MiB under log-ins
// (docs/benchmarks.md). The feature `override` replaces the C allocator for SQLite too; `no_thp`
// forgoes transparent huge pages, which makes 36 instead of 46 MiB idle.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    commands::run()
}
