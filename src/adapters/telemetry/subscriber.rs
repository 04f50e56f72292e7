//! Installs the subscriber that turns events and spans into log lines, and starts the export of
//! traces.

use std::io::IsTerminal;
use std::{env, io};

use tracing::Subscriber;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry};

use super::logs::line_layer::{LineLayer, Sink};
use super::logs::settings::{LogFormat, LogSettings};
use super::logs::stdout::{BatchedStdout, StandardOutput};
use super::logs::{Json, Pretty, panics};
use super::traces::exporter::Exporter;
use super::traces::settings::TraceSettings;
use crate::domain::error::Cause;

/// Why logs or traces cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The process has no standard output.
    #[error("the logs have no standard output: {0}")]
    Output(#[source] io::Error),
    /// Another subscriber is installed.
    #[error("the logs cannot be set up: {0}")]
    Taken(#[from] TryInitError),
    /// The exporter cannot be set up.
    #[error("OTEL_EXPORTER_OTLP_ENDPOINT: the traces cannot be set up")]
    Traces(#[source] Cause),
}

/// Running logs and traces.
pub struct Telemetry {
    exporter: Option<Exporter>,
}

/// Sends the events and panics of the whole process to standard output, and traces to the
/// collector.
///
/// # Errors
/// [`TelemetryError`].
pub fn init(logs: &LogSettings, traces: &TraceSettings) -> Result<Telemetry, TelemetryError> {
    let has_colors = io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let exporter = traces.endpoint.as_deref().map(|endpoint| Exporter::start(endpoint, traces)).transpose();
    let exporter = exporter.map_err(TelemetryError::Traces)?;
    let output = StandardOutput::open().map_err(TelemetryError::Output)?;
    subscriber(logs, has_colors, BatchedStdout::new(output)).try_init()?;
    panics::log_panics();
    Ok(Telemetry { exporter })
}

/// Sends the events and panics of the whole process to this sink.
///
/// # Errors
/// [`TelemetryError`].
pub fn init_with(logs: &LogSettings, sink: impl Sink) -> Result<(), TelemetryError> {
    subscriber(logs, false, sink).try_init()?;
    panics::log_panics();
    Ok(())
}

impl Telemetry {
    /// Sends the remaining traces. Log lines need no flush: each thread that serves requests writes
    /// its last batch.
    pub fn finish(self) {
        if let Some(exporter) = self.exporter {
            exporter.finish();
        }
    }
}

fn subscriber(settings: &LogSettings, has_colors: bool, sink: impl Sink) -> impl Subscriber + Send + Sync {
    Registry::default().with(restricted(&settings.filter)).with(lines(settings.format, has_colors, sink))
}

/// Returns the filter without the levels that no setting may enable or disable.
fn restricted(filter: &Targets) -> Targets {
    let allowed = filter.iter().filter(|(target, _)| !target.starts_with("tokio_postgres") && *target != "request");
    let allowed: Targets = allowed.collect();
    allowed
        .with_default(filter.default_level().unwrap_or(LevelFilter::OFF))
        // Below INFO the driver logs bound parameters: e-mails, password hashes.
        .with_target("tokio_postgres", LevelFilter::INFO)
        // Every line names its request.
        .with_target("request", LevelFilter::ERROR)
}

fn lines<C>(format: LogFormat, has_colors: bool, sink: impl Sink) -> Box<dyn Layer<C> + Send + Sync>
where
    C: Subscriber + for<'a> LookupSpan<'a>,
{
    match format {
        LogFormat::Pretty => LineLayer::new(Pretty { has_colors }, sink).boxed(),
        LogFormat::Json => LineLayer::new(Json, sink).boxed(),
    }
}

#[cfg(test)]
mod tests;
