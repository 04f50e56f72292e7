//! Writes log lines to standard output.
//!
//! A line is written whole by one system call, before its event returns or at the end of the
//! thread's [batch](super::log_batch), and before the response that it is about. If the reader is
//! slow, the pipe fills and the program waits: a log that drops lines under load is silent when it
//! matters, and one that queues them takes unbounded memory and loses them in a crash. A reader
//! that stops stops the program, which its probes notice.
//!
//! Threads wait for each other only for lines longer than a pipe takes atomically: the system keeps
//! shorter writes apart.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use std::{io, thread};

use tracing::Level;

use super::line_layer::Sink;
use super::log_batch;
use super::log_batch::Output;

/// Pause before writing again to an output that is non-blocking and full; the parent process may
/// have made it so.
const RETRY_PAUSE: Duration = Duration::from_millis(1);

/// Most bytes that a write to a pipe takes atomically: `PIPE_BUF` on Linux, elsewhere the minimum
/// that POSIX guarantees.
const ATOMIC_BYTES: usize = if cfg!(target_os = "linux") { 4096 } else { 512 };

/// Standard output. If it cannot be written at all (the disk is full, the reader is gone), the
/// program continues and reports the start and the end of that on standard error.
pub struct StandardOutput {
    file: File,
    /// Read-locked by atomic writes, write-locked by longer ones.
    order: RwLock<()>,
    lost: AtomicU64,
}

impl StandardOutput {
    /// Fails if the process has no standard output, or no file descriptor is left.
    pub fn open() -> io::Result<Self> {
        let file = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        Ok(Self { file, order: RwLock::default(), lost: AtomicU64::default() })
    }

    fn write_in_order(&self, lines: &[u8]) -> io::Result<()> {
        if lines.len() <= ATOMIC_BYTES {
            let _shared = self.order.read().unwrap_or_else(PoisonError::into_inner);
            write_whole(&mut &self.file, lines)
        } else {
            let _exclusive = self.order.write().unwrap_or_else(PoisonError::into_inner);
            write_whole(&mut &self.file, lines)
        }
    }
}

impl Output for StandardOutput {
    fn write(&self, lines: &str) {
        match self.write_in_order(lines.as_bytes()) {
            Ok(()) => match self.lost.swap(0, Ordering::Relaxed) {
                0 => {}
                lost => report(format_args!("the log can be written again; {lost} lines are lost")),
            },
            Err(error) => {
                let count = u64::try_from(lines.lines().count()).unwrap_or(u64::MAX);
                if self.lost.fetch_add(count, Ordering::Relaxed) == 0 {
                    report(format_args!("the log cannot be written: {error}"));
                }
            }
        }
    }
}

/// Standard output for all threads. Those that serve requests write in [batches](log_batch).
pub struct BatchedStdout(Arc<dyn Output>);

impl BatchedStdout {
    pub fn new(output: StandardOutput) -> Self {
        Self(Arc::new(output))
    }
}

impl Sink for BatchedStdout {
    fn line(&self, line: &str, level: Level) {
        log_batch::write(line, &self.0, level <= Level::WARN);
    }
}

/// Unlike `eprintln!` this does not panic where standard error is gone too.
fn report(text: std::fmt::Arguments<'_>) {
    let _unreported = writeln!(io::stderr(), "{text}");
}

fn write_whole(to: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY_PAUSE),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Accepts three bytes at a time, after failing with each of these errors.
    struct ShortWriter {
        errors: VecDeque<ErrorKind>,
        accepted: Vec<u8>,
    }

    impl Write for ShortWriter {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(error) = self.errors.pop_front() {
                return Err(error.into());
            }
            self.accepted.extend(bytes.iter().take(3));
            Ok(bytes.len().min(3))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn line_is_written_whole_despite_short_writes() {
        let errors = [ErrorKind::WouldBlock, ErrorKind::Interrupted, ErrorKind::WouldBlock].into();
        let mut to = ShortWriter { errors, accepted: Vec::new() };
        write_whole(&mut to, b"a whole line\n").unwrap();
        assert_eq!(to.accepted, b"a whole line\n");
    }

    #[test]
    fn closed_output_is_an_error() {
        let mut to = ShortWriter { errors: [ErrorKind::BrokenPipe].into(), accepted: Vec::new() };
        assert_eq!(write_whole(&mut to, b"a line\n").unwrap_err().kind(), ErrorKind::BrokenPipe);
    }
}
