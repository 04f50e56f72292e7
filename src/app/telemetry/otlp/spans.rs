//! Spans of `tracing` as spans of OpenTelemetry, by its semantic conventions for HTTP servers and for databases
//! (<https://opentelemetry.io/docs/specs/semconv/>).
//!
//! The request's span has the ids that the middleware gave it, and its attributes from the access log: what the one
//! tells, the other tells too. A request that leaves no line there, such as a probe's, leaves no trace. Any other span
//! is a part of the one around it, with its fields as attributes; outside a request that is kept it is none.

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
    access::Line,
    fields::{Fields, Origin},
};

/// The name of the span around a request, and the target of its line in the access log.
const REQUEST: &str = "request";
const ACCESS: &str = "access";

/// Hands the spans of requests that are kept to a processor.
pub struct Spans<P> {
    processor: Arc<P>,
    scope: InstrumentationScope,
}

/// A span until it ends.
struct Open {
    context: SpanContext,
    parent_id: SpanId,
    parent_is_remote: bool,
    kind: SpanKind,
    name: Cow<'static, str>,
    start: SystemTime,
    attributes: Vec<KeyValue>,
    status: Status,
    is_told: bool,
}

impl<P: SpanProcessor> Spans<P> {
    /// To this processor.
    pub fn to(processor: Arc<P>) -> Self {
        let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
        Self { processor, scope: scope.build() }
    }

    fn finish(&self, open: Open) {
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

impl Open {
    /// A request's span, if its origin says that it is kept.
    fn request(origin: Origin) -> Option<Self> {
        Some(Self {
            context: origin.context()?,
            parent_id: origin.parent_id.unwrap_or(SpanId::INVALID),
            parent_is_remote: origin.parent_id.is_some(),
            kind: SpanKind::Server,
            name: Cow::Borrowed(REQUEST),
            start: now(),
            attributes: origin.attributes(),
            status: Status::Unset,
            is_told: false,
        })
    }

    /// A part of another.
    fn part(parent: &SpanContext, name: &'static str, attributes: Vec<KeyValue>) -> Self {
        // Chance makes no 0, which would be invalid.
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
            is_told: true,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a span tells when something happened, not what a use case calls now")]
fn now() -> SystemTime {
    SystemTime::now()
}

impl<C, P> Layer<C> for Spans<P>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
    P: SpanProcessor + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        let open = if attributes.metadata().name() == REQUEST {
            let mut origin = Origin::default();
            attributes.record(&mut origin);
            Open::request(origin)
        } else {
            let parent = span.scope().skip(1).find_map(|outer| {
                let extensions = outer.extensions();
                extensions.get::<Open>().map(|open| open.context.clone())
            });
            parent.map(|parent| {
                let mut fields = Fields::default();
                attributes.record(&mut fields);
                Open::part(&parent, attributes.metadata().name(), fields.0)
            })
        };
        if let Some(open) = open {
            span.extensions_mut().replace(open);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
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
            if let Some(open) = span.extensions_mut().get_mut::<Open>() {
                let mut line = Line::default();
                event.record(&mut line);
                open.name = line.name();
                open.status = line.status();
                open.attributes.append(&mut line.attributes);
                open.is_told = true;
            }
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, C>) {
        let open = context.span(&id).and_then(|span| span.extensions_mut().remove::<Open>());
        if let Some(open) = open.filter(|open| open.is_told) {
            self.finish(open);
        }
    }
}
