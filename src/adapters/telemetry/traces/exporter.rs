//! Exports traces to a collector by OTLP, protobuf over HTTP.
//!
//! Spans that have ended wait in a queue for a thread that sends them in batches. A collector that
//! is slow or away costs a request nothing: spans are dropped when the queue is full.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;

use super::collector::Collector;
use super::settings::TraceSettings;
use super::tracers;
use crate::domain::error::Cause;

/// Path of traces below the endpoint.
const PATH: &str = "/v1/traces";

/// How long the last batch may take when the program ends.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(3);

/// Queue of spans with the thread that sends them.
pub struct Exporter(SdkTracerProvider);

impl Exporter {
    /// Starts to export to the collector at this endpoint.
    ///
    /// # Errors
    /// If one of the exporter's own settings, which begin with `OTEL_`, is invalid.
    pub fn start(endpoint: &str, settings: &TraceSettings) -> Result<Self, Cause> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}{PATH}", endpoint.trim_end_matches('/')))
            .with_http_client(Collector::new())
            .build()?;
        let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
        let resource = Resource::builder().with_service_name(settings.service.clone()).with_attribute(version);
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .with_sampler(tracers::sampler(settings.share))
            .build();
        tracers::export(&provider);
        Ok(Self(provider))
    }

    /// Sends the remaining spans and stops.
    pub fn finish(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(SHUTDOWN_TIMEOUT) {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}
