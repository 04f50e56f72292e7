//! Attempts to get in, counted in memory by client and by account.
//!
//! Three counts stand between an attempt and its password, each with limits of its own:
//!
//! - the attempts of a client at whatever account, also those that succeed
//! - the failures of a client at an account
//! - the failures at an account, wherever they come from. Who has logged in to it before from the same client is not
//!   held up by these: strangers who try cannot keep the owner out.
//!
//! The changes of an account by its user are counted too, by the user alone.
//!
//! Each instance counts for itself, and starts from nothing: counted in the database, every attempt would cost a write.

mod cell;
mod table;

use std::time::{Duration, Instant};

use self::{
    cell::{Limits, Ticks, ticks},
    table::{Counts, Known},
};
use crate::{
    domain::model::values::UserId,
    ports::rate_limiter::{Attempt, AttemptKind, RateLimited, RateLimiter},
};

/// The log-ins of a client: 30 at once, as many people may share an address; then one each 3 s.
const CLIENT_LOG_INS: Limits = Limits { free: 30, drain: 30 };

/// The registrations of a client: 10 at once, then one each 30 s.
const CLIENT_REGISTRATIONS: Limits = Limits { free: 10, drain: 300 };

/// The changes of a user's name, e-mail or password: 10 at once, then one each 30 s. They tell who is registered as
/// registrations do, and hash as log-ins do.
const CHANGES: Limits = Limits { free: 10, drain: 300 };

/// The failures of a client at an account: 5 at once, then after 1 s, 2 s, 4 s and so on up to one a minute.
const CLIENT_AT_ACCOUNT: Limits = Limits { free: 5, drain: 600 };

/// The failures at an account: 50 at once, then the same.
const ACCOUNT: Limits = Limits { free: 50, drain: 600 };

/// How long a client is known at an account after it has logged in.
const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// Slows attempts down, or lets all of them pass.
pub struct AttemptLimiter(Option<State>);

struct State {
    begun: Instant,
    counts: Counts,
    known: Known,
}

impl AttemptLimiter {
    /// One that counts.
    pub fn on() -> Self {
        Self(Some(State { begun: Instant::now(), counts: Counts::new(), known: Known::new() }))
    }

    /// One that lets everybody pass.
    pub fn off() -> Self {
        Self(None)
    }

    fn ask(&self, check: impl FnOnce(&State) -> Result<(), Ticks>) -> Result<(), RateLimited> {
        let admitted = self.0.as_ref().map_or(Ok(()), check);
        admitted.map_err(|wait| RateLimited { wait: Duration::from_millis(100) * wait })
    }
}

impl RateLimiter for AttemptLimiter {
    fn check(&self, attempt: &Attempt) -> Result<(), RateLimited> {
        self.ask(|state| state.check(attempt, state.now()))
    }

    fn check_change(&self, user: UserId) -> Result<(), RateLimited> {
        self.ask(|state| state.counts.charge(user, CHANGES, state.now()))
    }

    fn record_success(&self, attempt: &Attempt) {
        if let Some(state) = &self.0 {
            state.record_success(attempt, state.now());
        }
    }

    fn refund(&self, attempt: &Attempt) {
        if let Some(state) = &self.0 {
            state.refund(attempt, state.now());
        }
    }
}

impl State {
    /// The first moment is not zero: a cell that was never used is one whose wait is over.
    fn now(&self) -> Ticks {
        ticks(self.begun.elapsed()).saturating_add(1)
    }

    /// An attempt that is refused by one count counts in none.
    fn check(&self, attempt: &Attempt, now: Ticks) -> Result<(), Ticks> {
        let limits = match attempt.kind {
            AttemptKind::LogIn => CLIENT_LOG_INS,
            AttemptKind::Registration => CLIENT_REGISTRATIONS,
        };
        let client = (&attempt.client, attempt.kind);
        self.counts.charge(client, limits, now)?;
        self.admit_to_account(attempt, now).inspect_err(|_| self.counts.refund(client, limits))
    }

    fn admit_to_account(&self, Attempt { client, account, .. }: &Attempt, now: Ticks) -> Result<(), Ticks> {
        self.counts.charge((client, account), CLIENT_AT_ACCOUNT, now)?;
        if self.known.knows((client, account), now) {
            return Ok(());
        }
        let at_account = self.counts.charge(account, ACCOUNT, now);
        at_account.inspect_err(|_| self.counts.refund((client, account), CLIENT_AT_ACCOUNT))
    }

    fn record_success(&self, attempt: &Attempt, now: Ticks) {
        self.refund(attempt, now);
        self.known.remember((&attempt.client, &attempt.account), now.saturating_add(ticks(KNOWN_FOR)));
    }

    fn refund(&self, Attempt { client, account, .. }: &Attempt, now: Ticks) {
        self.counts.refund((client, account), CLIENT_AT_ACCOUNT);
        if !self.known.knows((client, account), now) {
            self.counts.refund(account, ACCOUNT);
        }
    }
}

#[cfg(test)]
mod tests;
