//! Traces for a collector that speaks OpenTelemetry's protocol: protobuf over HTTP.
//!
//! The spans of `tracing` become OpenTelemetry's as they end, with the ids that the log has and the caller sent, and
//! wait in a queue for a thread that sends them in batches. A collector that is slow or away costs a request nothing:
//! when the queue is full, spans are dropped.

mod access;
mod collector;
mod fields;
mod spans;

use std::{sync::Arc, time::Duration};

use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{BatchSpanProcessor, SpanProcessor},
};

use self::collector::Collector;
pub use self::spans::Spans;
use crate::{app::config::TraceSettings, domain::error::Cause};

/// Where the protocol has traces, below the endpoint.
const PATH: &str = "/v1/traces";

/// How long the last batch may take at the end of the program.
const LAST_BATCH: Duration = Duration::from_secs(3);

/// The queue and the thread that empties it.
#[derive(Clone)]
pub struct Exporter(Arc<BatchSpanProcessor>);

impl Exporter {
    /// Begins to export to the collector at this endpoint.
    ///
    /// # Errors
    /// When the exporter's own settings, which begin with `OTEL_`, cannot be read.
    pub fn start(endpoint: &str, settings: &TraceSettings) -> Result<Self, Cause> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_http_client(Collector::new())
            .build()?;
        let mut processor = BatchSpanProcessor::builder(exporter).build();
        let version = opentelemetry::KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(settings.service.clone()).with_attribute(version);
        processor.set_resource(&resource.build());
        Ok(Self(Arc::new(processor)))
    }

    /// The layer that feeds it.
    pub fn layer(&self) -> Spans<BatchSpanProcessor> {
        Spans::to(Arc::clone(&self.0))
    }

    /// Sends what is left, and ends.
    pub fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_BATCH) {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}
