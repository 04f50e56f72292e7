//! The headers `traceparent` and `tracestate` (W3C Trace Context,
//! <https://www.w3.org/TR/trace-context/>).

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::adapters::telemetry::traces::propagation::TraceHeaders;

pub const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

pub const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");

/// Several `traceparent` count as none.
pub fn trace_headers(headers: &HeaderMap) -> TraceHeaders<'_> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_single = headers.get_all(&TRACEPARENT).count() == 1;
    TraceHeaders { traceparent: text(TRACEPARENT).filter(|_| is_single), tracestate: text(TRACESTATE) }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn several_traceparents_count_as_none() {
        let mut headers = HeaderMap::new();
        assert_eq!(trace_headers(&headers).traceparent, None);
        headers.append(TRACEPARENT, HeaderValue::from_static("00"));
        headers.append(TRACESTATE, HeaderValue::from_static("a=b"));
        let sent = trace_headers(&headers);
        assert_eq!((sent.traceparent, sent.tracestate), (Some("00"), Some("a=b")));
        headers.append(TRACEPARENT, HeaderValue::from_static("00"));
        assert_eq!(trace_headers(&headers).traceparent, None);
    }
}
