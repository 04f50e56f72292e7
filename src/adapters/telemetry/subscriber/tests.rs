use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::*;

/// A sink that collects lines.
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

fn log_lines(format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
    colored(format, filter, false, log)
}

fn colored(format: LogFormat, filter: &str, has_colors: bool, log: impl FnOnce()) -> String {
    let memory = Memory::default();
    let subscriber = subscriber(&settings(format, filter), has_colors, memory.clone());
    tracing::subscriber::with_default(subscriber, log);
    memory.0.lock().unwrap().clone()
}

fn json(log: impl FnOnce()) -> Value {
    serde_json::from_str(&log_lines(LogFormat::Json, "info", log)).unwrap()
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
fn json_keeps_the_type_of_a_value() {
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
fn line_has_each_name_once() {
    let log = || {
        let _outer = tracing::info_span!("outer", id = 1).entered();
        let _inner = tracing::info_span!("inner", id = 2).entered();
        tracing::info!(id = 3, level = 9, timestamp = "never", "kept");
    };
    let text = log_lines(LogFormat::Json, "info", log);
    for name in ["id", "level", "timestamp", "message"] {
        assert_eq!(text.matches(&format!("\"{name}\":")).count(), 1, "{text}");
    }
    assert!(text.contains("\"kept\"") && text.ends_with("}\n"), "{text}");
}

#[test]
fn each_event_that_passes_the_filter_is_one_line_in_each_format() {
    for format in [LogFormat::Pretty, LogFormat::Json] {
        let text = log_lines(format, "warn,loud=debug", || {
            tracing::info!(target: "quiet", "dropped");
            tracing::debug!(target: "loud", "kept");
            tracing::warn!("kept too");
        });
        assert_eq!(text.lines().filter(|line| line.contains("kept")).count(), 2);
        assert_eq!(text.lines().count(), 2, "{text}");
    }
}

#[test]
fn logged_text_cannot_forge_or_color_a_line() {
    /// Its `Debug` output has no quotes.
    struct Raw;
    impl std::fmt::Debug for Raw {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(EVIL)
        }
    }
    const EVIL: &str = "x\r\n{\"level\":\"ERROR\"}\u{1b}[2J\u{9b}m\u{85}\u{2028}\u{2029}\u{202e}\u{7f}\0\t\"}";
    for format in [LogFormat::Pretty, LogFormat::Json] {
        let text = log_lines(format, "info", || {
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
fn pretty_line_has_colors_on_a_terminal_only() {
    let log = || tracing::info!(target: "conduit", port = 8080, name = "x", took = 0.5, "listening");
    let text = log_lines(LogFormat::Pretty, "info", log);
    assert!(text.ends_with("Z  INFO conduit: listening port=8080 name=\"x\" took=0.5\n"), "{text:?}");
    assert!(colored(LogFormat::Pretty, "info", true, log).contains("\u{1b}[32m INFO\u{1b}[0m"));
}

#[test]
fn no_filter_reveals_bound_parameters() {
    for filter in ["trace", "tokio_postgres=trace", "tokio_postgres::query=trace", "request=off"] {
        let text = log_lines(LogFormat::Json, filter, || {
            let _request = tracing::error_span!(target: "request", "request", id = 7).entered();
            tracing::debug!(target: "tokio_postgres::query", "bound to a secret");
            tracing::warn!(target: "tokio_postgres::connection", "closed");
        });
        assert!(text.contains("closed") && text.contains("\"id\":7") && !text.contains("secret"), "{text}");
    }
}
