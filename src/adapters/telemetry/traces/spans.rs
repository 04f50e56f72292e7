//! Starts the spans of requests and of their statements, with OpenTelemetry's SDK.

use std::sync::{LazyLock, OnceLock};

use opentelemetry::{
    Context, InstrumentationScope, KeyValue,
    trace::{Span as _, SpanContext, SpanKind, Status, TraceContextExt, Tracer, TracerProvider},
};
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider, Span};

/// Tracer of the program that exports traces.
static EXPORTING: OnceLock<SdkTracer> = OnceLock::new();

/// Creates ids for the log and the response. Nothing that it starts is exported.
static NOT_EXPORTING: LazyLock<SdkTracer> =
    LazyLock::new(|| tracer(&SdkTracerProvider::builder().with_sampler(sampler(0.0)).build()));

/// Exports the spans that start from now on. Only the first call has an effect.
pub fn export(provider: &SdkTracerProvider) {
    let _ = EXPORTING.set(tracer(provider));
}

fn tracer(provider: &SdkTracerProvider) -> SdkTracer {
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
    provider.tracer_with_scope(scope.build())
}

/// Keeps this share of the traces that begin here. For others the caller has decided.
pub fn sampler(share: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)))
}

/// A request in its trace.
pub struct RequestTrace {
    /// Ids for the log and the response, also of a request that is not exported.
    pub ids: SpanContext,
    /// Has a span only if it is exported.
    pub context: Context,
}

impl RequestTrace {
    /// Continues the caller's trace, or begins one.
    pub fn start(caller: &Context, is_exported: bool) -> Self {
        let exporting = EXPORTING.get().filter(|_| is_exported);
        let tracer = exporting.unwrap_or_else(|| &NOT_EXPORTING);
        let span = tracer.span_builder("request").with_kind(SpanKind::Server).start_with_context(tracer, caller);
        let (ids, context) = (span.span_context().clone(), Context::new());
        let is_recorded = exporting.is_some() && span.is_recording();
        Self { ids, context: if is_recorded { context.with_span(span) } else { context } }
    }
}

/// Span of a statement.
pub struct StatementSpan(Span);

impl StatementSpan {
    /// Starts a span by the semantic conventions for databases
    /// (<https://opentelemetry.io/docs/specs/semconv/database/>), or none outside a request that is
    /// exported.
    pub fn start(system: &'static str, operation: &'static str, text: &str) -> Option<Self> {
        let tracer = EXPORTING.get()?;
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
    use opentelemetry::trace::{SpanId, TraceFlags, TraceId, TraceState};
    use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};

    use super::*;

    #[test]
    fn request_that_is_not_exported_has_ids() {
        let [one, other] = [true, false].map(|is_exported| RequestTrace::start(&Context::new(), is_exported));
        for request in [&one, &other] {
            assert!(request.ids.is_valid() && !request.ids.is_sampled() && !request.context.has_active_span());
        }
        assert_ne!(one.ids.trace_id(), other.ids.trace_id());
    }

    #[test]
    fn caller_decides_whether_its_trace_is_sampled() {
        for flags in [TraceFlags::NOT_SAMPLED, TraceFlags::SAMPLED] {
            let caller = SpanContext::new(TraceId::from(1), SpanId::from(2), flags, true, TraceState::NONE);
            let request = RequestTrace::start(&Context::new().with_remote_span_context(caller), true);
            assert_eq!((request.ids.trace_id(), request.ids.trace_flags()), (TraceId::from(1), flags));
            assert!(request.ids.span_id() != SpanId::from(2) && !request.context.has_active_span());
        }
    }

    #[test]
    fn share_of_new_traces_is_sampled() {
        let is_sampled = |share: f64, id: u128| {
            let result = sampler(share).should_sample(None, TraceId::from(id), "", &SpanKind::Server, &[], &[]);
            result.decision == SamplingDecision::RecordAndSample
        };
        assert!(is_sampled(0.5, 0x7fff_ffff_ffff_ffff) && !is_sampled(0.5, 0x8000_0000_0000_0000));
        assert!(is_sampled(1.0, u128::MAX) && !is_sampled(0.0, 0));
    }

    #[test]
    fn command_is_the_first_word_in_upper_case() {
        assert_eq!(
            (command("\n    select 1"), command("begin"), command("")),
            ("SELECT".into(), "BEGIN".into(), "".into())
        );
    }
}
