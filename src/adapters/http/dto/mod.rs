//! JSON in and out.
//!
//! - [`field`]: one field of a request, in whatever state it came
//! - [`depth`]: how deep a body may be nested
//! - [`body`]: a request's body, parsed into values with all that is wrong with it
//! - [`users`], [`profiles`], [`articles`], [`comments`]: the shapes of the API's document

pub mod articles;
pub mod body;
pub mod comments;
pub mod depth;
pub mod field;
pub mod instant;
pub mod profiles;
pub mod users;

use actix_web::{
    HttpResponse,
    body::MessageBody,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue},
    },
};
use serde::Serialize;

use super::errors::HttpError;

/// Room in bytes for most answers from the start; a page of articles doubles it once or twice.
const USUAL_SIZE: usize = 4096;

/// An answer with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    let mut bytes = Vec::with_capacity(USUAL_SIZE);
    match serde_json::to_writer(&mut bytes, body) {
        Ok(()) => json_text(status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            HttpResponse::from_error(HttpError::defect())
        }
    }
}

/// An answer with a body that is JSON already.
pub fn json_text(status: StatusCode, body: impl MessageBody + 'static) -> HttpResponse {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    HttpResponse::build(status).insert_header((CONTENT_TYPE, kind)).body(body)
}

/// 200 with a JSON body.
pub fn ok(body: &impl Serialize) -> Result<HttpResponse, HttpError> {
    Ok(json(StatusCode::OK, body))
}

/// 201 with a JSON body.
pub fn created(body: &impl Serialize) -> Result<HttpResponse, HttpError> {
    Ok(json(StatusCode::CREATED, body))
}

/// 204 without a body.
pub fn no_content() -> Result<HttpResponse, HttpError> {
    Ok(HttpResponse::NoContent().finish())
}
