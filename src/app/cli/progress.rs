//! Progress of a long command: a bar on a terminal, lines of text elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

const PRINT_INTERVAL: Duration = Duration::from_secs(5);

pub struct Progress {
    bar: ProgressBar,
    phase: Option<Phase>,
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
        Self { bar: ProgressBar::no_length(), phase: None }
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
            phase.print();
        }
    }

    pub fn finish(mut self) {
        self.end_phase();
        self.bar.finish_and_clear();
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
        if self.bar.is_hidden() {
            phase.print();
        } else {
            self.bar.suspend(|| phase.print());
        }
    }
}

impl Phase {
    fn print(&self) {
        match self.total {
            Some(total) if self.done < total => println!("{}: {} of {total}", self.name, self.done),
            _ => println!("{}: {}", self.name, self.done),
        }
    }
}
