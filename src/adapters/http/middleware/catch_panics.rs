//! A handler that panics answers all the same: 500 in the shape of every error, on a connection that goes on.
//!
//! It stands around each resource and not around the application: the answer is made for a request, and actix-web's
//! routing panics on a request that somebody else holds a copy of. Inside CORS and the request's id, it gets both.

use std::panic::AssertUnwindSafe;

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use futures_util::FutureExt;
use metrics::counter;

use crate::adapters::{http::errors::HttpError, telemetry::metrics::catalogue::PANICS};

/// Answers for a handler that panics; for every resource. What the panic said is told by the hook that
/// `adapters::telemetry` installs.
///
/// What the handler held is dropped on the way here: a unit of work rolls back, a connection in the middle of something
/// is closed. Nothing that outlives the request is left half changed, so that going on is safe.
pub async fn catch_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let original = request.request().clone();
    let answer = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    match answer {
        Ok(answer) => Ok(answer?.map_into_boxed_body()),
        Err(_told_by_the_hook) => {
            counter!(PANICS.name).increment(1);
            Ok(ServiceResponse::from_err(HttpError::defect(), original))
        }
    }
}
