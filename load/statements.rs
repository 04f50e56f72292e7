//! The service, which tells each statement that it sends and what this is bound to: a line of JSON on standard error,
//! `{"statement": "select ... -- binds: [...]"}`. From these the benchmark learns what SQLite is to run at its limit.

use std::process::ExitCode;

use conduit::app::cli::{arguments, commands};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};

struct Teller;

impl Instrumentation for Teller {
    fn on_connection_event(&mut self, event: InstrumentationEvent<'_>) {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            eprintln!("{}", serde_json::json!({ "statement": query.to_string() }));
        }
    }
}

fn main() -> ExitCode {
    if let Err(error) = set_default_instrumentation(|| Some(Box::new(Teller))) {
        eprintln!("the statements cannot be told: {error}");
        return ExitCode::FAILURE;
    }
    commands::run(&arguments::parse())
}
