//! The answers that are errors, each with an example. All have the one shape of [`HttpError`](crate::adapters::http::errors::HttpError).

#![allow(dead_code, reason = "these describe what HttpError answers, and are never made")]

use std::collections::BTreeMap;

use utoipa::{IntoResponses, ToSchema};

/// What is wrong, by the name of the field or of the thing that it is wrong with.
#[derive(ToSchema)]
#[schema(as = GenericErrorModel)]
pub struct ErrorBody {
    /// Messages for people, at least one for each name.
    errors: BTreeMap<String, Vec<String>>,
}

/// The header `Idempotency-Key` holds no key.
#[derive(IntoResponses)]
#[response(
    status = 400,
    example = json!({"errors": {"Idempotency-Key": ["must be a quoted string of 1 to 255 printable ASCII characters"]}})
)]
pub struct NoKey(ErrorBody);

/// A request with this `Idempotency-Key` is still being answered.
#[derive(IntoResponses)]
#[response(
    status = 409,
    example = json!({"errors": {"Idempotency-Key": ["belongs to a request that is still being answered"]}})
)]
pub struct KeyInFlight(ErrorBody);

/// No token, or one that is good no more; at log-in the wrong credentials.
#[derive(IntoResponses)]
#[response(
    status = 401,
    headers(("WWW-Authenticate" = String, description = "The scheme of the token that is wanted")),
    example = json!({"errors": {"token": ["is missing"]}})
)]
pub struct Unauthorized(ErrorBody);

/// It belongs to somebody else.
#[derive(IntoResponses)]
#[response(status = 403, example = json!({"errors": {"article": ["forbidden"]}}))]
pub struct Forbidden(ErrorBody);

/// The article, the comment or the profile does not exist.
#[derive(IntoResponses)]
#[response(status = 404, example = json!({"errors": {"article": ["not found"]}}))]
pub struct NotFound(ErrorBody);

/// The body did not come in time; the connection is closed.
#[derive(IntoResponses)]
#[response(status = 408, example = json!({"errors": {"body": ["is too slow"]}}))]
pub struct TooSlow(ErrorBody);

/// The username, the e-mail or both belong to somebody else.
#[derive(IntoResponses)]
#[response(status = 409, example = json!({"errors": {"username": ["has already been taken"]}}))]
pub struct Conflict(ErrorBody);

/// The body is larger than this service takes.
#[derive(IntoResponses)]
#[response(status = 413, example = json!({"errors": {"body": ["is too large"]}}))]
pub struct TooLarge(ErrorBody);

/// Something about the request is wrong: all offending fields are told at once.
#[derive(IntoResponses)]
#[response(status = 422, example = json!({"errors": {"title": ["can't be blank"]}}))]
pub struct Invalid(ErrorBody);

/// Too many attempts; the same request may do later.
#[derive(IntoResponses)]
#[response(
    status = 429,
    headers(("Retry-After" = u32, description = "Seconds to wait")),
    example = json!({"errors": {"request": ["too many"]}})
)]
pub struct TooMany(ErrorBody);

/// The service cannot answer now; the same request may do later.
#[derive(IntoResponses)]
#[response(
    status = 503,
    headers(("Retry-After" = u32, description = "Seconds to wait")),
    example = json!({"errors": {"service": ["is unavailable"]}})
)]
pub struct Unavailable(ErrorBody);
