//! Turns a panic of a handler into a 500 with the usual body, on a connection that stays open.
//!
//! It wraps each resource, not the application: actix-web's routing panics on a request of which
//! another part holds a copy.

use std::panic::AssertUnwindSafe;

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use futures_util::FutureExt;
use metrics::counter;

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::response::MiddlewareResult;
use crate::adapters::telemetry::metrics::catalogue::PANICS;

/// Unwind safety: everything that the handler holds is dropped, which rolls back a unit of work and
/// closes a connection in the middle of a statement.
pub async fn catch_panics(request: ServiceRequest, next: Next<BoxBody>) -> MiddlewareResult {
    let original = request.request().clone();
    let result = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    result.unwrap_or_else(|_logged_by_the_panic_hook| {
        counter!(PANICS.name).increment(1);
        Ok(ServiceResponse::from_err(HttpError::Internal, original))
    })
}
