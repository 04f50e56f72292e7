//! One execution of a statement, for those who watch: timed, and a part of the request's trace.

use std::{cell::RefCell, collections::HashMap};

use metrics::{Histogram, histogram};
use tracing::{Span, field::Empty, trace_span};

use super::error::QueryError;
use crate::adapters::telemetry::metrics::{catalogue::QUERY_DURATION, guards::Timer};

/// The operation that begins a transaction.
pub const BEGIN: &str = "transaction.begin";
/// The operation that commits one.
pub const COMMIT: &str = "transaction.commit";
/// The operation that rolls one back.
pub const ROLLBACK: &str = "transaction.roll_back";

/// Times one execution of a statement, from now to the end of what this gives.
pub fn query_timer(operation: &'static str) -> Timer {
    thread_local! {
        // The registry would have to be asked with labels that are made anew each time.
        static DURATIONS: RefCell<HashMap<&'static str, Histogram>> = RefCell::default();
    }
    let new = || histogram!(QUERY_DURATION.name, "operation" => operation);
    Timer::start(DURATIONS.with_borrow_mut(|known| known.entry(operation).or_insert_with(new).clone()))
}

/// From its beginning until it is dropped, however it ends.
pub struct Execution {
    _timer: Timer,
    span: Span,
}

impl Execution {
    /// Begins. `operation` is a name such as `articles.find`, of which there are few. Whether anybody asks for the
    /// span is known where it stands: it costs nothing unless traces are exported.
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

    /// Ends with this result.
    pub fn end<T>(self, result: Result<T, QueryError>) -> Result<T, QueryError> {
        if let Err(error) = &result {
            self.span.record("error.type", error.kind());
        }
        result
    }
}

/// The first word of a statement, as it is written in the conventions.
fn command(text: &str) -> String {
    text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_called_by_its_first_word() {
        assert_eq!(
            (command("\n    select 1"), command("begin"), command("")),
            ("SELECT".into(), "BEGIN".into(), "".into())
        );
    }
}
