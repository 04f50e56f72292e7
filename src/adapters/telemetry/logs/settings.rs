//! Settings of the logs.

use tracing_subscriber::filter::Targets;

#[derive(Debug, Clone)]
pub struct LogSettings {
    pub format: LogFormat,
    /// Levels from which events of a target are logged.
    pub filter: Targets,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    Pretty,
    /// A JSON object for machines.
    Json,
}
