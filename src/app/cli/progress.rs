//! Progress of a long command: a bar on a terminal, lines of text elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::print_line;
use crate::domain::error::Cause;

const PRINT_INTERVAL: Duration = Duration::from_secs(5);

pub struct Progress {
    bar: ProgressBar,
    phase: Option<Phase>,
    /// Whether all lines were printed. A failure does not end the work.
    printed: Result<(), Cause>,
}

struct Phase {
    name: &'static str,
    total: Option<u64>,
    done: u64,
    printed_at: Instant,
}

impl Progress {
    pub fn start() -> Self {
        // Draws on standard error; hidden if that is no terminal.
        Self { bar: ProgressBar::no_length(), phase: None, printed: Ok(()) }
    }

    /// Adds to the current phase. A new name begins the next phase.
    pub fn advance(&mut self, name: &'static str, total: Option<u64>, more: u64) {
        if self.phase.as_ref().is_none_or(|phase| phase.name != name) {
            self.begin_phase(name, total);
        }
        let Some(phase) = &mut self.phase else { return };
        phase.done += more;
        self.bar.set_position(phase.done);
        if self.bar.is_hidden() && phase.printed_at.elapsed() >= PRINT_INTERVAL {
            phase.printed_at = Instant::now();
            let printed = phase.print();
            self.note(printed);
        }
    }

    /// # Errors
    /// If a line could not be printed.
    pub fn finish(mut self) -> Result<(), Cause> {
        self.end_phase();
        self.bar.finish_and_clear();
        self.printed
    }

    fn begin_phase(&mut self, name: &'static str, total: Option<u64>) {
        self.end_phase();
        self.phase = Some(Phase { name, total, done: 0, printed_at: Instant::now() });
        let template = match total {
            Some(_) => "{msg:>20} {wide_bar} {human_pos} of {human_len}, {per_sec}, {eta}",
            None => "{msg:>20} {spinner} {human_pos}, {per_sec}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
        self.bar.reset();
        self.bar.set_message(name);
        match total {
            Some(total) => self.bar.set_length(total),
            None => self.bar.unset_length(),
        }
    }

    fn end_phase(&mut self) {
        let Some(phase) = self.phase.take() else { return };
        let printed = if self.bar.is_hidden() { phase.print() } else { self.bar.suspend(|| phase.print()) };
        self.note(printed);
    }

    fn note(&mut self, printed: Result<(), Cause>) {
        if self.printed.is_ok() {
            self.printed = printed;
        }
    }
}

impl Phase {
    fn print(&self) -> Result<(), Cause> {
        match self.total {
            Some(total) if self.done < total => print_line(format_args!("{}: {} of {total}", self.name, self.done)),
            _ => print_line(format_args!("{}: {}", self.name, self.done)),
        }
    }
}
