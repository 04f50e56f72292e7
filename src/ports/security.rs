//! Ports for password hashes and tokens.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::error::{Cause, Error, Overload};
use crate::domain::model::user::{Identity, PasswordHash};
use crate::domain::model::values::Password;

/// Why hashing, verifying or signing failed.
#[derive(Debug, thiserror::Error)]
pub enum SecurityError {
    /// The queue of passwords to hash is full.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    /// A defect, such as a malformed stored hash or a key that cannot sign.
    #[error("cryptography failed")]
    Internal(#[source] Cause),
}

impl SecurityError {
    /// Wraps a library's error as a defect.
    pub fn internal(error: impl Into<Cause>) -> Self {
        Self::Internal(error.into())
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

/// Result of verifying a password.
#[derive(Debug)]
pub enum Verification {
    /// The password is wrong.
    Mismatch,
    /// The password is right.
    Match,
    /// The password is right, but its hash weaker than new ones: store this one instead.
    NeedsRehash(PasswordHash),
}

/// Hashes and verifies passwords.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// Returns a hash of the password with a new salt. MUST NOT block the async runtime.
    ///
    /// # Errors
    /// [`SecurityError::Overloaded`] if the queue is full.
    async fn hash(&self, password: Password) -> Result<PasswordHash, SecurityError>;

    /// Verifies `password` against `hash`. Without a hash the result is [`Verification::Mismatch`],
    /// and MUST take as long as with one: the duration of a log-in must not reveal whether an
    /// account exists.
    ///
    /// # Errors
    /// [`SecurityError::Overloaded`] if the queue is full; [`SecurityError::Internal`] for a
    /// malformed hash, or one that would cost much more than those that this hasher makes.
    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<Verification, SecurityError>;
}

/// Signed token for an `Authorization` header.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// Wraps a signed token.
    pub fn new(token: String) -> Self {
        Self(token.into())
    }

    /// Returns the token, for the response to its owner.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Signs identities into tokens and verifies them.
#[cfg_attr(test, mockall::automock)]
pub trait Tokens: Send + Sync + 'static {
    /// Returns a token for `identity` that is valid from `now` for the configured lifetime. The
    /// only error is [`SecurityError::Internal`].
    fn issue(&self, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError>;

    /// Returns `token`, which [`verify`](Self::verify) has accepted, during the first hundredth of
    /// its lifetime, and a new one for `identity` after that. A token signed by the previous key is
    /// always replaced. The only error is [`SecurityError::Internal`].
    fn renew(&self, token: Token, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError>;

    /// Returns the identity that `token` was issued for; `None` if it is malformed, not signed by
    /// this service, or expired at `now`.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity>;
}
