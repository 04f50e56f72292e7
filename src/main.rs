//! The program `conduit`: parses the command line and does what it says.

use std::process::ExitCode;

use conduit::app::{cli, commands};

fn main() -> ExitCode {
    commands::run(&cli::parse())
}
