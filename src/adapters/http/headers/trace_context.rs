//! The header `traceparent` (W3C Trace Context, <https://www.w3.org/TR/trace-context/>).

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::ports::clock::Randomness;

pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Flag of a caller that has sampled its part of the trace.
const SAMPLED: u8 = 1;

/// Trace and span of a request, never 0. Displays as a `traceparent` with this request as parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    pub trace_id: u128,
    pub span_id: u64,
    /// The caller's span.
    pub parent_id: Option<u64>,
    pub is_sampled: bool,
}

/// Sampling of the traces that begin here. For others the caller has decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// From 0 (none) to 1 (all).
    pub ratio: f64,
}

impl Sampling {
    pub const NONE: Self = Self { ratio: 0.0 };

    /// Decides by the trace's id, so that every service with the same ratio decides alike.
    fn includes(self, trace_id: u128) -> bool {
        let lower = u32::try_from(trace_id & u128::from(u32::MAX)).unwrap_or(u32::MAX);
        f64::from(lower) < self.ratio * (f64::from(u32::MAX) + 1.0)
    }
}

impl TraceContext {
    /// Continues the caller's trace, or begins one if the caller sent no valid header or several.
    pub fn from_headers(headers: &HeaderMap, sampling: Sampling, randomness: &dyn Randomness) -> Self {
        // An id of zeros is invalid.
        let span_id = randomness.bits().max(1);
        let mut sent = headers.get_all(&TRACEPARENT);
        match (sent.next().and_then(|header| parse(header.as_bytes())), sent.next()) {
            (Some((trace_id, parent_id, flags)), None) => {
                Self { trace_id, span_id, parent_id: Some(parent_id), is_sampled: flags & SAMPLED != 0 }
            }
            _ => {
                let trace_id = (u128::from(randomness.bits()) << 64 | u128::from(randomness.bits())).max(1);
                Self { trace_id, span_id, parent_id: None, is_sampled: sampling.includes(trace_id) }
            }
        }
    }
}

/// The text of a `traceparent`, formatted once for the log, the span and the response.
#[derive(Debug)]
pub struct Traceparent(String);

impl From<&TraceContext> for Traceparent {
    fn from(context: &TraceContext) -> Self {
        Self(context.to_string())
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

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.is_sampled))
    }
}

/// Parses trace, span and flags of version 00, to which later versions may only append.
fn parse(header: &[u8]) -> Option<(u128, u64, u8)> {
    let text = std::str::from_utf8(header).ok()?;
    let mut parts = text.split('-');
    let mut number = |digits| parts.next().filter(|part| part.len() == digits).and_then(lower_hex);
    let version = number(2).filter(|version| *version != 0xff)?;
    let trace_id = number(32).filter(|id| *id != 0)?;
    let parent_id = number(16).filter(|id| *id != 0)?;
    let flags = number(2)?;
    if version == 0 && parts.next().is_some() {
        return None;
    }
    Some((trace_id, u64::try_from(parent_id).ok()?, u8::try_from(flags).ok()?))
}

/// Unlike `from_str_radix`, rejects capital letters and a sign.
fn lower_hex(text: &str) -> Option<u128> {
    let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if text.bytes().all(is_hex) { u128::from_str_radix(text, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ports::clock::MockRandomness;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    fn context(headers: &[&str], ratio: f64) -> TraceContext {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(TRACEPARENT, HeaderValue::from_bytes(header.as_bytes()).unwrap());
        }
        let mut randomness = MockRandomness::new();
        let mut next = 0x11;
        randomness.expect_bits().returning(move || {
            next += 0x11;
            next
        });
        TraceContext::from_headers(&map, Sampling { ratio }, &randomness)
    }

    #[test]
    fn trace_of_the_caller_continues() {
        for (flags, is_sampled) in [("00", false), ("01", true), ("03", true), ("fe", false)] {
            let context = context(&[&format!("00-{TRACE}-{PARENT}-{flags}")], 1.0);
            assert_eq!(context.parent_id, Some(0x00f0_67aa_0ba9_02b7));
            assert_eq!(context.is_sampled, is_sampled, "{flags}");
            let displayed = context.to_string();
            assert_eq!(displayed, format!("00-{TRACE}-0000000000000022-{:02x}", u8::from(is_sampled)));
        }
    }

    #[test]
    fn later_version_may_append() {
        for header in [format!("01-{TRACE}-{PARENT}-01-more"), format!("cc-{TRACE}-{PARENT}-01")] {
            assert_eq!(context(&[&header], 0.0).parent_id, Some(0x00f0_67aa_0ba9_02b7), "{header}");
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
            let context = context(&[header], 0.0);
            assert_eq!((context.parent_id, context.is_sampled), (None, false), "{header}");
            assert_eq!(context.trace_id, 0x33_0000_0000_0000_0044);
        }
        assert_eq!(context(&[&valid, &valid], 0.0).parent_id, None);
    }

    #[test]
    fn ratio_of_new_traces_is_sampled() {
        assert!(context(&[], 1.0).is_sampled && !context(&[], 0.0).is_sampled);
        let half = Sampling { ratio: 0.5 };
        assert!(half.includes(0x7fff_ffff) && !half.includes(0x8000_0000));
        assert!(Sampling { ratio: 1.0 }.includes(u128::MAX) && !Sampling::NONE.includes(0));
    }

    proptest! {
        #[test]
        fn no_header_panics(header in any::<Vec<u8>>()) {
            parse(&header);
        }

        #[test]
        fn displayed_header_is_parsed(trace_id in 1..=u128::MAX, span_id in 1..=u64::MAX, is_sampled: bool) {
            let context = TraceContext { trace_id, span_id, parent_id: None, is_sampled };
            let parsed = parse(context.to_string().as_bytes());
            prop_assert_eq!(parsed, Some((trace_id, span_id, u8::from(is_sampled))));
            let traceparent = Traceparent::from(&context);
            prop_assert_eq!(traceparent.trace_id(), format!("{trace_id:032x}"));
            prop_assert_eq!(traceparent.span_id(), format!("{span_id:016x}"));
        }
    }
}
