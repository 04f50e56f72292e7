//! One function per endpoint: it takes the request apart, asks a service and puts the answer together.

pub mod articles;
pub mod comments;
pub mod health;
pub mod profiles;
pub mod users;

use actix_web::HttpResponse;

use super::errors::HttpError;

/// What a handler gives.
pub type HandlerResult = Result<HttpResponse, HttpError>;
