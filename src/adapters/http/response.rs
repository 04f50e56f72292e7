//! Responses of handlers, and the result types of handlers and middleware.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use serde::Serialize;

use super::errors::{APPLICATION_JSON, HttpError};
use crate::domain::Error;

pub type HandlerResult = Result<HttpResponse, HttpError>;

pub type MiddlewareResult<B = BoxBody> = Result<ServiceResponse<B>, actix_web::Error>;

/// Bytes that most responses fit in; a page of articles doubles the buffer once or twice.
const INITIAL_CAPACITY: usize = 4096;

pub fn ok(body: &impl Serialize) -> HandlerResult {
    json(StatusCode::OK, body)
}

pub fn created(body: &impl Serialize) -> HandlerResult {
    json(StatusCode::CREATED, body)
}

pub fn no_content() -> HandlerResult {
    Ok(HttpResponse::NoContent().finish())
}

fn json(status: StatusCode, body: &impl Serialize) -> HandlerResult {
    let mut bytes = Vec::with_capacity(INITIAL_CAPACITY);
    serde_json::to_writer(&mut bytes, body).map_err(|error| Error::Internal(error.into()))?;
    Ok(json_text(status, bytes))
}

pub fn json_text(status: StatusCode, body: impl MessageBody + 'static) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, header::HeaderValue::from_static(APPLICATION_JSON)))
        .body(body)
}

pub fn plain_text(body: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(body)
}
