//! Runs a request with an `Idempotency-Key` at most once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::error::Result;
use crate::domain::model::idempotency::{Claim, Completion, KeyedRequest, Outcome};
use crate::domain::model::values::{IdempotencyKey, UserId};
use crate::ports::clock::Clock;
use crate::ports::idempotency::{IdempotencyRepository, IdempotencyService, Work};
use crate::ports::unit_of_work::{TxOutcome, UnitOfWork};

/// How long a response is replayed.
const RETENTION: TimeDelta = TimeDelta::hours(24);

/// Implements [`IdempotencyService`].
pub struct Idempotency {
    pub(crate) responses: Arc<dyn IdempotencyRepository>,
    pub(crate) unit_of_work: Arc<dyn UnitOfWork>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) in_flight: InFlightKeys,
}

impl Idempotency {
    async fn run_in_transaction(
        &self,
        request: &KeyedRequest,
        work: Work<'_>,
        now: DateTime<Utc>,
    ) -> Result<(TxOutcome, Outcome)> {
        let oldest = now - RETENTION;
        let outcome = match self.responses.claim(request, oldest).await? {
            Claim::InFlight => Outcome::InFlight,
            Claim::Completed { fingerprint, .. } if fingerprint != request.fingerprint => Outcome::KeyReused,
            Claim::Completed { response, .. } => Outcome::Replayed(response),
            Claim::Free => match work.await {
                Completion::Failed => Outcome::Executed,
                Completion::SucceededWithoutStoring => return Ok((TxOutcome::Commit, Outcome::Executed)),
                Completion::Succeeded(response) => {
                    if self.responses.store(request, &response, now, oldest).await? {
                        return Ok((TxOutcome::Commit, Outcome::Executed));
                    }
                    // Another instance was faster, and its response is not visible yet.
                    Outcome::InFlight
                }
            },
        };
        Ok((TxOutcome::Rollback, outcome))
    }
}

#[async_trait(?Send)]
impl IdempotencyService for Idempotency {
    async fn run_once<'a>(&self, request: &KeyedRequest, work: Work<'a>) -> Result<Outcome> {
        let Some(_guard) = self.in_flight.acquire(request) else { return Ok(Outcome::InFlight) };
        let now = self.clock.now();
        let mut result = Ok(Outcome::InFlight);
        let unit = async {
            let (tx_outcome, outcome) = match self.run_in_transaction(request, work, now).await {
                Ok((tx_outcome, outcome)) => (tx_outcome, Ok(outcome)),
                Err(error) => (TxOutcome::Rollback, Err(error)),
            };
            result = outcome;
            tx_outcome
        };
        self.unit_of_work.run(Box::pin(unit)).await?;
        result
    }
}

/// Keys of the requests that run on this instance. The store alone cannot detect these on SQLite:
/// its single writer makes the second request wait until the first has finished.
#[derive(Default)]
pub(crate) struct InFlightKeys(Mutex<HashSet<UserKey>>);

type UserKey = (UserId, IdempotencyKey);

impl InFlightKeys {
    /// Returns `None` if the key is in flight already.
    fn acquire(&self, request: &KeyedRequest) -> Option<KeyGuard<'_>> {
        let key = (request.identity.user, request.key.clone());
        let is_new = self.lock().insert(key.clone());
        // Not `then_some`: a guard that is dropped releases the key.
        is_new.then(|| KeyGuard { keys: self, key })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UserKey>> {
        // A panic cannot leave the set half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Releases the key however the request ends: with a response, a disconnect or a panic.
struct KeyGuard<'a> {
    keys: &'a InFlightKeys,
    key: UserKey,
}

impl Drop for KeyGuard<'_> {
    fn drop(&mut self) {
        self.keys.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests;
