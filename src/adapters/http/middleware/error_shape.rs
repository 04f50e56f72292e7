//! Every 4xx and 5xx leaves in the one shape, whoever produced it.

use actix_web::{
    Error,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    middleware::Next,
};

use crate::adapters::http::errors::shape;

/// Shapes what is no JSON yet; for all routes.
pub async fn error_shape(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(request, shape(response.map_into_boxed_body())))
        }
        Err(error) => {
            let response = shape(error.error_response());
            Err(InternalError::from_response(error, response).into())
        }
    }
}
