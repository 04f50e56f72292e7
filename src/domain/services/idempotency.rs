//! Carrying a request out once, however often it comes.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::{
        Error,
        model::{
            idempotency::{Claim, Completion, KeyedRequest, Outcome},
            values::{IdempotencyKey, UserId},
        },
    },
    ports::{
        clock::Clock,
        idempotency::{IdempotencyRepository, IdempotencyService, Work},
        unit_of_work::{UnitOfWork, Verdict},
    },
};

/// How long an answer is kept.
const RETENTION: TimeDelta = TimeDelta::hours(24);

/// The use case around requests that come again.
pub struct Idempotency {
    answers: Arc<dyn IdempotencyRepository>,
    units: Arc<dyn UnitOfWork>,
    clock: Arc<dyn Clock>,
    in_flight: InFlight,
}

impl Idempotency {
    /// Answers kept in this store, in its units of work, for a time told by this clock.
    pub fn new(answers: Arc<dyn IdempotencyRepository>, units: Arc<dyn UnitOfWork>, clock: Arc<dyn Clock>) -> Self {
        Self { answers, units, clock, in_flight: InFlight::default() }
    }

    async fn inside(
        &self,
        request: &KeyedRequest,
        work: Work<'_>,
        now: DateTime<Utc>,
    ) -> Result<(Verdict, Outcome), Error> {
        let oldest = now - RETENTION;
        let outcome = match self.answers.claim(request, oldest).await? {
            Claim::InFlight => Outcome::InFlight,
            Claim::Kept { fingerprint, .. } if fingerprint != request.fingerprint => Outcome::Mismatched,
            Claim::Kept { answer, .. } => Outcome::Replayed(answer),
            Claim::Free => match work.await {
                Completion::Failed => Outcome::Answered,
                Completion::SucceededAtLength => return Ok((Verdict::Commit, Outcome::Answered)),
                Completion::Succeeded(answer) if self.answers.keep(request, &answer, now, oldest).await? => {
                    return Ok((Verdict::Commit, Outcome::Answered));
                }
                // Somebody else was faster, and is about to be answered.
                Completion::Succeeded(_) => Outcome::InFlight,
            },
        };
        Ok((Verdict::Rollback, outcome))
    }
}

#[async_trait(?Send)]
impl IdempotencyService for Idempotency {
    async fn once<'a>(&self, request: &KeyedRequest, work: Work<'a>) -> Result<Outcome, Error> {
        let Some(_mark) = self.in_flight.mark(request) else { return Ok(Outcome::InFlight) };
        let now = self.clock.now();
        let mut outcome = Ok(Outcome::InFlight);
        let unit = async {
            match self.inside(request, work, now).await {
                Ok((verdict, done)) => {
                    outcome = Ok(done);
                    verdict
                }
                Err(error) => {
                    outcome = Err(error);
                    Verdict::Rollback
                }
            }
        };
        self.units.run(Box::pin(unit)).await?;
        outcome
    }
}

/// What is being carried out here and now. A store with a single writer lets the second of two wait for the first, so
/// that it cannot tell that they met.
#[derive(Default)]
struct InFlight(Mutex<HashSet<Name>>);

type Name = (UserId, IdempotencyKey);

impl InFlight {
    /// Marks a request, until the mark is dropped; `None` if one with its key is marked.
    fn mark(&self, request: &KeyedRequest) -> Option<Mark<'_>> {
        let name = (request.identity.user, request.key.clone());
        let is_new = self.names().insert(name.clone());
        // Made only then: a mark that is dropped takes the name away.
        is_new.then(|| Mark { marks: self, name })
    }

    fn names(&self) -> MutexGuard<'_, HashSet<Name>> {
        // An insertion or a removal that panicked did not happen.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Dropped when the request is done with, whatever ended it: its answer, a client that went away, a panic.
struct Mark<'a> {
    marks: &'a InFlight,
    name: Name,
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.marks.names().remove(&self.name);
    }
}

#[cfg(test)]
mod tests;
