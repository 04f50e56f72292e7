//! Replaces the body of errors that the router or a library has made by that of [`HttpError`], and
//! responds to OPTIONS, which the router rejects.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpResponse, ResponseError};

use crate::adapters::http::errors::HttpError;
use crate::adapters::http::response::MiddlewareResult;

pub async fn error_shape(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> MiddlewareResult {
    let is_options = request.method() == Method::OPTIONS;
    match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.into_parts();
            Ok(ServiceResponse::new(request, shape(response.map_into_boxed_body(), is_options)))
        }
        Err(error) => {
            let response = shape(error.error_response(), is_options);
            Err(InternalError::from_response(error, response).into())
        }
    }
}

/// Keeps the headers (such as `Allow` and those of CORS), except those of the replaced body.
fn shape(response: HttpResponse, is_options: bool) -> HttpResponse {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_json = content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_error || is_json {
        return response;
    }
    let mut shaped = match status {
        StatusCode::METHOD_NOT_ALLOWED if is_options => HttpResponse::NoContent().finish(),
        StatusCode::METHOD_NOT_ALLOWED => HttpError::MethodNotAllowed.error_response(),
        StatusCode::NOT_FOUND => HttpError::RouteNotFound.error_response(),
        StatusCode::PAYLOAD_TOO_LARGE => HttpError::BodyTooLarge.error_response(),
        _ if status.is_server_error() => HttpError::Internal.error_response(),
        _ => HttpError::Other(status).error_response(),
    };
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            shaped.headers_mut().append(name.clone(), value.clone());
        }
    }
    shaped
}
