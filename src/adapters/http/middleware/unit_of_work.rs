//! The unit of work around a route: its writes stand if the answer is a success, and fall if it is anything else.
//!
//! For routes whose use case reads, decides and writes. An answer that acknowledges a write leaves only after the
//! commit; a commit that fails becomes the answer.

use actix_web::{
    Error as ActixError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};

use crate::{
    adapters::http::errors::HttpError,
    domain::Error,
    ports::unit_of_work::{TxOutcome, UnitOfWork},
};

/// Runs the handler in a unit of work.
pub async fn unit_of_work(
    units: Data<dyn UnitOfWork>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, ActixError> {
    let original = request.request().clone();
    let mut answer = None;
    let work = async {
        let response = next.call(request).await;
        let verdict = match &response {
            Ok(response) if response.status().is_success() => TxOutcome::Commit,
            _ => TxOutcome::Rollback,
        };
        answer = Some(response);
        verdict
    };
    let committed = units.run(Box::pin(work)).await;
    match (committed, answer) {
        (Ok(()), Some(answer)) => Ok(answer?.map_into_boxed_body()),
        (Err(error), _) => {
            let error = HttpError::from(Error::from(error));
            Ok(ServiceResponse::from_err(error, original))
        }
        (Ok(()), None) => Ok(ServiceResponse::from_err(HttpError::defect(), original)),
    }
}
