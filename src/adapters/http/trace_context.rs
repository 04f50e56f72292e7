//! Where a request stands in its trace, as services tell each other in the header `traceparent`
//! (W3C Trace Context, <https://www.w3.org/TR/trace-context/>).

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::ports::clock::Randomness;

/// The header that carries it.
pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// What makers of tracing systems add to it.
pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// The bit that says that the caller keeps its part of the trace.
const SAMPLED: u8 = 1;

/// A request's place in a trace. Shows as a `traceparent` whose parent is this request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The whole trace; never 0.
    pub trace_id: u128,
    /// This request in it; never 0.
    pub span_id: u64,
    /// The caller's part, if there is a caller that told.
    pub parent_id: Option<u64>,
    /// Whether this part is kept too.
    pub is_sampled: bool,
}

/// Which of the traces that begin here are kept. Where a trace began elsewhere, that has been decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Between 0, none, and 1, all.
    pub share: f64,
}

impl Sampling {
    /// Nothing is kept of what begins here.
    pub const NONE: Self = Self { share: 0.0 };

    /// By the number of the trace, whose lower half is random, so that all parts of a trace would be judged alike.
    fn keeps(self, trace_id: u128) -> bool {
        let lower = u32::try_from(trace_id & u128::from(u32::MAX)).unwrap_or(u32::MAX);
        f64::from(lower) < self.share * (f64::from(u32::MAX) + 1.0)
    }
}

impl TraceContext {
    /// Goes on with the caller's trace, or begins one where the caller sent none, an invalid one, or several.
    pub fn of(headers: &HeaderMap, sampling: Sampling, randomness: &dyn Randomness) -> Self {
        // An id of nothing but zeros is invalid; that chance makes one is less likely than anything else going wrong.
        let span_id = randomness.bits().max(1);
        let mut given = headers.get_all(&TRACEPARENT);
        match (given.next().and_then(|header| parse(header.as_bytes())), given.next()) {
            (Some((trace_id, parent_id, flags)), None) => {
                Self { trace_id, span_id, parent_id: Some(parent_id), is_sampled: flags & SAMPLED != 0 }
            }
            _ => {
                let trace_id = (u128::from(randomness.bits()) << 64 | u128::from(randomness.bits())).max(1);
                Self { trace_id, span_id, parent_id: None, is_sampled: sampling.keeps(trace_id) }
            }
        }
    }
}

/// A place in a trace as the header `traceparent` tells it: text that is made once for all who show it.
#[derive(Debug)]
pub struct Traceparent(String);

impl From<&TraceContext> for Traceparent {
    fn from(context: &TraceContext) -> Self {
        Self(context.to_string())
    }
}

impl Traceparent {
    /// The trace: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        self.0.get(3..35).unwrap_or_default()
    }

    /// The span: 16 hexadecimal digits.
    pub fn span_id(&self) -> &str {
        self.0.get(36..52).unwrap_or_default()
    }

    /// The value of the header.
    pub fn into_header(self) -> Option<HeaderValue> {
        HeaderValue::try_from(self.0).ok()
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.span_id, u8::from(self.is_sampled))
    }
}

/// The trace, the caller's part and the flags of version 00, which a later version may only add to.
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

/// Unlike the library's, this takes no capital letters and no sign.
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

    fn of(headers: &[&str], share: f64) -> TraceContext {
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
        TraceContext::of(&map, Sampling { share }, &randomness)
    }

    #[test]
    fn a_caller_s_trace_goes_on() {
        for (flags, is_sampled) in [("00", false), ("01", true), ("03", true), ("fe", false)] {
            let context = of(&[&format!("00-{TRACE}-{PARENT}-{flags}")], 1.0);
            assert_eq!(context.parent_id, Some(0x00f0_67aa_0ba9_02b7));
            assert_eq!(context.is_sampled, is_sampled, "{flags}");
            let shown = context.to_string();
            assert_eq!(shown, format!("00-{TRACE}-0000000000000022-{:02x}", u8::from(is_sampled)));
        }
    }

    #[test]
    fn a_later_version_may_say_more() {
        for header in [format!("01-{TRACE}-{PARENT}-01-more"), format!("cc-{TRACE}-{PARENT}-01")] {
            assert_eq!(of(&[&header], 0.0).parent_id, Some(0x00f0_67aa_0ba9_02b7), "{header}");
        }
    }

    #[test]
    fn what_is_not_valid_begins_a_trace() {
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
            let context = of(&[header], 0.0);
            assert_eq!((context.parent_id, context.is_sampled), (None, false), "{header}");
            assert_eq!(context.trace_id, 0x33_0000_0000_0000_0044);
        }
        assert_eq!(of(&[&valid, &valid], 0.0).parent_id, None);
    }

    #[test]
    fn of_the_traces_that_begin_here_a_share_is_kept() {
        assert!(of(&[], 1.0).is_sampled && !of(&[], 0.0).is_sampled);
        let half = Sampling { share: 0.5 };
        assert!(half.keeps(0x7fff_ffff) && !half.keeps(0x8000_0000));
        assert!(Sampling { share: 1.0 }.keeps(u128::MAX) && !Sampling::NONE.keeps(0));
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(header in any::<Vec<u8>>()) {
            parse(&header);
        }

        #[test]
        fn what_is_shown_can_be_read(trace_id in 1..=u128::MAX, span_id in 1..=u64::MAX, is_sampled: bool) {
            let context = TraceContext { trace_id, span_id, parent_id: None, is_sampled };
            let read = parse(context.to_string().as_bytes());
            prop_assert_eq!(read, Some((trace_id, span_id, u8::from(is_sampled))));
            let place = Traceparent::from(&context);
            prop_assert_eq!(place.trace_id(), format!("{trace_id:032x}"));
            prop_assert_eq!(place.span_id(), format!("{span_id:016x}"));
        }
    }
}
