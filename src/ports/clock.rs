//! Time and randomness, passed in so that tests control them.

use chrono::{DateTime, Utc};

/// Source of the current time.
#[cfg_attr(test, mockall::automock)]
pub trait Clock: Send + Sync + 'static {
    /// Returns the current time in whole milliseconds, the precision that is stored and shown.
    fn now(&self) -> DateTime<Utc>;
}

/// Source of unpredictable numbers.
#[cfg_attr(test, mockall::automock)]
pub trait Randomness: Send + Sync + 'static {
    /// Returns 64 bits from a cryptographically secure generator.
    fn bits(&self) -> u64;
}
