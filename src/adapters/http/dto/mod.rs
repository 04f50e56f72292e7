//! JSON in and out.
//!
//! - [`field`]: one field of a request, in whatever state it came
//! - [`body`]: a request's body, parsed into values with all that is wrong with it
//! - [`users`], [`profiles`], [`articles`], [`comments`]: the shapes of the API's document

pub mod articles;
pub mod body;
pub mod comments;
pub mod field;
pub mod instant;
pub mod profiles;
pub mod users;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::ContentType},
};
use serde::Serialize;

use super::errors::HttpError;

/// An answer with a JSON body.
pub fn json(status: StatusCode, body: &impl Serialize) -> HttpResponse {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            HttpResponse::build(status).insert_header(("Content-Type", "application/json; charset=utf-8")).body(bytes)
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written");
            HttpResponse::InternalServerError()
                .insert_header(ContentType::json())
                .body(r#"{"errors":{"server":["internal error"]}}"#)
        }
    }
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
