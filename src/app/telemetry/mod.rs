//! Logs on standard output: a line of text per event for people, or a line of JSON for machines.
//! For the composition root, which starts them before anything else that could have something to say.

mod panics;

use std::io::{self, IsTerminal};
use std::{env, fmt};

use chrono::{SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::format::{Format, Json, JsonFields, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

use super::config::{LogFormat, LogSettings};

/// Why there will be no logs.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be parsed.
    #[error("the log filter is wrong: {0}")]
    Filter(#[from] ParseError),
    /// Someone else's subscriber was there first.
    #[error("the logs cannot be set up: {0}")]
    Taken(#[from] TryInitError),
}

/// Sends the whole process's events, and what panics say, to standard output.
///
/// # Errors
/// [`TelemetryError`] when the filter is wrong, or another subscriber or logger is in place.
pub fn init(settings: &LogSettings) -> Result<(), TelemetryError> {
    let colours = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    init_with(settings, colours, io::stdout)
}

/// The same to anywhere else.
///
/// # Errors
/// [`TelemetryError`].
pub fn init_with<W>(settings: &LogSettings, colours: bool, writer: W) -> Result<(), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    subscriber(settings, colours, writer)?.try_init()?;
    panics::log();
    Ok(())
}

fn subscriber<W>(
    settings: &LogSettings,
    colours: bool,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    // Below info the driver logs what statements are bound to: e-mails, hashes of passwords.
    let filter = EnvFilter::builder().parse(&settings.filter)?.add_directive("tokio_postgres=info".parse()?);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    Ok(match settings.format {
        LogFormat::Pretty => Box::new(logs.with_ansi(colours).with_timer(Milliseconds).compact().finish()),
        LogFormat::Json => Box::new(logs.fmt_fields(JsonFields::new()).event_format(FlatJson::new()).finish()),
    })
}

/// The time as RFC 3339 in UTC with milliseconds.
struct Milliseconds;

impl FormatTime for Milliseconds {
    #[expect(
        clippy::disallowed_methods,
        reason = "a line in the log tells when it was written, not what a use case calls now"
    )]
    fn format_time(&self, to: &mut Writer<'_>) -> fmt::Result {
        to.write_str(&Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// The usual JSON, with the fields of all spans around the event moved to the top level, where a search for a
/// `request_id` finds every line of a request. The event's own fields win over a span's, an inner span's over an
/// outer's.
struct FlatJson(Format<Json, Milliseconds>);

/// What the usual JSON holds; an event's own fields lie between ours.
#[derive(Serialize, Deserialize)]
struct Line {
    timestamp: String,
    level: String,
    target: String,
    #[serde(default)]
    message: String,
    #[serde(default, skip_serializing)]
    spans: Vec<Map<String, Value>>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl FlatJson {
    fn new() -> Self {
        let json = Format::default().json().with_timer(Milliseconds);
        Self(json.flatten_event(true).with_current_span(false).with_span_list(true))
    }
}

impl<S, N> FormatEvent<S, N> for FlatJson
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = String::new();
        self.0.format_event(context, Writer::new(&mut text), event)?;
        match flat(&text) {
            Ok(line) => writeln!(to, "{line}"),
            // An event with a field called `level` has two of them: better that line than none.
            Err(_) => to.write_str(&text),
        }
    }
}

/// Fields that a span cannot give: ours, and `name`, which is the span's own.
const RESERVED: [&str; 5] = ["timestamp", "level", "target", "message", "name"];

fn flat(text: &str) -> serde_json::Result<String> {
    let mut line: Line = serde_json::from_str(text)?;
    for (name, value) in line.spans.drain(..).rev().flatten() {
        if !RESERVED.contains(&name.as_str()) {
            line.fields.entry(name).or_insert(value);
        }
    }
    serde_json::to_string(&line)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A writer that remembers, for the subscriber and for the test.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<Vec<u8>>>);

    impl Write for Memory {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn settings(format: LogFormat, filter: &str) -> LogSettings {
        let filter = filter.to_owned();
        LogSettings { format, filter }
    }

    fn logged(format: LogFormat, filter: &str, say: impl FnOnce()) -> String {
        let memory = Memory::default();
        let writer = memory.clone();
        let settings = settings(format, filter);
        let subscriber = subscriber(&settings, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(subscriber, say);
        String::from_utf8(memory.0.lock().unwrap().clone()).unwrap()
    }

    fn json(say: impl FnOnce()) -> Value {
        serde_json::from_str(&logged(LogFormat::Json, "info", say)).unwrap()
    }

    #[test]
    fn json_is_flat() {
        let line = json(|| tracing::info!(target: "conduit::test", count = 3, "up\nand running"));
        let time = line["timestamp"].as_str().unwrap();
        assert_eq!(time.len(), "2026-01-02T03:04:05.678Z".len(), "{time}");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "conduit::test");
        assert_eq!(line["message"], "up\nand running");
        assert_eq!(line["count"], 3);
    }

    #[test]
    fn json_carries_the_fields_of_all_spans() {
        let line = json(|| {
            let _request = tracing::info_span!("request", id = 7, route = "outer", level = 9).entered();
            let _query = tracing::info_span!("query", route = "inner", rows = 1).entered();
            tracing::info!(rows = 2, "done");
        });
        assert_eq!(line["id"], 7);
        assert_eq!(line["route"], "inner");
        assert_eq!((&line["rows"], &line["level"]), (&2.into(), &"INFO".into()));
        assert!(line.get("spans").or(line.get("name")).is_none(), "{line}");
    }

    #[test]
    fn a_field_with_our_name_loses_no_line() {
        let say = || tracing::info!(level = 9, "kept");
        let text = logged(LogFormat::Json, "info", say);
        assert!(text.contains("\"kept\"") && text.ends_with("}\n"), "{text}");
    }

    #[test]
    fn each_format_writes_one_line_for_each_event_that_passes_the_filter() {
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let text = logged(format, "warn,loud=debug", || {
                tracing::info!(target: "quiet", "dropped");
                tracing::debug!(target: "loud", "kept");
                tracing::warn!("kept too");
            });
            assert_eq!(text.lines().filter(|line| line.contains("kept")).count(), 2);
            assert_eq!(text.lines().count(), 2, "{text}");
        }
    }

    #[test]
    fn pretty_is_plain_where_there_is_no_terminal() {
        let say = || tracing::info!(target: "conduit", port = 8080, "listening");
        let text = logged(LogFormat::Pretty, "info", say);
        assert!(text.ends_with("Z  INFO conduit: listening port=8080\n"), "{text:?}");
    }

    #[test]
    fn a_wrong_filter_is_told() {
        let wrong = settings(LogFormat::Json, "conduit=loud");
        let error = subscriber(&wrong, false, io::sink).err().unwrap();
        assert!(error.to_string().starts_with("the log filter is wrong: "));
    }
}
