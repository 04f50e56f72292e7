//! Span of a statement, by OpenTelemetry's semantic conventions for databases
//! (<https://opentelemetry.io/docs/specs/semconv/database/>).

use opentelemetry::trace::{Span as _, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::Span;

use super::tracers;

pub struct StatementSpan(Span);

impl StatementSpan {
    /// Returns `None` outside a request that is exported.
    pub fn start(system: &'static str, operation: &'static str, text: &str) -> Option<Self> {
        let tracer = tracers::exporting()?;
        Context::map_current(|request| {
            let builder = request.has_active_span().then(|| tracer.span_builder(operation))?;
            let builder = builder.with_kind(SpanKind::Client).with_attributes([
                KeyValue::new("db.system.name", system),
                KeyValue::new("db.operation.name", command(text)),
                KeyValue::new("db.query.summary", operation),
            ]);
            Some(Self(builder.start_with_context(tracer, request)))
        })
    }

    pub fn set_error(&mut self, kind: &'static str) {
        self.0.set_status(Status::error(""));
        self.0.set_attribute(KeyValue::new("error.type", kind));
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
