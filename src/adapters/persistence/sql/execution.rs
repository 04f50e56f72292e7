//! Metrics and traces of statements.

use std::{cell::RefCell, collections::HashMap};

use metrics::{Histogram, histogram};
use tracing::{Span, field::Empty, trace_span};

use super::error::QueryError;
use crate::adapters::telemetry::metrics::{catalogue::QUERY_DURATION, guards::Timer};

pub const BEGIN: &str = "transaction.begin";
pub const COMMIT: &str = "transaction.commit";
pub const ROLLBACK: &str = "transaction.roll_back";

pub fn query_timer(operation: &'static str) -> Timer {
    thread_local! {
        // Spares the look-up in the registry, whose key would be built for each execution.
        static DURATIONS: RefCell<HashMap<&'static str, Histogram>> = RefCell::default();
    }
    let new = || histogram!(QUERY_DURATION.name, "operation" => operation);
    Timer::start(DURATIONS.with_borrow_mut(|durations| durations.entry(operation).or_insert_with(new).clone()))
}

pub struct Execution {
    _timer: Timer,
    span: Span,
}

impl Execution {
    /// Starts the timer and a span, which costs nothing unless traces are exported. `operation` is
    /// a metric label such as `articles.find`, so it must have few values.
    pub fn begin(system: &'static str, operation: &'static str, text: &str) -> Self {
        let span = trace_span!(
            target: "db",
            "statement",
            db.system.name = system,
            db.operation.name = %command(text),
            db.query.summary = operation,
            "error.type" = Empty,
        );
        Self { _timer: query_timer(operation), span }
    }

    pub fn end<T, E: Into<QueryError>>(self, result: Result<T, E>) -> Result<T, QueryError> {
        result.map_err(Into::into).inspect_err(|error| {
            self.span.record("error.type", error.kind());
        })
    }
}

/// Returns the first word of a statement, in upper case as OpenTelemetry's conventions have it.
fn command(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_is_the_first_word_in_upper_case() {
        assert_eq!(
            (command("\n    select 1"), command("begin"), command("")),
            ("SELECT".into(), "BEGIN".into(), "".into())
        );
    }
}
