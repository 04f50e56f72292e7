//! Describes a request's span by OpenTelemetry's semantic conventions for HTTP servers
//! (<https://opentelemetry.io/docs/specs/semconv/http/http-spans/>). A request that is not exported
//! has no span, and costs nothing here.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{HOST, USER_AGENT},
    },
};
use opentelemetry::{
    Context, KeyValue,
    trace::{Status, TraceContextExt},
};

use super::{
    super::request_metrics::{request_stats::Outcome, route_metrics::UNMATCHED},
    truncate,
};
use crate::adapters::http::headers::client_address::ClientAddress;

/// Methods that the conventions name; clients may send any other.
const METHODS: [Method; 9] = [
    Method::CONNECT,
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
    Method::TRACE,
];

/// Sets what is known when a request arrives.
pub fn begin(trace: &Context, request: &ServiceRequest) {
    if !trace.has_active_span() {
        return;
    }
    let method = request.method().to_string();
    let scheme = if request.app_config().secure() { "https" } else { "http" };
    let span = trace.span();
    span.set_attributes([
        KeyValue::new("client.address", ClientAddress::from_head(request.request()).0.to_string()),
        KeyValue::new("url.path", truncate(request.path().as_bytes()).into_owned()),
        KeyValue::new("url.scheme", scheme),
    ]);
    if METHODS.contains(request.method()) {
        span.set_attribute(KeyValue::new("http.request.method", method));
    } else {
        span.set_attribute(KeyValue::new("http.request.method", "_OTHER"));
        span.set_attribute(KeyValue::new("http.request.method_original", method));
    }
    if let Some(name) = request.headers().get(USER_AGENT) {
        span.set_attribute(KeyValue::new("user_agent.original", truncate(name.as_bytes()).into_owned()));
    }
    if let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) {
        span.set_attributes(server(host));
    }
}

/// Sets what is known with the response, and ends the span. A client's error is not an error of the
/// span.
pub fn end(trace: &Context, method: &Method, route: &str, outcome: &Outcome, user_id: Option<i64>) {
    if !trace.has_active_span() {
        return;
    }
    let span = trace.span();
    let method = if METHODS.contains(method) { method.as_str() } else { "HTTP" };
    if route == UNMATCHED {
        span.update_name(method.to_owned());
    } else {
        span.update_name(format!("{method} {route}"));
        span.set_attribute(KeyValue::new("http.route", route.to_owned()));
    }
    span.set_attribute(KeyValue::new("http.response.status_code", i64::from(outcome.status)));
    if outcome.status >= 500 {
        span.set_attribute(KeyValue::new("error.type", outcome.status.to_string()));
        span.set_status(Status::error(""));
    }
    if let Some(size) = outcome.response_size {
        span.set_attribute(KeyValue::new("http.response.body.size", i64::from(size)));
    }
    if let Some(id) = user_id {
        span.set_attribute(KeyValue::new("user.id", id.to_string()));
    }
    span.end();
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
    use super::*;

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
