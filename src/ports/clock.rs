//! Time and chance, passed in so that use cases can be tested without either.

use chrono::{DateTime, Utc};

/// Tells the time.
#[cfg_attr(test, mockall::automock)]
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole milliseconds: the precision that the API shows is the precision that is stored.
    fn now(&self) -> DateTime<Utc>;
}

/// Makes what nobody can guess.
#[cfg_attr(test, mockall::automock)]
pub trait Randomness: Send + Sync + 'static {
    /// 64 bits from a cryptographically secure generator.
    fn bits(&self) -> u64;
}
