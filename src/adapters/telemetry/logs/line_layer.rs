//! Writes one line per event, with the fields of all spans around it at the top level, so that a
//! search for a `request_id` finds every line of a request. An event's fields take precedence over
//! a span's, an inner span's over an outer's.
//!
//! A span's fields are formatted once, when it starts; an event's when it happens. Nothing is
//! parsed or sorted again, because every request writes a line.

use std::cell::RefCell;
use std::fmt;
use std::fmt::Write;
use std::ops::Range;

use chrono::{DateTime, Utc};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Subscriber};
use tracing_log::NormalizeEvent;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// Format of a line. It MUST write no control character and no line break except the one at the
/// end.
pub trait Format: Send + Sync + 'static {
    fn open(&self, line: &mut String, head: &Head<'_>);

    /// Writes one field. The texts of fields are concatenated as they are.
    fn field(&self, line: &mut String, name: &str, value: &Value<'_>);

    fn close(&self, line: &mut String);
}

pub trait Sink: Send + Sync + 'static {
    /// `line` ends with a line break.
    fn line(&self, line: &str, level: Level);
}

/// The fixed part of a line.
pub struct Head<'a> {
    pub time: DateTime<Utc>,
    pub level: Level,
    pub target: &'a str,
    pub message: &'a str,
}

pub enum Value<'a> {
    Text(&'a str),
    /// A value whose `Debug` output is text.
    Debug(&'a dyn fmt::Debug),
    /// A number or a boolean, which is the same in every format.
    Plain(&'a dyn fmt::Display),
    /// A float, whose NaN each format writes differently.
    Float(f64),
}

/// Names that no field may have.
const RESERVED: [&str; 4] = ["timestamp", "level", "target", "message"];

/// Prefix of fields that only traces use.
const TRACE_PREFIX: &str = "otel.";

/// Formatted fields, and the range of each in the text.
#[derive(Default)]
struct Fields {
    text: String,
    ranges: Vec<(&'static str, Range<usize>)>,
}

impl Fields {
    /// With room for the fields of a request's span.
    fn for_span() -> Self {
        Self { text: String::with_capacity(192), ranges: Vec::with_capacity(4) }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ranges.clear();
    }

    /// Appends the fields whose names the line does not have yet.
    fn append_to(&self, line: &mut String, names: &mut Vec<&'static str>) {
        for (name, range) in &self.ranges {
            if !names.contains(name) {
                names.push(name);
                line.push_str(self.text.get(range.clone()).unwrap_or_default());
            }
        }
    }
}

struct FieldFormatter<'a, F> {
    format: &'a F,
    fields: &'a mut Fields,
    message: Option<&'a mut String>,
}

impl<F: Format> FieldFormatter<'_, F> {
    fn add(&mut self, field: &Field, value: &Value<'_>) {
        let name = field.name();
        // `log.*` fields come from the `log` crate's bridge and repeat the event's metadata.
        if RESERVED.contains(&name) || name.starts_with(TRACE_PREFIX) || name.starts_with("log.") {
            return;
        }
        // The last value of a name counts.
        self.fields.ranges.retain(|(known, _)| *known != name);
        let start = self.fields.text.len();
        self.format.field(&mut self.fields.text, name, value);
        self.fields.ranges.push((name, start..self.fields.text.len()));
    }
}

impl<F: Format> Visit for FieldFormatter<'_, F> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match &mut self.message {
            Some(message) if field.name() == "message" => {
                let _cannot_fail = write!(message, "{value:?}");
            }
            _ => self.add(field, &Value::Debug(value)),
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match &mut self.message {
            Some(message) if field.name() == "message" => message.push_str(value),
            _ => self.add(field, &Value::Text(value)),
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, &Value::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, &Value::Plain(&value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, &Value::Plain(&value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.add(field, &Value::Plain(&value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.add(field, &Value::Plain(&value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, &Value::Plain(&value));
    }
}

/// Buffers of a thread: a line costs no allocation once they have grown.
#[derive(Default)]
struct Scratch {
    message: String,
    fields: Fields,
    names: Vec<&'static str>,
    line: String,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

pub struct LineLayer<F, S> {
    format: F,
    sink: S,
}

impl<F: Format, S: Sink> LineLayer<F, S> {
    pub fn new(format: F, sink: S) -> Self {
        Self { format, sink }
    }

    #[expect(clippy::disallowed_methods, reason = "the time of writing is not that of a use case")]
    fn write<C>(&self, scratch: &mut Scratch, event: &Event<'_>, context: &Context<'_, C>)
    where
        C: Subscriber + for<'a> LookupSpan<'a>,
    {
        let Scratch { message, fields, names, line } = scratch;
        message.clear();
        fields.clear();
        names.clear();
        line.clear();
        event.record(&mut FieldFormatter { format: &self.format, fields, message: Some(message) });
        // Events of the `log` crate.
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let (level, target) = (*metadata.level(), metadata.target());
        self.format.open(line, &Head { time: Utc::now(), level, target, message });
        fields.append_to(line, names);
        // From the innermost span outwards.
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                fields.append_to(line, names);
            }
        }
        self.format.close(line);
        self.sink.line(line, level);
    }
}

impl<C, F, S> Layer<C> for LineLayer<F, S>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
    F: Format,
    S: Sink,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, C>) {
        let mut fields = Fields::for_span();
        attributes.record(&mut FieldFormatter { format: &self.format, fields: &mut fields, message: None });
        if let Some(span) = context.span(id) {
            span.extensions_mut().replace(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, C>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(&mut FieldFormatter { format: &self.format, fields, message: None });
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, C>) {
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => self.write(&mut scratch, event, &context),
            // Formatting a field emitted an event itself.
            Err(_) => self.write(&mut Scratch::default(), event, &context),
        });
    }
}
