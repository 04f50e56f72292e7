//! Trying again what lost a race against others: a deadlock, or a conflict between serializable transactions.
//!
//! Only what did nothing by failing may be tried again: a statement that stands for itself, or a unit of work from its
//! beginning.

use std::time::Duration;

use rand::RngExt;

use super::error::QueryError;

/// How often the same thing is tried again.
const LIMIT: u32 = 3;

/// The shortest and the longest pause before the first further try, in milliseconds; each later one doubles them. They
/// are drawn by lot, so that two that met do not meet again.
const PAUSE: (u64, u64) = (5, 25);

/// How often something was tried, and may be.
#[derive(Clone, Copy, Debug)]
pub struct Retries {
    done: u32,
    limit: u32,
}

impl Retries {
    /// For what may be tried again.
    pub const SOME: Self = Self { done: 0, limit: LIMIT };
    /// For what may not.
    pub const NONE: Self = Self { done: 0, limit: 0 };

    /// The pause before another try, if there is to be one after this result.
    pub fn pause_after<R>(&mut self, result: &Result<R, QueryError>) -> Option<Duration> {
        let Err(QueryError::Conflict(cause)) = result else { return None };
        if self.done == self.limit {
            return None;
        }
        let (shortest, longest) = PAUSE;
        let pause = Duration::from_millis(rand::rng().random_range(shortest..=longest) << self.done);
        self.done += 1;
        tracing::info!(%cause, attempt = self.done, "lost a race, trying again");
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(mut retries: Retries, outcome: fn() -> Result<(), QueryError>) -> Vec<u128> {
        std::iter::from_fn(|| retries.pause_after(&outcome())).map(|pause| pause.as_millis()).collect()
    }

    #[test]
    fn a_lost_race_is_run_three_times_more_at_most_after_growing_pauses() {
        let pauses = pauses(Retries::SOME, || Err(QueryError::Conflict("deadlock".into())));
        assert_eq!(pauses.len(), 3);
        for (pause, range) in pauses.iter().zip([5..=25, 10..=50, 20..=100]) {
            assert!(range.contains(pause), "{pauses:?}");
        }
    }

    #[test]
    fn nothing_else_is_tried_again() {
        assert!(pauses(Retries::NONE, || Err(QueryError::Conflict("deadlock".into()))).is_empty());
        assert!(pauses(Retries::SOME, || Err(QueryError::Unavailable("gone".into()))).is_empty());
        assert!(pauses(Retries::SOME, || Ok(())).is_empty());
    }
}
