//! Metrics and traces of statements.

use std::cell::RefCell;
use std::collections::HashMap;

use metrics::{Histogram, histogram};

use super::error::QueryError;
use crate::adapters::telemetry::metrics::catalogue::QUERY_DURATION;
use crate::adapters::telemetry::metrics::guards::Timer;
use crate::adapters::telemetry::traces::statement::StatementSpan;

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
    span: Option<StatementSpan>,
}

impl Execution {
    /// Starts the timer and a span, which costs nothing unless traces are exported. `operation` is
    /// a metric label such as `articles.find`, so it must have few values.
    pub fn begin(system: &'static str, operation: &'static str, text: &str) -> Self {
        Self { _timer: query_timer(operation), span: StatementSpan::start(system, operation, text) }
    }

    pub fn end<T, E: Into<QueryError>>(self, result: Result<T, E>) -> Result<T, QueryError> {
        result.map_err(Into::into).inspect_err(|error| {
            if let Some(mut span) = self.span {
                span.set_error(error.kind());
            }
        })
    }
}
