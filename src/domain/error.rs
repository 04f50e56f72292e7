//! Errors of the use cases, in domain terms. `adapters::http::errors` maps them to status codes.

use std::fmt;
use std::time::Duration;

use super::model::values::FieldErrors;

/// The cause of a failure: for the log, never for the client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Displays an error and the chain of its causes on one line.
pub struct WithCauses<'a>(pub &'a (dyn std::error::Error + 'static));

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut causes = std::iter::successors(self.0.source(), |cause| cause.source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

/// Cause of an [`Error::Unavailable`] that is load shedding, not a broken dependency.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("more requests arrive than can be handled in time")]
pub struct Overload;

/// Too many attempts preceded this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts: wait {wait:?}")]
pub struct RateLimited {
    pub wait: Duration,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is malformed, wrongly signed, expired or revoked, or its user is gone.
    #[error("the token is not valid")]
    InvalidToken,
    /// The e-mail is unknown or the password is wrong: the client does not learn which.
    #[error("the credentials are wrong")]
    WrongCredentials,
    #[error("the request is invalid")]
    Invalid(#[from] FieldErrors),
    #[error("values are taken")]
    Taken(#[source] FieldErrors),
    #[error("{} not found", .0.name())]
    NotFound(Resource),
    #[error("{} belongs to another user", .0.name())]
    Forbidden(Resource),
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// A dependency is down or overloaded: the same request may succeed later.
    #[error("unavailable")]
    Unavailable(#[source] Cause),
    /// A defect, here or in a dependency.
    #[error("internal error")]
    Internal(#[source] Cause),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Article,
    Comment,
    Profile,
}

impl Resource {
    pub fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Comment => "comment",
            Self::Profile => "profile",
        }
    }
}
