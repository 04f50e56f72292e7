//! What the program tells of itself while it serves: logs on standard output, a line of text per event for people or of
//! JSON for machines, and traces for a collector if the settings name one.
//! For the composition root, which starts them before anything else that could have something to say.

pub mod lines;

mod escape;
mod json;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(not(feature = "otlp"))]
#[path = "no_otlp.rs"]
mod otlp;
mod panics;
mod pretty;
mod stdout;
mod time;

use std::{
    env,
    io::{self, IsTerminal},
};

use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    Layer, Registry,
    filter::{LevelFilter, Targets, filter_fn},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use self::{
    json::Json,
    lines::{Lines, Sink},
    otlp::Exporter,
    pretty::Pretty,
    stdout::{BatchedStdout, StandardOutput},
};
use crate::{
    app::config::{LogFormat, LogSettings, TraceSettings},
    domain::error::Cause,
};

/// Why there will be no logs or no traces.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Standard output cannot be had.
    #[error("the logs have no standard output: {0}")]
    Output(#[source] io::Error),
    /// Someone else's subscriber was there first.
    #[error("the logs cannot be set up: {0}")]
    Taken(#[from] TryInitError),
    /// The exporter of traces cannot be set up.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: the traces cannot be set up")]
    Traces(#[source] Cause),
}

/// Logs and traces while they run.
pub struct Telemetry {
    exporter: Option<Exporter>,
}

/// Sends the whole process's events, and what panics say, to standard output, and traces to the collector.
///
/// # Errors
/// [`TelemetryError`] when a setting is wrong, or another subscriber or logger is in place.
pub fn init(logs: &LogSettings, traces: &TraceSettings) -> Result<Telemetry, TelemetryError> {
    let colours = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
    let exporter = traces.endpoint.as_deref().map(|endpoint| Exporter::start(endpoint, traces)).transpose();
    let exporter = exporter.map_err(TelemetryError::Traces)?;
    let output = StandardOutput::open().map_err(TelemetryError::Output)?;
    subscriber(logs, colours, BatchedStdout::of(output), exporter.as_ref()).try_init()?;
    panics::log();
    Ok(Telemetry { exporter })
}

/// Sends the whole process's events, and what panics say, somewhere else.
///
/// # Errors
/// [`TelemetryError`].
pub fn init_with(logs: &LogSettings, sink: impl Sink) -> Result<(), TelemetryError> {
    subscriber(logs, false, sink, None).try_init()?;
    panics::log();
    Ok(())
}

impl Telemetry {
    /// Sends the traces that are left. A line of the log is never left: who serves requests has written
    /// those of its last turn.
    pub fn finish(self) {
        if let Some(exporter) = self.exporter {
            exporter.finish();
        }
    }
}

fn subscriber(
    settings: &LogSettings,
    colours: bool,
    sink: impl Sink,
    exporter: Option<&Exporter>,
) -> Box<dyn Subscriber + Send + Sync> {
    let filter = limited(&settings.filter);
    match exporter {
        None => Box::new(Registry::default().with(filter).with(lines(settings.format, colours, sink))),
        // Each with a filter of its own: what is traced does not depend on what is logged.
        Some(exporter) => Box::new(
            Registry::default()
                .with(lines(settings.format, colours, sink).with_filter(filter))
                .with(exporter.layer().with_filter(filter_fn(is_traced))),
        ),
    }
}

/// What was asked for, but for what is not to be asked for.
fn limited(asked: &Targets) -> Targets {
    let allowed = asked.iter().filter(|(target, _)| !target.starts_with("tokio_postgres") && *target != "request");
    let allowed: Targets = allowed.collect();
    allowed
        .with_default(asked.default_level().unwrap_or(LevelFilter::OFF))
        // Below info the driver logs what statements are bound to: e-mails, hashes of passwords.
        .with_target("tokio_postgres", LevelFilter::INFO)
        // Whatever passes says which request it is about.
        .with_target("request", LevelFilter::ERROR)
}

fn lines<C>(format: LogFormat, colours: bool, sink: impl Sink) -> Box<dyn Layer<C> + Send + Sync>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Pretty => Lines::new(Pretty { colours }, sink).boxed(),
        LogFormat::Json => Lines::new(Json, sink).boxed(),
    }
}

/// Requests, with the line of the access log that tells of them, and what they ask the database.
fn is_traced(metadata: &Metadata<'_>) -> bool {
    match metadata.is_span() {
        true => metadata.name() == "request" || metadata.target() == "db",
        false => metadata.target() == "access",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    /// A place for lines that remembers them, for the subscriber and for the test.
    #[derive(Clone, Default)]
    struct Memory(Arc<Mutex<String>>);

    impl Sink for Memory {
        fn line(&self, line: &str, _: tracing::Level) {
            self.0.lock().unwrap().push_str(line);
        }
    }

    fn settings(format: LogFormat, filter: &str) -> LogSettings {
        LogSettings { format, filter: filter.parse().unwrap() }
    }

    fn logged(format: LogFormat, filter: &str, say: impl FnOnce()) -> String {
        coloured(format, filter, false, say)
    }

    fn coloured(format: LogFormat, filter: &str, colours: bool, say: impl FnOnce()) -> String {
        let memory = Memory::default();
        let subscriber = subscriber(&settings(format, filter), colours, memory.clone(), None);
        tracing::subscriber::with_default(subscriber, say);
        memory.0.lock().unwrap().clone()
    }

    fn json(say: impl FnOnce()) -> Value {
        serde_json::from_str(&logged(LogFormat::Json, "info", say)).unwrap()
    }

    #[test]
    fn json_is_flat() {
        let line = json(|| tracing::info!(target: "conduit::test", count = 3, "up\nand running"));
        let time = line["timestamp"].as_str().unwrap();
        assert_eq!(time.len(), "2026-01-02T03:04:05.678Z".len(), "{time}");
        assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok(), "{time}");
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["target"], "conduit::test");
        assert_eq!(line["message"], "up\nand running");
        assert_eq!(line["count"], 3);
    }

    #[test]
    fn json_keeps_what_a_value_is() {
        let error: &dyn std::error::Error = &std::fmt::Error;
        let line = json(|| {
            tracing::info!(
                negative = -1,
                half = 0.5,
                whole = 2.0,
                nan = f64::NAN,
                big = u128::MAX,
                yes = true,
                shown = ?Some("x"),
                none = None::<u64>,
                error
            );
        });
        assert_eq!((&line["negative"], &line["half"], &line["whole"]), (&(-1).into(), &0.5.into(), &2.into()));
        assert_eq!((&line["nan"], &line["yes"], &line["message"]), (&Value::Null, &true.into(), &"".into()));
        assert_eq!((&line["shown"], &line["error"]), (&r#"Some("x")"#.into(), &error.to_string().into()));
        assert!(line.get("none").is_none() && line["big"].is_number(), "{line}");
    }

    #[test]
    fn json_carries_the_fields_of_all_spans() {
        let line = json(|| {
            let _request = tracing::info_span!("request", id = 7, route = "outer", level = 9, late = 0).entered();
            tracing::Span::current().record("late", 1);
            let _query = tracing::info_span!("query", route = "inner", rows = 1, otel.sampled = true).entered();
            tracing::info!(rows = 2, "done");
        });
        assert_eq!((&line["id"], &line["late"]), (&7.into(), &1.into()));
        assert_eq!(line["route"], "inner");
        assert_eq!((&line["rows"], &line["level"]), (&2.into(), &"INFO".into()));
        assert!(line.get("otel.sampled").or(line.get("name")).is_none(), "{line}");
    }

    #[test]
    fn no_name_stands_in_a_line_twice() {
        let say = || {
            let _outer = tracing::info_span!("outer", id = 1).entered();
            let _inner = tracing::info_span!("inner", id = 2).entered();
            tracing::info!(id = 3, level = 9, timestamp = "never", "kept");
        };
        let text = logged(LogFormat::Json, "info", say);
        for name in ["id", "level", "timestamp", "message"] {
            assert_eq!(text.matches(&format!("\"{name}\":")).count(), 1, "{text}");
        }
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
    fn nothing_that_is_logged_forges_a_line_or_colours_it() {
        /// Shows as it is, where text would show in quotes.
        struct Raw;
        impl std::fmt::Debug for Raw {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(EVIL)
            }
        }
        const EVIL: &str = "x\r\n{\"level\":\"ERROR\"}\u{1b}[2J\u{9b}m\u{85}\u{2028}\u{2029}\u{202e}\u{7f}\0\t\"}";
        for format in [LogFormat::Pretty, LogFormat::Json] {
            let text = logged(format, "info", || {
                let _span = tracing::info_span!("span", outer = EVIL, shown = ?Raw).entered();
                tracing::info!(text = EVIL, display = %EVIL, debug = ?Raw, "{EVIL}");
            });
            let line = text.strip_suffix('\n').unwrap();
            let is_harmless = |c: char| !c.is_control() && !crate::domain::model::values::is_invisible(c);
            assert!(line.chars().all(is_harmless), "{line:?}");
            if format == LogFormat::Json {
                let line: Value = serde_json::from_str(line).unwrap();
                for name in ["message", "text", "display", "debug", "outer", "shown"] {
                    assert_eq!(line[name], EVIL, "{name}");
                }
            }
        }
    }

    #[test]
    fn pretty_is_plain_where_there_is_no_terminal() {
        let say = || tracing::info!(target: "conduit", port = 8080, name = "x", took = 0.5, "listening");
        let text = logged(LogFormat::Pretty, "info", say);
        assert!(text.ends_with("Z  INFO conduit: listening port=8080 name=\"x\" took=0.5\n"), "{text:?}");
        assert!(coloured(LogFormat::Pretty, "info", true, say).contains("\u{1b}[32m INFO\u{1b}[0m"));
    }
    #[test]
    fn what_statements_are_bound_to_cannot_be_asked_for() {
        for filter in ["trace", "tokio_postgres=trace", "tokio_postgres::query=trace", "request=off"] {
            let text = logged(LogFormat::Json, filter, || {
                let _request = tracing::error_span!(target: "request", "request", id = 7).entered();
                tracing::debug!(target: "tokio_postgres::query", "bound to a secret");
                tracing::warn!(target: "tokio_postgres::connection", "closed");
            });
            assert!(text.contains("closed") && text.contains("\"id\":7") && !text.contains("secret"), "{text}");
        }
    }
}
