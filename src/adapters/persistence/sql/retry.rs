//! Retries after a conflict with another transaction.
//!
//! Only work whose failure had no effect may be retried: a statement outside a transaction, or a
//! whole unit of work.

use std::ops::RangeInclusive;
use std::time::Duration;

use rand::RngExt;

use super::error::QueryError;

const LIMIT: u32 = 3;

/// Range of the first pause in milliseconds, which doubles with each retry. Pauses are random, so
/// that two transactions do not conflict again.
const PAUSE: RangeInclusive<u64> = 5..=25;

#[derive(Clone, Copy, Debug)]
pub struct Retries {
    done: u32,
    limit: u32,
}

impl Retries {
    pub const ON_CONFLICT: Self = Self { done: 0, limit: LIMIT };
    pub const NONE: Self = Self { done: 0, limit: 0 };

    /// Returns the pause before the next retry, or `None` if `result` is final.
    pub fn pause_after<R>(&mut self, result: &Result<R, QueryError>) -> Option<Duration> {
        let Err(QueryError::Conflict(cause)) = result else { return None };
        if self.done == self.limit {
            return None;
        }
        let pause = Duration::from_millis(rand::rng().random_range(PAUSE) << self.done);
        self.done += 1;
        tracing::info!(%cause, attempt = self.done, "lost a race, trying again");
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(mut retries: Retries, result: fn() -> Result<(), QueryError>) -> Vec<u128> {
        std::iter::from_fn(|| retries.pause_after(&result())).map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn conflict_is_retried_at_most_three_times_with_growing_pauses() {
        let pauses = pauses(Retries::ON_CONFLICT, || Err(QueryError::Conflict("deadlock".into())));
        assert_eq!(pauses.len(), 3);
        for (pause, range) in pauses.iter().zip([5..=25, 10..=50, 20..=100]) {
            assert!(range.contains(pause), "{pauses:?}");
        }
    }

    #[test]
    fn other_results_are_not_retried() {
        assert!(pauses(Retries::NONE, || Err(QueryError::Conflict("deadlock".into()))).is_empty());
        assert!(pauses(Retries::ON_CONFLICT, || Err(QueryError::Unavailable("gone".into()))).is_empty());
        assert!(pauses(Retries::ON_CONFLICT, || Ok(())).is_empty());
    }
}
