//! Settings of the logs.

use tracing_subscriber::filter::Targets;

/// Format and filter of the logs.
#[derive(Debug, Clone)]
pub struct LogSettings {
    pub format: LogFormat,
    /// Levels from which events of a target are logged.
    pub filter: Targets,
}

/// Format of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Pretty,
    /// A JSON object for machines.
    Json,
}
