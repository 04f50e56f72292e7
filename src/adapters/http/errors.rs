//! [`HttpError`]: the only conversion of errors to responses. Every body has the shape
//! `{"errors": {"<key>": ["<message>", ...]}}`.

use std::fmt;
use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::{Serialize, Serializer};

use crate::domain::error::{Overload, WithCauses};
use crate::domain::model::values::FieldErrors;
use crate::domain::{Error, Resource};

pub const APPLICATION_JSON: &str = "application/json; charset=utf-8";

#[derive(Debug)]
pub enum HttpError {
    BodyNotJson,
    BodyTooLarge,
    BodyTooSlow,
    Forbidden(Resource),
    IdempotencyKeyInFlight,
    IdempotencyKeyInvalid,
    IdempotencyKeyReused,
    Internal,
    Invalid(FieldErrors),
    InvalidToken,
    MethodNotAllowed,
    MissingToken,
    NotFound(Resource),
    RateLimited {
        wait: Duration,
    },
    RouteNotFound,
    Taken(FieldErrors),
    Unavailable,
    WrongCredentials,
    /// An error of a library for which there is no other variant.
    Other(StatusCode),
}

type Messages = Vec<(&'static str, String)>;

impl HttpError {
    fn parts(&self) -> (StatusCode, Messages) {
        let one = |status, key, message: &str| (status, vec![(key, message.to_owned())]);
        match self {
            Self::IdempotencyKeyInvalid => one(
                StatusCode::BAD_REQUEST,
                "Idempotency-Key",
                "must be a quoted string of 1 to 255 printable ASCII characters",
            ),
            Self::MissingToken => one(StatusCode::UNAUTHORIZED, "token", "is missing"),
            Self::InvalidToken => one(StatusCode::UNAUTHORIZED, "token", "is invalid"),
            Self::WrongCredentials => one(StatusCode::UNAUTHORIZED, "credentials", "invalid"),
            Self::Forbidden(resource) => one(StatusCode::FORBIDDEN, resource.name(), "forbidden"),
            Self::NotFound(resource) => one(StatusCode::NOT_FOUND, resource.name(), "not found"),
            Self::RouteNotFound => one(StatusCode::NOT_FOUND, "route", "not found"),
            Self::MethodNotAllowed => one(StatusCode::METHOD_NOT_ALLOWED, "method", "not allowed"),
            Self::BodyTooSlow => one(StatusCode::REQUEST_TIMEOUT, "body", "is too slow"),
            Self::Taken(fields) => (StatusCode::CONFLICT, messages(fields)),
            Self::IdempotencyKeyInFlight => {
                one(StatusCode::CONFLICT, "Idempotency-Key", "belongs to a request that is still being answered")
            }
            Self::BodyTooLarge => one(StatusCode::PAYLOAD_TOO_LARGE, "body", "is too large"),
            Self::BodyNotJson => one(StatusCode::UNPROCESSABLE_ENTITY, "body", "is not valid JSON"),
            Self::Invalid(fields) => (StatusCode::UNPROCESSABLE_ENTITY, messages(fields)),
            Self::IdempotencyKeyReused => {
                one(StatusCode::UNPROCESSABLE_ENTITY, "Idempotency-Key", "belongs to another request")
            }
            Self::RateLimited { .. } => one(StatusCode::TOO_MANY_REQUESTS, "request", "too many"),
            Self::Internal => one(StatusCode::INTERNAL_SERVER_ERROR, "server", "internal error"),
            Self::Unavailable => one(StatusCode::SERVICE_UNAVAILABLE, "service", "is unavailable"),
            Self::Other(status) => {
                one(*status, "request", &status.canonical_reason().unwrap_or("is invalid").to_lowercase())
            }
        }
    }

    /// In seconds, rounded up so that the client does not retry too early.
    fn retry_after(&self) -> u64 {
        match self {
            Self::RateLimited { wait } => wait.as_secs() + u64::from(wait.subsec_nanos() > 0),
            _ => 1,
        }
    }
}

fn messages(fields: &FieldErrors) -> Messages {
    fields.iter().map(|error| (error.field, error.violation.to_string())).collect()
}

/// Logs the cause of what clients learn only the status of.
impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidToken => Self::InvalidToken,
            Error::WrongCredentials => Self::WrongCredentials,
            Error::Invalid(fields) => Self::Invalid(fields),
            Error::Taken(fields) => Self::Taken(fields),
            Error::NotFound(resource) => Self::NotFound(resource),
            Error::Forbidden(resource) => Self::Forbidden(resource),
            Error::RateLimited(limit) => Self::RateLimited { wait: limit.wait },
            Error::Unavailable(cause) => {
                let error = WithCauses(cause.as_ref());
                if cause.is::<Overload>() {
                    // One line per rejected request: warnings would bury everything else.
                    tracing::info!(%error, "unavailable");
                } else {
                    tracing::warn!(%error, "unavailable");
                }
                Self::Unavailable
            }
            Error::Internal(cause) => {
                tracing::error!(error = %WithCauses(cause.as_ref()), "internal error");
                Self::Internal
            }
        }
    }
}

impl From<FieldErrors> for HttpError {
    fn from(fields: FieldErrors) -> Self {
        Self::Invalid(fields)
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (status, messages) = self.parts();
        write!(f, "{status}")?;
        messages.iter().try_for_each(|(key, message)| write!(f, ", {key} {message}"))
    }
}

impl ResponseError for HttpError {
    fn status_code(&self) -> StatusCode {
        self.parts().0
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        match status {
            // RFC 9110, section 15.5.2: a 401 names the scheme to use.
            StatusCode::UNAUTHORIZED => response.insert_header((header::WWW_AUTHENTICATE, "Token")),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                response.insert_header((header::RETRY_AFTER, self.retry_after()))
            }
            // The rest of the body may arrive in place of the next request.
            StatusCode::REQUEST_TIMEOUT => response.force_close(),
            _ => &mut response,
        };
        response.content_type(APPLICATION_JSON).json(self)
    }
}

impl Serialize for HttpError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("errors", ByKey(self.parts().1))])
    }
}

/// Messages grouped by key, in the order of the first message of each key.
struct ByKey(Messages);

impl Serialize for ByKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for (key, message) in &self.0 {
            match groups.iter_mut().find(|(other, _)| other == key) {
                Some((_, group)) => group.push(message),
                None => groups.push((key, vec![message])),
            }
        }
        serializer.collect_map(groups)
    }
}
