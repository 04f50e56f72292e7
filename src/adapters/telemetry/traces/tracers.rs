//! Tracers of OpenTelemetry's SDK.

use std::sync::{LazyLock, OnceLock};

use opentelemetry::InstrumentationScope;
use opentelemetry::trace::TracerProvider;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

/// Tracer of the program that exports traces.
static EXPORTING: OnceLock<SdkTracer> = OnceLock::new();

/// Creates ids for the log and the response. Nothing that it starts is exported.
static NOT_EXPORTING: LazyLock<SdkTracer> =
    LazyLock::new(|| tracer(&SdkTracerProvider::builder().with_sampler(sampler(0.0)).build()));

/// Exports the spans that start from now on. Only the first call has an effect.
pub fn export(provider: &SdkTracerProvider) {
    let _ = EXPORTING.set(tracer(provider));
}

/// Returns the tracer for requests that may be exported, if a collector is configured.
pub fn exporting() -> Option<&'static SdkTracer> {
    EXPORTING.get()
}

pub fn not_exporting() -> &'static SdkTracer {
    &NOT_EXPORTING
}

fn tracer(provider: &SdkTracerProvider) -> SdkTracer {
    let scope = InstrumentationScope::builder(env!("CARGO_PKG_NAME")).with_version(env!("CARGO_PKG_VERSION"));
    provider.tracer_with_scope(scope.build())
}

/// Keeps this share of the traces that begin here. For others the caller has decided.
pub fn sampler(share: f64) -> Sampler {
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)))
}

#[cfg(test)]
mod tests {
    use opentelemetry::trace::{SpanKind, TraceId};
    use opentelemetry_sdk::trace::{SamplingDecision, ShouldSample};

    use super::*;

    #[test]
    fn share_of_new_traces_is_sampled() {
        let is_sampled = |share: f64, id: u128| {
            let result = sampler(share).should_sample(None, TraceId::from(id), "", &SpanKind::Server, &[], &[]);
            result.decision == SamplingDecision::RecordAndSample
        };
        assert!(is_sampled(0.5, 0x7fff_ffff_ffff_ffff) && !is_sampled(0.5, 0x8000_0000_0000_0000));
        assert!(is_sampled(1.0, u128::MAX) && !is_sampled(0.0, 0));
    }
}
