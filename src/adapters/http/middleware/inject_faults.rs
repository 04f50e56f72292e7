//! Latency and errors on request, so that front ends can show their loading and error states.

use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::dev::ServiceRequest;
use actix_web::middleware::Next;
use actix_web::rt::time::sleep;
use rand::RngExt;

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::response::MiddlewareResult;
use crate::domain::Error;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultInjection {
    pub latency: Duration,
    /// Percentage of requests that fail.
    pub percent: u32,
}

impl FaultInjection {
    pub fn is_enabled(self) -> bool {
        self != Self::default()
    }
}

/// Rejects requests before anything is executed. Probes are exempt: they report real failures.
pub async fn inject_faults(faults: FaultInjection, request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    if request.path().starts_with("/api/") {
        sleep(faults.latency).await;
        if rand::rng().random_range(0..100) < faults.percent {
            let error = Error::Unavailable("a fault was injected, as --fault-rate asks".into());
            return Ok(request.error_response(HttpError::from(error)));
        }
    }
    next.call(request).await
}
