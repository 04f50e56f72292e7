//! What the domain asks of cryptography: password hashes and tokens.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use crate::domain::{
    error::Cause,
    model::{
        user::{Identity, PasswordHash},
        values::Password,
    },
};

/// Why a cryptographic service could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum SecurityError {
    /// Too many passwords wait to be hashed already.
    #[error("too many passwords wait to be hashed")]
    Overloaded,
    /// A defect: a stored hash that is none, a key that cannot sign.
    #[error("cryptography failed")]
    Internal(#[source] Cause),
}

/// What came of checking a password.
#[derive(Debug)]
pub enum Verification {
    /// It is another.
    Mismatch,
    /// It is the one behind the hash.
    Match,
    /// It is the one behind the hash, which is weaker than new ones are: this is a new one to be stored in its place.
    NeedsRehash(PasswordHash),
}

/// Hashes and checks passwords.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait PasswordHasher: Send + Sync + 'static {
    /// The password as it may be stored, salted anew each time. MUST NOT block the asynchronous threads.
    ///
    /// # Errors
    /// [`SecurityError::Overloaded`] when too many wait already.
    async fn hash(&self, password: Password) -> Result<PasswordHash, SecurityError>;

    /// Whether `password` is the one behind `hash`. Without a hash it is [`Mismatch`](Verification::Wrong), and this MUST
    /// take as long as with one: the time that log-in takes does not tell who is registered.
    ///
    /// # Errors
    /// [`SecurityError::Overloaded`] when too many wait already, [`SecurityError::Internal`] for a hash that is none, or
    /// that would cost much more than those that this hasher makes.
    async fn verify(&self, password: Password, hash: Option<PasswordHash>) -> Result<Verification, SecurityError>;
}

/// A signed token, ready for an `Authorization` header.
#[derive(Clone, Debug)]
pub struct Token(SecretString);

impl Token {
    /// Takes a signed token.
    pub fn new(token: String) -> Self {
        Self(token.into())
    }

    /// The token, for the answer that hands it to its owner.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Signs identities into tokens and back.
#[cfg_attr(test, mockall::automock)]
pub trait Tokens: Send + Sync + 'static {
    /// A token for `identity` that is good from `now` for the configured time.
    ///
    /// # Errors
    /// [`SecurityError::Internal`] when signing fails.
    fn issue(&self, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError>;

    /// A token for the session of `token`, which [`verify`](Self::verify) has accepted: itself while more than half of its
    /// time is left, a new one for `identity` after that.
    ///
    /// # Errors
    /// [`SecurityError::Internal`] when signing fails.
    fn renew(&self, token: Token, identity: &Identity, now: DateTime<Utc>) -> Result<Token, SecurityError>;

    /// Whom `token` speaks for; `None` when it is malformed, not signed by this service, or not good at `now`.
    fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<Identity>;
}
