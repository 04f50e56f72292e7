//! Place of a request in its trace, and its span by OpenTelemetry's semantic conventions for HTTP
//! servers (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>).

use std::net::IpAddr;

use opentelemetry::context::{FutureExt, WithContext};
use opentelemetry::trace::{Span, SpanContext, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue};

use super::propagation::{TraceHeaders, Traceparent};
use super::tracers;

/// Methods that the conventions name; clients may send any other.
const METHODS: [&str; 9] = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];

/// Every request has ids, for the log and the response. Only one that is exported has a span.
#[derive(Clone)]
pub struct RequestTrace {
    ids: SpanContext,
    context: Context,
}

/// What is known when a request arrives.
pub struct Received<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub scheme: &'static str,
    pub host: Option<&'a str>,
    pub user_agent: Option<&'a str>,
    pub client: IpAddr,
}

impl RequestTrace {
    /// Continues the caller's trace, or begins one.
    pub fn start(caller: TraceHeaders<'_>, is_exported: bool) -> Self {
        let exporting = tracers::exporting().filter(|_| is_exported);
        let tracer = exporting.unwrap_or_else(|| tracers::not_exporting());
        let builder = tracer.span_builder("request").with_kind(SpanKind::Server);
        let span = builder.start_with_context(tracer, &caller.context());
        let (ids, context) = (span.span_context().clone(), Context::new());
        let has_span = exporting.is_some() && span.is_recording();
        Self { ids, context: if has_span { context.with_span(span) } else { context } }
    }

    pub fn traceparent(&self) -> Traceparent {
        Traceparent::from(&self.ids)
    }

    pub fn is_exported(&self) -> bool {
        self.context.has_active_span()
    }

    /// Makes the statements of this future children of the request.
    pub fn around<F>(&self, future: F) -> WithContext<F> {
        future.with_context(self.context.clone())
    }

    pub fn describe(&self, request: &Received<'_>) {
        let span = self.context.span();
        span.set_attributes([
            KeyValue::new("client.address", request.client.to_string()),
            KeyValue::new("url.path", request.path.to_owned()),
            KeyValue::new("url.scheme", request.scheme),
        ]);
        if METHODS.contains(&request.method) {
            span.set_attribute(KeyValue::new("http.request.method", request.method.to_owned()));
        } else {
            span.set_attribute(KeyValue::new("http.request.method", "_OTHER"));
            span.set_attribute(KeyValue::new("http.request.method_original", request.method.to_owned()));
        }
        span.set_attributes(request.user_agent.map(|name| KeyValue::new("user_agent.original", name.to_owned())));
        span.set_attributes(request.host.into_iter().flat_map(server));
    }

    /// Ends the span. A client's error is not an error of the span.
    pub fn end(&self, method: &str, route: Option<&str>, status: u16, size: Option<u32>, user_id: Option<i64>) {
        if !self.is_exported() {
            return;
        }
        let span = self.context.span();
        let method = if METHODS.contains(&method) { method } else { "HTTP" };
        span.update_name(route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}")));
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        span.set_attributes(route.map(|route| KeyValue::new("http.route", route.to_owned())));
        span.set_attributes(size.map(|size| KeyValue::new("http.response.body.size", i64::from(size))));
        span.set_attributes(user_id.map(|id| KeyValue::new("user.id", id.to_string())));
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Returns the name and the port in a `Host` header. The brackets around an IPv6 address stay.
fn server(host: &str) -> impl Iterator<Item = KeyValue> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port.parse::<u16>().ok()),
        _ => (host, None),
    };
    let port = port.map(|port| KeyValue::new("server.port", i64::from(port)));
    [KeyValue::new("server.address", name.to_owned())].into_iter().chain(port)
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanId, TraceId};

    use super::*;

    #[test]
    fn request_that_is_not_exported_has_ids() {
        let caller = TraceHeaders { traceparent: None, tracestate: None };
        let requests = [true, false].map(|is_exported| RequestTrace::start(caller, is_exported));
        for request in &requests {
            assert!(request.ids.is_valid() && !request.ids.is_sampled() && !request.is_exported());
        }
        assert_ne!(requests[0].ids.trace_id(), requests[1].ids.trace_id());
    }

    #[test]
    fn caller_decides_whether_its_trace_is_sampled() {
        for is_sampled in [false, true] {
            let traceparent = format!("00-{:032x}-{:016x}-{:02x}", 1, 2, u8::from(is_sampled));
            let caller = TraceHeaders { traceparent: Some(&traceparent), tracestate: None };
            let request = RequestTrace::start(caller, true);
            assert_eq!((request.ids.trace_id(), request.ids.is_sampled()), (TraceId::from(1), is_sampled));
            assert!(request.ids.span_id() != SpanId::from(2) && !request.is_exported());
        }
    }

    #[test]
    fn host_is_split_into_name_and_port() {
        for (host, name, port) in [
            ("conduit.example", "conduit.example", None),
            ("conduit.example:8080", "conduit.example", Some(8080)),
            ("[::1]:80", "[::1]", Some(80)),
            ("[::1]", "[::1]", None),
            ("conduit:x", "conduit", None),
        ] {
            let port = port.map(|port| KeyValue::new("server.port", port));
            let expected: Vec<_> = [KeyValue::new("server.address", name)].into_iter().chain(port).collect();
            assert_eq!(server(host).collect::<Vec<_>>(), expected, "{host}");
        }
    }
}
