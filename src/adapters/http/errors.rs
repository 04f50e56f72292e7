//! The one shape of every error: `{"errors": {"<key>": ["<message>", ...]}}`.
//!
//! The domain's errors become answers here and nowhere else. What has no word in the domain (a missing token, a body
//! that is no JSON, an unknown route) has its constructor here. An error that no handler made (the router's, a
//! library's) gets the shape by [`shape`].

use std::{fmt, time::Duration};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        ConnectionType, StatusCode,
        header::{self, HeaderMap},
    },
};
use serde::{Serialize, Serializer, ser::SerializeMap};

use super::dto::json;
use crate::domain::{
    Error,
    error::{Cause, Overload, RateLimited, WithCauses},
    model::values::FieldErrors,
};

/// How long a client is asked to wait before it tries again, in seconds, where nothing better is known.
const RETRY_AFTER: u64 = 1;

/// The header that its errors are about.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// An error as the client gets it.
#[derive(Debug)]
pub struct HttpError {
    status: StatusCode,
    errors: Vec<(&'static str, String)>,
    retry_after: u64,
}

impl HttpError {
    fn new(status: StatusCode, key: &'static str, message: impl Into<String>) -> Self {
        Self { status, errors: vec![(key, message.into())], retry_after: RETRY_AFTER }
    }

    fn of_fields(status: StatusCode, fields: &FieldErrors) -> Self {
        let errors = fields.iter().map(|error| (error.field, error.violation.to_string())).collect();
        Self { status, errors, retry_after: RETRY_AFTER }
    }

    /// Too many attempts; the next may come after this time.
    fn too_many(wait: Duration) -> Self {
        // Rounded up: who comes back then is not too early again.
        let retry_after = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        Self { retry_after, ..Self::new(StatusCode::TOO_MANY_REQUESTS, "request", "too many") }
    }

    /// A route that needs a token was asked without one.
    pub fn missing_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "token", "is missing")
    }

    /// The body is no JSON.
    pub fn no_json() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "body", "is not valid JSON")
    }

    /// The body is larger than the limit.
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "body", "is too large")
    }

    /// The body did not come in time.
    pub fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "body", "is too slow")
    }

    /// The header `Idempotency-Key` holds no key.
    pub fn no_idempotency_key() -> Self {
        let message = "must be a quoted string of 1 to 255 printable ASCII characters";
        Self::new(StatusCode::BAD_REQUEST, IDEMPOTENCY_KEY, message)
    }

    /// A request with this key is being answered.
    pub fn idempotency_key_in_flight() -> Self {
        Self::new(StatusCode::CONFLICT, IDEMPOTENCY_KEY, "belongs to a request that is still being answered")
    }

    /// Another request had this key.
    pub fn idempotency_key_mismatched() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, IDEMPOTENCY_KEY, "belongs to another request")
    }

    /// Nothing is served at this path.
    pub fn no_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "route", "not found")
    }

    /// The path knows other methods.
    pub fn no_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "not allowed")
    }

    /// Something this service depends on is away; `cause` is for the log.
    pub fn unavailable(cause: &Cause) -> Self {
        let error = WithCauses(cause.as_ref());
        if cause.is::<Overload>() {
            // One line for each who is turned away in a rush, at the level of the lines for those who are answered.
            tracing::info!(%error, "unavailable");
        } else {
            tracing::warn!(%error, "unavailable");
        }
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service", "is unavailable")
    }

    /// This instance serves nobody new.
    pub fn stopping() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "service", "is unavailable")
    }

    /// A defect; `cause` is for the log.
    pub fn internal(cause: &Cause) -> Self {
        tracing::error!(error = %WithCauses(cause.as_ref()), "internal error");
        Self::defect()
    }

    /// A defect that is in the log already.
    pub fn defect() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server", "internal error")
    }
}

impl From<Error> for HttpError {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidToken => Self::new(StatusCode::UNAUTHORIZED, "token", "is invalid"),
            Error::WrongCredentials => Self::new(StatusCode::UNAUTHORIZED, "credentials", "invalid"),
            Error::Invalid(fields) => Self::of_fields(StatusCode::UNPROCESSABLE_ENTITY, &fields),
            Error::Taken(fields) => Self::of_fields(StatusCode::CONFLICT, &fields),
            Error::NotFound(resource) => Self::new(StatusCode::NOT_FOUND, resource.name(), "not found"),
            Error::Forbidden(resource) => Self::new(StatusCode::FORBIDDEN, resource.name(), "forbidden"),
            Error::RateLimited(RateLimited { wait }) => Self::too_many(wait),
            Error::Unavailable(cause) => Self::unavailable(&cause),
            Error::Internal(cause) => Self::internal(&cause),
        }
    }
}

impl From<FieldErrors> for HttpError {
    fn from(fields: FieldErrors) -> Self {
        Error::from(fields).into()
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        self.errors.iter().try_for_each(|(key, message)| write!(f, ", {key} {message}"))
    }
}

impl ResponseError for HttpError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = json(self.status, self);
        let headers = response.headers_mut();
        match self.status {
            // RFC 9110, section 15.5.2: an answer with 401 names the scheme that is wanted.
            StatusCode::UNAUTHORIZED => {
                headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Token"))
            }
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(header::RETRY_AFTER, self.retry_after.into())
            }
            // Nobody waits for the rest: the next request is not looked for behind it.
            StatusCode::REQUEST_TIMEOUT => {
                response.head_mut().set_connection_type(ConnectionType::Close);
                return response;
            }
            _ => return response,
        };
        response
    }
}

impl Serialize for HttpError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut body = serializer.serialize_map(Some(1))?;
        body.serialize_entry("errors", &Messages(&self.errors))?;
        body.end()
    }
}

/// Messages under their keys, each key once, in the order in which they were found.
struct Messages<'a>(&'a [(&'static str, String)]);

impl Serialize for Messages<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (place, (key, _)) in self.0.iter().enumerate() {
            let is_first = self.0.iter().take(place).all(|(earlier, _)| earlier != key);
            if is_first {
                let messages: Vec<&str> = self.0.iter().filter(|(k, _)| k == key).map(|(_, m)| m.as_str()).collect();
                map.serialize_entry(key, &messages)?;
            }
        }
        map.end()
    }
}

/// Gives an error answer that was made elsewhere the one shape; its headers stay (`Allow`, CORS), but for those of the
/// old body.
pub fn shape(response: HttpResponse) -> HttpResponse {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_json(response.headers()) {
        return response;
    }
    let error = match status {
        StatusCode::NOT_FOUND => HttpError::no_route(),
        StatusCode::METHOD_NOT_ALLOWED => HttpError::no_method(),
        StatusCode::PAYLOAD_TOO_LARGE => HttpError::too_large(),
        _ if status.is_server_error() => HttpError::defect(),
        _ => HttpError::new(status, "request", status.canonical_reason().unwrap_or("is invalid").to_lowercase()),
    };
    let mut shaped = error.error_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH {
            shaped.headers_mut().append(name.clone(), value.clone());
        }
    }
    shaped
}

fn is_json(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}
