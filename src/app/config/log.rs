//! What is logged and how it looks.
//! For telemetry, which makes a subscriber of it.

use tracing_subscriber::EnvFilter;

use super::error::Wrong;
use super::reader::Reader;
use super::settings::{LOG_FORMAT, RUST_LOG};
use super::values::choice;

/// Settings of the logs.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// `LOG_FORMAT`: by default pretty in dev and JSON in prod.
    pub format: LogFormat,
    /// `RUST_LOG`: directives that [`EnvFilter`] was seen to accept, by default `info,actix_server=warn`.
    pub filter: String,
}

/// How one event looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Pretty,
    /// A line of JSON for machines.
    Json,
}

impl LogSettings {
    pub(super) fn read(from: &mut Reader) -> Option<Self> {
        let formats = &[("pretty", LogFormat::Pretty), ("json", LogFormat::Json)];
        let format = from.get(&LOG_FORMAT, choice(formats));
        let filter = from.get(&RUST_LOG, filter);
        Some(Self { format: format?, filter: filter? })
    }
}

/// The text is kept, not the filter: a filter cannot be cloned, and settings are.
fn filter(text: &str) -> Result<String, Wrong> {
    let parsed = EnvFilter::builder().parse(text).ok();
    let expected = || Wrong::expected("levels such as info or warn,conduit=debug");
    parsed.map(|_| text.to_owned()).ok_or_else(expected)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    #[test]
    fn dev_is_pretty_and_prod_is_json() {
        let dev = load(&[]).log;
        assert_eq!((dev.format, dev.filter.as_str()), (LogFormat::Pretty, "info,actix_server=warn"));
        assert_eq!(load_prod(&[]).log.format, LogFormat::Json);
    }

    #[test]
    fn values_are_taken() {
        let log = load(&[("LOG_FORMAT", "json"), ("RUST_LOG", "warn,conduit=debug")]).log;
        assert_eq!((log.format, log.filter.as_str()), (LogFormat::Json, "warn,conduit=debug"));
    }

    #[test]
    fn wrong_values_are_named() {
        assert_eq!(errors(&[("LOG_FORMAT", "xml")]), "LOG_FORMAT is \"xml\": expected pretty or json");
        assert_eq!(
            errors(&[("RUST_LOG", "conduit=loud")]),
            "RUST_LOG is \"conduit=loud\": expected levels such as info or warn,conduit=debug"
        );
    }
}
