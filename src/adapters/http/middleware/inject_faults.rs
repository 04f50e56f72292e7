//! Faults made on purpose, so that those who write front ends see their loading and error states.

use std::time::Duration;

use actix_web::{
    Error, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt::time::sleep,
};
use rand::RngExt;

use crate::{adapters::http::errors::HttpError, domain::error::Cause};

/// What goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultInjection {
    /// How much later every request is answered.
    pub latency: Duration,
    /// How many of a hundred requests fail.
    pub percent: u32,
}

impl FaultInjection {
    /// Whether anything does.
    pub fn any(self) -> bool {
        self != Self::default()
    }
}

/// Lets requests of the API wait, and some of them fail with 503 before anything is done: whoever tries again does nothing
/// twice. Probes are spared: who watches the server is to see what is really wrong with it.
pub async fn inject_faults(
    faults: FaultInjection,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if request.path().starts_with("/api/") {
        sleep(faults.latency).await;
        if rand::rng().random_range(0..100) < faults.percent {
            let error = HttpError::unavailable(&Cause::from("a fault was injected, as --fault-rate asks"));
            return Ok(request.into_response(error.error_response()));
        }
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}
