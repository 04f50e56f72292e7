//! The formats of `traceparent` and `tracestate` (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/>).

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::SpanContext;
use opentelemetry_sdk::propagation::TraceContextPropagator;

/// The headers of a caller.
#[derive(Clone, Copy)]
pub struct TraceHeaders<'a> {
    pub traceparent: Option<&'a str>,
    pub tracestate: Option<&'a str>,
}

impl TraceHeaders<'_> {
    /// Returns the context with the caller's span, or without one if the headers are not valid.
    pub fn context(&self) -> Context {
        TraceContextPropagator::new().extract_with_context(&Context::new(), self)
    }
}

impl Extractor for TraceHeaders<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        match name {
            "traceparent" => self.traceparent.filter(|text| is_well_formed(text)),
            _ => self.tracestate,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent", "tracestate"]
    }
}

/// The propagator itself accepts signs, spaces and parts of other lengths. Versions after 00 may
/// append parts.
fn is_well_formed(traceparent: &str) -> bool {
    let is_hex = |part: &str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let mut parts = traceparent.split('-');
    let has_fields =
        [2, 32, 16, 2].iter().all(|&length| parts.next().is_some_and(|it| it.len() == length && is_hex(it)));
    has_fields && (parts.next().is_none() || !traceparent.starts_with("00"))
}

/// The text of a `traceparent`, formatted once for the log and the response.
#[derive(Debug)]
pub struct Traceparent(String);

impl From<&SpanContext> for Traceparent {
    fn from(ids: &SpanContext) -> Self {
        Self(format!("00-{}-{}-{:02x}", ids.trace_id(), ids.span_id(), ids.trace_flags()))
    }
}

impl Traceparent {
    pub fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }

    pub fn span_id(&self) -> &str {
        self.0.get(36..52).unwrap_or_default()
    }

    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceContextExt, TraceFlags, TraceId};
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    fn sent(traceparent: &str) -> SpanContext {
        let headers = TraceHeaders { traceparent: Some(traceparent), tracestate: Some("a=b,c=d") };
        headers.context().span().span_context().clone()
    }

    #[test]
    fn trace_of_the_caller_continues() {
        for (flags, is_sampled) in [("00", false), ("01", true), ("03", true), ("fe", false)] {
            let caller = sent(&format!("00-{TRACE}-{PARENT}-{flags}"));
            assert_eq!(caller.span_id(), SpanId::from(0x00f0_67aa_0ba9_02b7));
            assert!(caller.is_remote());
            assert_eq!(caller.trace_state().header(), "a=b,c=d");
            assert_eq!(caller.is_sampled(), is_sampled, "{flags}");
            let displayed = Traceparent::from(&caller).0;
            assert_eq!(displayed, format!("00-{TRACE}-{PARENT}-{:02x}", u8::from(is_sampled)));
        }
    }

    #[test]
    fn later_version_may_append() {
        for header in [format!("01-{TRACE}-{PARENT}-01-more"), format!("cc-{TRACE}-{PARENT}-01")] {
            assert_eq!(sent(&header).span_id(), SpanId::from(0x00f0_67aa_0ba9_02b7), "{header}");
        }
    }

    #[test]
    fn invalid_header_begins_a_trace() {
        let valid = format!("00-{TRACE}-{PARENT}-01");
        for header in [
            "",
            "00",
            TRACE,
            &format!("ff-{TRACE}-{PARENT}-01"),
            &format!("00-{TRACE}-{PARENT}-01-more"),
            &format!("00-{TRACE}-{PARENT}-01-"),
            &format!("00-{TRACE}-{PARENT}-1"),
            &format!("00-{TRACE}-{PARENT}"),
            &format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            &format!("00-{}-{PARENT}-01", "0".repeat(32)),
            &format!("00-{TRACE}-{}-01", "0".repeat(16)),
            &format!("00-{TRACE}-+{}-01", "1".repeat(15)),
            &format!("00-{TRACE}é-{PARENT}-01"),
            &format!("{valid}{}", "0".repeat(100_000)),
            &format!(" {valid}"),
        ] {
            assert_eq!(sent(header), SpanContext::NONE, "{header}");
        }
        assert_eq!(sent(&format!("{valid}, {valid}")), SpanContext::NONE);
    }

    proptest! {
        #[test]
        fn no_header_panics(header: String) {
            sent(&header);
        }

        #[test]
        fn displayed_header_is_parsed(trace_id in 1..=u128::MAX, span_id in 1..=u64::MAX, is_sampled: bool) {
            let (trace, flags) = (TraceId::from(trace_id), TraceFlags::NOT_SAMPLED.with_sampled(is_sampled));
            let context = SpanContext::new(trace, SpanId::from(span_id), flags, true, "a=b,c=d".parse().unwrap());
            let traceparent = Traceparent::from(&context);
            prop_assert_eq!(sent(&traceparent.0), context);
            prop_assert_eq!(traceparent.trace_id(), format!("{trace_id:032x}"));
            prop_assert_eq!(traceparent.span_id(), format!("{span_id:016x}"));
        }
    }
}
