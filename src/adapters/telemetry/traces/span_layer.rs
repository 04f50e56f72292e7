//! Converts spans of `tracing` to OpenTelemetry's, by its semantic conventions for HTTP servers and
//! databases (<https://opentelemetry.io/docs/specs/semconv/>).
//!
//! A request's span has the ids that the middleware generated, and its attributes from the access
//! log line. A request without such a line, such as a probe, has no trace. Any other span is a
//! child of the span around it, with its fields as attributes; outside a sampled request it is
//! dropped.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use opentelemetry::{
    InstrumentationScope, KeyValue,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags},
};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks, SpanProcessor};
use tracing::{
    Event, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

use super::{
    access_line::AccessLine,
    attributes::{Fields, RequestFields},
};

/// Name of a request's span, and target of its line in the access log.
const REQUEST: &str = "request";
const ACCESS: &str = "access";

/// Sends the spans of sampled requests to a processor.
pub struct SpanLayer<P> {
    processor: Arc<P>,
    scope: InstrumentationScope,
}

/// A span that has not ended.
struct OpenSpan {
    context: SpanContext,
    parent_id: SpanId,
    parent_is_remote: bool,
    kind: SpanKind,
    name: Cow<'static, str>,
    start: SystemTime,
    attributes: Vec<KeyValue>,
    status: Status,
    is_exported: bool,
}

impl<P: SpanProcessor> SpanLayer<P> {
    pub fn new(processor: Arc<P>) -> Self {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
        Self { processor, scope: scope.build() }
    }

    fn finish(&self, open: OpenSpan) {
        self.processor.on_end(SpanData {
            span_context: open.context,
            parent_span_id: open.parent_id,
            parent_span_is_remote: open.parent_is_remote,
            span_kind: open.kind,
            name: open.name,
            start_time: open.start,
            end_time: now(),
            attributes: open.attributes,
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: open.status,
            instrumentation_scope: self.scope.clone(),
        });
    }
}

impl OpenSpan {
    /// Returns a request's span if the trace is sampled.
    fn request(fields: RequestFields) -> Option<Self> {
        Some(Self {
            context: fields.context()?,
            parent_id: fields.parent_id.unwrap_or(SpanId::INVALID),
            parent_is_remote: fields.parent_id.is_some(),
            kind: SpanKind::Server,
            name: Cow::Borrowed(REQUEST),
            start: now(),
            attributes: fields.attributes(),
            status: Status::Unset,
            is_exported: false,
        })
    }

    /// Returns the child of another span.
    fn child(parent: &SpanContext, name: &'static str, attributes: Vec<KeyValue>) -> Self {
        // 0 would be invalid, and is as likely as any other id.
        let id = SpanId::from(rand::random::<u64>());
        let context = SpanContext::new(parent.trace_id(), id, TraceFlags::SAMPLED, false, parent.trace_state().clone());
        let summary = attributes.iter().find(|attribute| attribute.key.as_str() == "db.query.summary");
        Self {
            context,
            parent_id: parent.span_id(),
            parent_is_remote: false,
            kind: if summary.is_some() { SpanKind::Client } else { SpanKind::Internal },
            name: summary.map_or(Cow::Borrowed(name), |summary| summary.value.as_str().into_owned().into()),
            start: now(),
            attributes,
            status: Status::Unset,
            is_exported: true,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a span carries the time at which something happened, not a use case's clock"
)]
fn now() -> SystemTime {
    SystemTime::now()
}

impl<C, P> Layer<C> for SpanLayer<P>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
    P: SpanProcessor + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        let open = if attributes.metadata().name() == REQUEST {
            let mut fields = RequestFields::default();
            attributes.record(&mut fields);
            OpenSpan::request(fields)
        } else {
            let parent = span.scope().skip(1).find_map(|outer| {
                let extensions = outer.extensions();
                extensions.get::<OpenSpan>().map(|open| open.context.clone())
            });
            parent.map(|parent| {
                let mut fields = Fields::default();
                attributes.record(&mut fields);
                OpenSpan::child(&parent, attributes.metadata().name(), fields.0)
            })
        };
        if let Some(open) = open {
            span.extensions_mut().replace(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
            let mut fields = Fields::default();
            values.record(&mut fields);
            if fields.0.iter().any(|field| field.key.as_str() == "error.type") {
                open.status = Status::error("");
            }
            open.attributes.append(&mut fields.0);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, C>) {
        if event.metadata().target() != ACCESS {
            return;
        }
        for span in context.event_scope(event).into_iter().flatten().filter(|span| span.name() == REQUEST) {
            if let Some(open) = span.extensions_mut().get_mut::<OpenSpan>() {
                let mut line = AccessLine::default();
                event.record(&mut line);
                open.name = line.name();
                open.status = line.status();
                open.attributes.append(&mut line.attributes);
                open.is_exported = true;
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, C>) {
        let open = context.span(&id).and_then(|span| span.extensions_mut().remove::<OpenSpan>());
        if let Some(open) = open.filter(|open| open.is_exported) {
            self.finish(open);
        }
    }
}
