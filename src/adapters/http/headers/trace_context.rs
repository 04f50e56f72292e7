//! The headers `traceparent` and `tracestate` (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/>).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::SpanContext,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Returns the context with the caller's span, or without one if the caller sent no valid header or
/// several.
pub fn caller(headers: &HeaderMap) -> Context {
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(headers))
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        let mut values = self.0.get_all(name);
        let value = values.next()?.to_str().ok()?;
        (TRACEPARENT != name || values.next().is_none() && is_well_formed(value)).then_some(value)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
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

    pub fn into_header(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.0).ok()
    }
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
    use proptest::prelude::*;

    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    fn sent(headers: &[&str]) -> SpanContext {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(TRACEPARENT, HeaderValue::from_bytes(header.as_bytes()).unwrap());
        }
        caller(&map).span().span_context().clone()
    }

    #[test]
    fn trace_of_the_caller_continues() {
        for (flags, is_sampled) in [("00", false), ("01", true), ("03", true), ("fe", false)] {
            let caller = sent(&[&format!("00-{TRACE}-{PARENT}-{flags}")]);
            assert_eq!(caller.span_id(), SpanId::from(0x00f0_67aa_0ba9_02b7));
            assert!(caller.is_remote());
            assert_eq!(caller.is_sampled(), is_sampled, "{flags}");
            let displayed = Traceparent::from(&caller).0;
            assert_eq!(displayed, format!("00-{TRACE}-{PARENT}-{:02x}", u8::from(is_sampled)));
        }
    }

    #[test]
    fn state_of_the_caller_continues() {
        let traceparent = format!("00-{TRACE}-{PARENT}-01");
        let headers = [(TRACEPARENT, traceparent.as_str()), (TRACESTATE, "a=b,c=d")];
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_str(value).unwrap()));
        let caller = caller(&headers.into_iter().collect());
        assert_eq!(caller.span().span_context().trace_state().header(), "a=b,c=d");
    }

    #[test]
    fn later_version_may_append() {
        for header in [format!("01-{TRACE}-{PARENT}-01-more"), format!("cc-{TRACE}-{PARENT}-01")] {
            assert_eq!(sent(&[&header]).span_id(), SpanId::from(0x00f0_67aa_0ba9_02b7), "{header}");
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
            assert_eq!(sent(&[header]), SpanContext::NONE, "{header}");
        }
        assert_eq!(sent(&[&valid, &valid]), SpanContext::NONE);
    }

    proptest! {
        #[test]
        fn no_header_panics(header in any::<Vec<u8>>()) {
            if let Ok(value) = HeaderValue::from_bytes(&header) {
                caller(&HeaderMap::from_iter([(TRACEPARENT, value)]));
            }
        }

        #[test]
        fn displayed_header_is_parsed(trace_id in 1..=u128::MAX, span_id in 1..=u64::MAX, is_sampled: bool) {
            let (trace, flags) = (TraceId::from(trace_id), TraceFlags::NOT_SAMPLED.with_sampled(is_sampled));
            let context = SpanContext::new(trace, SpanId::from(span_id), flags, true, TraceState::NONE);
            let traceparent = Traceparent::from(&context);
            prop_assert_eq!(sent(&[&traceparent.0]), context);
            prop_assert_eq!(traceparent.trace_id(), format!("{trace_id:032x}"));
            prop_assert_eq!(traceparent.span_id(), format!("{span_id:016x}"));
        }
    }
}
