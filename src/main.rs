//! The program `conduit`: parses the command line and does what it says.
#![deny(missing_docs, clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::process::ExitCode;

use conduit::app::{cli, commands};

fn main() -> ExitCode {
    commands::run(&cli::parse())
}
