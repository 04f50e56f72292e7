//! Port of the limiter that slows down password guessing and bulk registration.

use crate::domain::error::RateLimited;
use crate::domain::model::values::{Client, EmailKey, UserId};

/// An attempt to log in or to register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Log-ins and registrations have separate limits per client.
    pub kind: AttemptKind,
    /// Network address the attempt comes from.
    pub client: Client,
    /// Account the attempt is for; it need not exist.
    pub account: EmailKey,
}

/// What an [`Attempt`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    /// A log-in.
    LogIn,
    /// A registration.
    Registration,
}

/// Limits attempts per client and per account: the more there were, the longer the wait, which MUST
/// have an upper bound. Attempts of other clients MUST NOT delay a client that has logged in to the
/// account before.
#[cfg_attr(test, mockall::automock)]
pub trait RateLimiter: Send + Sync + 'static {
    /// Admits an attempt and counts it at once, so that concurrent attempts cannot pass together.
    ///
    /// # Errors
    /// [`RateLimited`] with the time to wait; the attempt does not count.
    fn check(&self, attempt: &Attempt) -> Result<(), RateLimited>;

    /// Admits and counts an account change that hashes a password or reveals whether a name or
    /// e-mail is taken. It counts whatever its result.
    ///
    /// # Errors
    /// [`RateLimited`] with the time to wait; the change does not count.
    fn check_change(&self, user: UserId) -> Result<(), RateLimited>;

    /// Removes a successful attempt from the account's count, and remembers the client.
    fn record_success(&self, attempt: &Attempt);

    /// Removes an attempt whose result was never determined from the account's count.
    fn refund(&self, attempt: &Attempt);
}
