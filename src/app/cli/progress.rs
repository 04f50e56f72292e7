//! How far a long task has come: a bar on a terminal, and a line now and then where there is none.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two lines about the same part of a task.
const LINES: Duration = Duration::from_secs(5);

/// The progress of a task that has several parts, one after the other.
pub struct Progress {
    bar: ProgressBar,
    part: Option<Part>,
}

/// A part of it.
struct Part {
    name: &'static str,
    total: Option<u64>,
    done: u64,
    told: Instant,
}

impl Progress {
    /// Nothing is done yet.
    pub fn start() -> Self {
        // On standard error, and hidden if that is no terminal.
        Self { bar: ProgressBar::no_length(), part: None }
    }

    /// So many more are done of the part with this name, of which there will be `total`, if that is known.
    pub fn advance(&mut self, name: &'static str, total: Option<u64>, more: u64) {
        if self.part.as_ref().is_none_or(|part| part.name != name) {
            self.begin(name, total);
        }
        let Some(part) = &mut self.part else { return };
        part.done += more;
        self.bar.set_position(part.done);
        if self.bar.is_hidden() && part.told.elapsed() >= LINES {
            part.told = Instant::now();
            part.tell();
        }
    }

    fn begin(&mut self, name: &'static str, total: Option<u64>) {
        self.end_part();
        self.part = Some(Part { name, total, done: 0, told: Instant::now() });
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

    fn end_part(&mut self) {
        let Some(part) = self.part.take() else { return };
        if self.bar.is_hidden() {
            part.tell();
        } else {
            self.bar.suspend(|| part.tell());
        }
    }

    /// All is done.
    pub fn end(mut self) {
        self.end_part();
        self.bar.finish_and_clear();
    }
}

impl Part {
    fn tell(&self) {
        match self.total {
            Some(total) if self.done < total => println!("{}: {} of {total}", self.name, self.done),
            _ => println!("{}: {}", self.name, self.done),
        }
    }
}
