//! Standard output of the commands.

use std::fmt::Display;
use std::io;
use std::io::{ErrorKind, Write};

use crate::domain::error::Cause;

/// Prints a line on standard output. Succeeds if the reader has closed it, as `head` does: it needs
/// no more. `println!` would panic.
///
/// # Errors
/// If the line cannot be written for another reason, such as a full disk.
pub fn print_line(line: impl Display) -> Result<(), Cause> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}").into())
        }
        _ => Ok(()),
    }
}
