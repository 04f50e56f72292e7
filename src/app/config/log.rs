//! What is logged and how it looks.
//! For telemetry, which makes a subscriber of it.

use tracing_subscriber::filter::Targets;

use super::{
    error::Wrong,
    reader::Reader,
    settings::{LOG_FORMAT, RUST_LOG},
    values::choice,
};

/// Settings of the logs.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// `LOG_FORMAT`: by default pretty in dev and JSON in prod.
    pub format: LogFormat,
    /// `RUST_LOG`: the levels from which on targets are heard, by default `info,actix_server=warn`.
    pub filter: Targets,
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

fn filter(text: &str) -> Result<Targets, Wrong> {
    let directives: Vec<&str> = text.split(',').map(str::trim).filter(|directive| !directive.is_empty()).collect();
    let expected = |_| Wrong::expected("levels such as info or warn,conduit=debug");
    directives.join(",").parse().map_err(expected)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{errors, load, load_prod};
    use super::*;

    #[test]
    fn dev_is_pretty_and_prod_is_json() {
        let dev = load(&[]).log;
        assert_eq!((dev.format, dev.filter.to_string().as_str()), (LogFormat::Pretty, "actix_server=warn,info"));
        assert_eq!(load_prod(&[]).log.format, LogFormat::Json);
    }

    #[test]
    fn values_are_taken() {
        let log = load(&[("LOG_FORMAT", "json"), ("RUST_LOG", "warn, conduit=debug,")]).log;
        assert_eq!((log.format, log.filter.to_string().as_str()), (LogFormat::Json, "conduit=debug,warn"));
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
