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
    match next.call(request).await {
        Ok(response) => {
            let (request, response) = response.into_parts();
            let response = response.map_into_boxed_body();
            let is_rejected_options =
                response.status() == StatusCode::METHOD_NOT_ALLOWED && request.method() == Method::OPTIONS;
            let response = if is_rejected_options { options(&response) } else { shape(response) };
            Ok(ServiceResponse::new(request, response))
        }
        Err(error) => {
            let response = shape(error.error_response());
            Err(InternalError::from_response(error, response).into())
        }
    }
}

fn options(rejection: &HttpResponse) -> HttpResponse {
    let mut response = HttpResponse::NoContent().finish();
    for (name, value) in rejection.headers().iter().filter(|(name, _)| *name != header::CONTENT_TYPE) {
        response.headers_mut().append(name.clone(), value.clone());
    }
    response
}

/// Keeps the headers (such as `Allow` and those of CORS), except those of the replaced body.
fn shape(response: HttpResponse) -> HttpResponse {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    let content_type = response.headers().get(header::CONTENT_TYPE);
    let is_json = content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
    if !is_error || is_json {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => HttpError::RouteNotFound,
        StatusCode::METHOD_NOT_ALLOWED => HttpError::MethodNotAllowed,
        StatusCode::PAYLOAD_TOO_LARGE => HttpError::BodyTooLarge,
        _ if status.is_server_error() => HttpError::Internal,
        _ => HttpError::Other(status),
    };
    let mut shaped = error.error_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            shaped.headers_mut().append(name.clone(), value.clone());
        }
    }
    shaped
}
