//! What the domain asks of whoever slows down those who guess.

use std::time::Duration;

use crate::domain::model::values::{Client, EmailKey, UserId};

/// Somebody tries to get in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// By which door.
    pub kind: AttemptKind,
    /// From where.
    pub client: Client,
    /// To which account; it need not exist.
    pub account: EmailKey,
}

/// The ways in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptKind {
    /// As one who is known.
    LogIn,
    /// As one who is new.
    Registration,
}

/// An attempt came too soon after those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts: wait {wait:?}")]
pub struct RateLimited {
    /// How long to wait.
    pub wait: Duration,
}

/// Slows down who guesses passwords, and who registers in bulk: the more attempts a client or an account has seen, the
/// longer until the next. The wait has a bound that no number of attempts exceeds, and others who try to get into an account
/// do not hold up who has been there from the same client.
#[cfg_attr(test, mockall::automock)]
pub trait RateLimiter: Send + Sync + 'static {
    /// Lets an attempt begin, and counts it at once: those that run at the same time MUST NOT slip through together.
    ///
    /// # Errors
    /// [`RateLimited`] with the time to wait.
    fn check(&self, attempt: &Attempt) -> Result<(), RateLimited>;

    /// Lets a user change what hashing or looking for others takes, and counts it, whatever comes of it.
    ///
    /// # Errors
    /// [`RateLimited`] with the time to wait; then it does not count.
    fn check_change(&self, user: UserId) -> Result<(), RateLimited>;

    /// The attempt was right: it does not count against the account, whose owner is known at this client from now on.
    fn record_success(&self, attempt: &Attempt);

    /// Whether the attempt was right never became known: it does not count against the account.
    fn refund(&self, attempt: &Attempt);
}
