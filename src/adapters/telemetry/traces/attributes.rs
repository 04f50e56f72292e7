//! Converts fields of spans to attributes.

use std::{fmt, str::FromStr};

use opentelemetry::{
    KeyValue, Value,
    trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState},
};
use tracing::field::{Field, Visit};

/// The fields of a span, each under its own name.
#[derive(Default)]
pub struct Fields(pub Vec<KeyValue>);

impl Fields {
    fn add(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.push(KeyValue::new(field.name(), value));
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, value.to_owned());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, i64::try_from(value).unwrap_or(i64::MAX));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, value);
    }
}

/// The trace context and the server of a request, from the fields of its span.
#[derive(Default)]
pub struct RequestFields {
    trace_id: Option<TraceId>,
    span_id: Option<SpanId>,
    /// The caller's span.
    pub parent_id: Option<SpanId>,
    state: TraceState,
    is_sampled: bool,
    attributes: Vec<KeyValue>,
}

impl RequestFields {
    /// Returns the request's span context if the trace is sampled.
    pub fn context(&self) -> Option<SpanContext> {
        let (trace_id, span_id) = self.is_sampled.then_some(self.trace_id?).zip(self.span_id)?;
        Some(SpanContext::new(trace_id, span_id, TraceFlags::SAMPLED, false, self.state.clone()))
    }

    /// Returns the attributes of the server.
    pub fn attributes(self) -> Vec<KeyValue> {
        self.attributes
    }
}

impl Visit for RequestFields {
    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "trace_id" => self.trace_id = TraceId::from_hex(value).ok(),
            "span_id" => self.span_id = SpanId::from_hex(value).ok(),
            "otel.state" => self.state = TraceState::from_str(value).unwrap_or_default(),
            "otel.scheme" => self.attributes.push(KeyValue::new("url.scheme", value.to_owned())),
            "otel.host" => self.attributes.extend(server(value)),
            _ => {}
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "otel.parent_id" {
            self.parent_id = Some(SpanId::from(value));
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if field.name() == "otel.sampled" {
            self.is_sampled = value;
        }
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
