//! What can go wrong, in the words of the domain.
//!
//! Use cases answer with these; `adapters::http::errors` is the one place that turns them into status codes.

use std::fmt;

use crate::{
    domain::model::values::{FieldErrors, Violation},
    ports::{
        rate_limiter::RateLimited,
        repositories::{RepositoryError, Unique},
        security::SecurityError,
    },
};

/// The cause of a failure: kept for the log, never told to a client.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An error with all its causes on one line: for the log, and for whoever starts the program.
pub struct WithCauses<'a>(pub &'a (dyn std::error::Error + 'static));

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut causes = std::iter::successors(self.0.source(), |cause| cause.source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

/// The cause of a failure that nothing is broken for: more is asked than can be answered in time.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("more is asked than can be answered in time")]
pub struct Overload;

/// Why a use case could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The token is malformed, wrongly signed, expired or revoked, or its user is gone.
    #[error("the token is not valid")]
    InvalidToken,
    /// Log in with an unknown e-mail or a wrong password: the two are not told apart.
    #[error("the credentials are wrong")]
    WrongCredentials,
    /// Some fields of the request break a rule.
    #[error("invalid: {0}")]
    Invalid(FieldErrors),
    /// A value that must be unique belongs to something else already.
    #[error("taken: {0}")]
    Taken(FieldErrors),
    /// The named thing does not exist.
    #[error("{0} not found")]
    NotFound(Resource),
    /// The thing exists and belongs to somebody else.
    #[error("{0} belongs to somebody else")]
    Forbidden(Resource),
    /// Too many attempts to get in came before this one.
    #[error(transparent)]
    RateLimited(#[from] RateLimited),
    /// Something this service depends on is away or overloaded: the same request may succeed later.
    #[error("unavailable")]
    Unavailable(#[source] Cause),
    /// A defect, here or in something this service depends on.
    #[error("internal error")]
    Internal(#[source] Cause),
}

/// The kinds of things that requests name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// An article, named by its slug.
    Article,
    /// A comment, named by its article's slug and its id.
    Comment,
    /// A user as others see one, named by the username.
    Profile,
}

impl Resource {
    /// The key under which errors about this kind are told.
    pub fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Comment => "comment",
            Self::Profile => "profile",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<RepositoryError> for Error {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::SessionEnded => Self::InvalidToken,
            RepositoryError::Taken(taken) => Self::Taken(taken_fields(&taken)),
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Internal(cause) => Self::Internal(cause),
        }
    }
}

impl From<SecurityError> for Error {
    fn from(error: SecurityError) -> Self {
        match error {
            SecurityError::Overloaded => Self::Unavailable(Overload.into()),
            SecurityError::Internal(cause) => Self::Internal(cause),
        }
    }
}

fn taken_fields(taken: &[Unique]) -> FieldErrors {
    let mut errors = FieldErrors::default();
    for unique in taken {
        errors.push(unique.field(), Violation::Taken);
    }
    errors
}
