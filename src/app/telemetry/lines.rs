//! One line per event, with the fields of all spans around it at the top level, where a search for a `request_id` finds
//! every line of a request. An event's own fields win over a span's, an inner span's over an outer's.
//!
//! A span's fields become text once, when it begins; an event's when it happens. Nothing is parsed or sorted again,
//! because an access log is written for every request.

use std::{
    cell::RefCell,
    fmt::{self, Write},
    ops::Range,
};

use chrono::{DateTime, Utc};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use tracing_log::NormalizeEvent;
use tracing_subscriber::{
    layer::{Context, Layer},
    registry::LookupSpan,
};

/// How a line looks. What it writes MUST hold no line break and no control character but the line break at its end.
pub trait Format: Send + Sync + 'static {
    /// The beginning of a line.
    fn open(&self, line: &mut String, head: &Head<'_>);

    /// One field. Its text is put together with others' as it is.
    fn field(&self, line: &mut String, name: &str, value: &Value<'_>);

    /// The end of a line.
    fn close(&self, line: &mut String);
}

/// Where lines go.
pub trait Sink: Send + Sync + 'static {
    /// Writes a line, which ends with a line break and is this grave.
    fn line(&self, line: &str, level: Level);
}

/// What every line has.
pub struct Head<'a> {
    /// When it happened.
    pub time: DateTime<Utc>,
    /// How grave it is.
    pub level: Level,
    /// Which part of the program speaks.
    pub target: &'a str,
    /// What it says; may be empty.
    pub message: &'a str,
}

/// What a field holds.
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// Something that shows as text.
    Shown(&'a dyn fmt::Debug),
    /// A number or a truth value, which shows in the same way in every format.
    Plain(&'a dyn fmt::Display),
    /// A number of its own kind: no format but ours knows how NaN is written.
    Fraction(f64),
}

/// Names that are not a field's to give.
const RESERVED: [&str; 4] = ["timestamp", "level", "target", "message"];

/// What begins the names of fields that are for the trace alone.
const FOR_TRACES: &str = "otel.";

/// Fields as text, one after the other, and where each begins and ends.
#[derive(Default)]
struct Fields {
    text: String,
    places: Vec<(&'static str, Range<usize>)>,
}

impl Fields {
    /// With room for those of a request's span, of which there is one for each request.
    fn for_span() -> Self {
        Self { text: String::with_capacity(192), places: Vec::with_capacity(4) }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.places.clear();
    }

    /// Adds those to a line whose names are not in it yet.
    fn add_to(&self, line: &mut String, named: &mut Vec<&'static str>) {
        for (name, place) in &self.places {
            if !named.contains(name) {
                named.push(name);
                line.push_str(self.text.get(place.clone()).unwrap_or_default());
            }
        }
    }
}

/// Turns the fields of an event or a span into text.
struct Reader<'a, F> {
    format: &'a F,
    fields: &'a mut Fields,
    message: Option<&'a mut String>,
}

impl<F: Format> Reader<'_, F> {
    fn take(&mut self, field: &Field, value: &Value<'_>) {
        let name = field.name();
        // `log.` begins what the bridge from the `log` crate adds; it is the event's target already.
        if RESERVED.contains(&name) || name.starts_with(FOR_TRACES) || name.starts_with("log.") {
            return;
        }
        // Recorded anew: the last one counts.
        self.fields.places.retain(|(known, _)| *known != name);
        let begin = self.fields.text.len();
        self.format.field(&mut self.fields.text, name, value);
        self.fields.places.push((name, begin..self.fields.text.len()));
    }
}

impl<F: Format> Visit for Reader<'_, F> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match &mut self.message {
            Some(message) if field.name() == "message" => {
                let _cannot_fail = write!(message, "{value:?}");
            }
            _ => self.take(field, &Value::Shown(value)),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match &mut self.message {
            Some(message) if field.name() == "message" => message.push_str(value),
            _ => self.take(field, &Value::Text(value)),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, &Value::Fraction(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, &Value::Plain(&value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, &Value::Plain(&value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.take(field, &Value::Plain(&value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.take(field, &Value::Plain(&value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, &Value::Plain(&value));
    }
}

/// What a thread writes its lines with, so that a line costs no allocation once these have grown.
#[derive(Default)]
struct Scratch {
    message: String,
    fields: Fields,
    named: Vec<&'static str>,
    line: String,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Writes events to a sink.
pub struct Lines<F, S> {
    format: F,
    sink: S,
}

impl<F: Format, S: Sink> Lines<F, S> {
    /// Lines of this format to this sink.
    pub fn new(format: F, sink: S) -> Self {
        Self { format, sink }
    }

    fn write<C>(&self, scratch: &mut Scratch, event: &Event<'_>, context: &Context<'_, C>)
    where
        C: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Scratch { message, fields, named, line } = scratch;
        message.clear();
        fields.clear();
        named.clear();
        line.clear();
        event.record(&mut Reader { format: &self.format, fields, message: Some(message) });
        let bridged = event.normalized_metadata();
        let metadata = bridged.as_ref().unwrap_or_else(|| event.metadata());
        let (level, target) = (*metadata.level(), metadata.target());
        self.format.open(line, &Head { time: now(), level, target, message });
        fields.add_to(line, named);
        // From the innermost outwards.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                fields.add_to(line, named);
            }
        }
        self.format.close(line);
        self.sink.line(line, level);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a line in the log tells when it was written, not what a use case calls now"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}

impl<C, F, S> Layer<C> for Lines<F, S>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
    F: Format,
    S: Sink,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, C>) {
        let mut fields = Fields::for_span();
        attributes.record(&mut Reader { format: &self.format, fields: &mut fields, message: None });
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(&mut Reader { format: &self.format, fields, message: None });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, C>) {
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.write(&mut scratch, event, &context),
            // An event inside an event: showing a field had something to say itself.
            Err(_) => self.write(&mut Scratch::default(), event, &context),
        });
    }
}
