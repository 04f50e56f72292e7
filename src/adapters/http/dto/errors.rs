//! Error responses in the OpenAPI document, derived from [`HttpError`].

use std::collections::BTreeMap;

use actix_web::ResponseError;
use actix_web::http::StatusCode;
use serde_json::json;
use utoipa::openapi::{ContentBuilder, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use crate::adapters::http::errors::HttpError;
use crate::domain::Resource;
use crate::domain::model::values::{FieldErrors, Violation};

/// What is wrong, by the name of the field or resource.
#[derive(ToSchema)]
#[schema(as = GenericErrorModel)]
#[expect(dead_code, reason = "describes how HttpError is serialized")]
pub struct ErrorBody {
    /// Human-readable messages, at least one per name.
    errors: BTreeMap<String, Vec<String>>,
}

/// Declares types for the attributes of handlers, each with an example of its error.
macro_rules! error_responses {
    ($($name:ident: $error:expr, $description:literal;)+) => {
        $(pub struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses(&$error, $description)
            }
        })+
    };
}

error_responses! {
    InvalidKey: HttpError::IdempotencyKeyInvalid, "The header `Idempotency-Key` is not a valid key.";
    Unauthorized: HttpError::MissingToken, "The token is missing or no longer valid; at log-in, the credentials are wrong.";
    Forbidden: HttpError::Forbidden(Resource::Article), "It belongs to another user.";
    NotFound: HttpError::NotFound(Resource::Article), "The article, the comment or the profile does not exist.";
    TooSlow: HttpError::BodyTooSlow, "The body did not arrive in time; the connection is closed.";
    KeyInFlight: HttpError::IdempotencyKeyInFlight, "A request with this `Idempotency-Key` is still in progress.";
    Conflict: HttpError::Taken(FieldErrors::one("username", Violation::Taken)), "The username, the e-mail or both are taken.";
    TooLarge: HttpError::BodyTooLarge, "The body exceeds the limit of this server.";
    Invalid: HttpError::Invalid(FieldErrors::one("title", Violation::Blank)), "The request is invalid: every invalid field is named.";
    TooMany: HttpError::RateLimited { wait: Default::default() }, "Too many attempts; the same request may succeed later.";
    Unavailable: HttpError::Unavailable, "The service is unavailable; the same request may succeed later.";
}

fn responses(error: &HttpError, description: &str) -> BTreeMap<String, RefOr<Response>> {
    let schema = Ref::from_schema_name(ErrorBody::name());
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(json!(error))).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content);
    let header = |schema, description| HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build();
    let response = match error.status_code() {
        StatusCode::UNAUTHORIZED => {
            response.header("WWW-Authenticate", header(String::schema(), "The authentication scheme to use"))
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            response.header("Retry-After", header(u32::schema(), "Seconds to wait"))
        }
        _ => response,
    };
    BTreeMap::from([(error.status_code().as_str().to_owned(), RefOr::T(response.build()))])
}
