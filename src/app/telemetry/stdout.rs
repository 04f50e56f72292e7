//! Standard output as a place for lines that nobody may lose.
//!
//! A line is written before its event goes on, or at the end of the thread's [turn](crate::adapters::telemetry::logs::log_batch), before the
//! answer leaves that it is about: whole, by one system call. Where the reader is slow, the pipe fills and the program
//! waits for it: a log that drops lines under load is silent when it matters, and one that queues them takes memory
//! without bound and loses them in a crash. A reader that stops altogether stops the program, which its probes notice.
//!
//! Threads do not wait for each other here but for what is longer than one piece: the system keeps shorter ones apart that
//! two of them write at the same time.

use std::{
    fs::File,
    io::{self, ErrorKind, Write},
    os::fd::AsFd,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tracing::Level;

use super::lines::Sink;
use crate::adapters::telemetry::logs::log_batch::{self, Output};

/// How long to wait before writing again to an output that would not block: whoever started the program may have made
/// it so.
const PATIENCE: Duration = Duration::from_millis(1);

/// The most bytes that the system writes to a pipe in one piece, whoever else writes to it: `PIPE_BUF` of Linux, elsewhere
/// the least that POSIX demands.
const ONE_PIECE: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Standard output. Where it cannot be written at all (the disk is full, the reader is gone) the program goes on, and
/// says so on standard error: when it begins, and when it is over.
pub struct StandardOutput {
    file: File,
    /// Shared by lines that come in one piece whatever happens; a longer one wants to be alone.
    order: RwLock<()>,
    lost: AtomicU64,
}

impl StandardOutput {
    /// What the program was started with.
    ///
    /// # Errors
    /// When it was started with none, or may have no more files.
    pub fn open() -> io::Result<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { file, order: RwLock::default(), lost: AtomicU64::default() })
    }

    fn write_in_order(&self, lines: &[u8]) -> io::Result<()> {
        // It guards nothing that a panic could leave half done.
        if lines.len() <= ONE_PIECE {
            let _together = self.order.read().unwrap_or_else(PoisonError::into_inner);
            write_whole(&mut &self.file, lines)
        } else {
            let _alone = self.order.write().unwrap_or_else(PoisonError::into_inner);
            write_whole(&mut &self.file, lines)
        }
    }
}

impl Output for StandardOutput {
    fn write(&self, lines: &str) {
        match self.write_in_order(lines.as_bytes()) {
            Ok(()) => match self.lost.swap(0, Ordering::Relaxed) {
                0 => {}
                lost => complain(format_args!("the log can be written again; {lost} lines are lost")),
            },
            Err(error) => {
                let count = u64::try_from(lines.lines().count()).unwrap_or(u64::MAX);
                if self.lost.fetch_add(count, Ordering::Relaxed) == 0 {
                    complain(format_args!("the log cannot be written: {error}"));
                }
            }
        }
    }
}

/// Standard output for all threads: those that have [turns](log_turn) write what they say in one turn together.
pub struct BatchedStdout(Arc<dyn Output>);

impl BatchedStdout {
    /// Of this output.
    pub fn of(output: StandardOutput) -> Self {
        Self(Arc::new(output))
    }
}

impl Sink for BatchedStdout {
    fn line(&self, line: &str, level: Level) {
        log_batch::write(line, &self.0, level <= Level::WARN);
    }
}

/// Unlike `eprintln!` this does not panic where standard error is gone too.
fn complain(text: std::fmt::Arguments<'_>) {
    let _nobody_left_to_tell = writeln!(io::stderr(), "{text}");
}

fn write_whole(to: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) => wait_if_it_passes(error)?,
        }
    }
    Ok(())
}

fn wait_if_it_passes(error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        ErrorKind::WouldBlock => {
            thread::sleep(PATIENCE);
            Ok(())
        }
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Takes a few bytes at a time, and says each of these things in between.
    struct Reluctant {
        says: VecDeque<ErrorKind>,
        taken: Vec<u8>,
    }

    impl Write for Reluctant {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(says) = self.says.pop_front() {
                return Err(says.into());
            }
            self.taken.extend(bytes.iter().take(3));
            Ok(bytes.len().min(3))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_written_whole_however_reluctantly_it_is_taken() {
        let says = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::WouldBlock].into();
        let mut to = Reluctant { says, taken: Vec::new() };
        write_whole(&mut to, b"a whole line\n").unwrap();
        assert_eq!(to.taken, b"a whole line\n");
    }

    #[test]
    fn an_output_that_is_gone_is_given_up() {
        let mut to = Reluctant { says: [ErrorKind::BrokenPipe].into(), taken: Vec::new() };
        assert_eq!(write_whole(&mut to, b"a line\n").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
