//! The service with its statements printed to standard error, each as a line of JSON:
//! `{"statement": "select ... -- binds: [...]"}`. The benchmark replays them to find the limit of
//! SQLite.

use std::process::ExitCode;

use conduit::app::cli::commands;
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

struct StatementPrinter;

impl Instrumentation for StatementPrinter {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            eprintln!("{}", serde_json::json!({ "statement": query.to_string() }));
        }
    }
}

fn main() -> ExitCode {
    if let Err(error) = set_default_instrumentation(|| Some(Box::new(StatementPrinter))) {
        eprintln!("cannot print statements: {error}");
        return ExitCode::FAILURE;
    }
    commands::run()
}
