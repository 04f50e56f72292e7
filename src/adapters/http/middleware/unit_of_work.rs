//! Runs a route in a unit of work, which a success commits and anything else rolls back.
//!
//! For routes whose use case reads, decides and writes. The response follows the commit; a failed
//! commit replaces it.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Data;

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::response::MiddlewareResult;
use crate::domain::Error;
use crate::ports::unit_of_work::{TxOutcome, UnitOfWork};

pub async fn unit_of_work(
    unit_of_work: Data<dyn UnitOfWork>,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> MiddlewareResult {
    let original = request.request().clone();
    let mut result = None;
    let work = async {
        let response = next.call(request).await;
        let outcome = match &response {
            Ok(response) if response.status().is_success() => TxOutcome::Commit,
            _ => TxOutcome::Rollback,
        };
        result = Some(response);
        outcome
    };
    match unit_of_work.run(Box::pin(work)).await {
        Ok(()) => result.unwrap_or_else(|| Ok(ServiceResponse::from_err(HttpError::Internal, original))),
        Err(error) => Ok(ServiceResponse::from_err(HttpError::from(Error::from(error)), original)),
    }
}
