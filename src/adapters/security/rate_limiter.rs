//! Rate limits for log-ins, registrations and account changes, kept in the memory of one instance:
//! in the database each attempt would cost a write.
//!
//! An attempt must pass three limits:
//!
//! - all attempts of the client, successful ones too
//! - failures of the client at the account
//! - failures at the account by all clients; clients that have logged in to it before are exempt,
//!   so that strangers cannot lock the owner out

mod bucket;
mod tables;

use std::time::{Duration, Instant};

use self::bucket::{Limit, Ticks, ticks};
use self::tables::{Buckets, ExpiringSet};
use crate::domain::error::RateLimited;
use crate::domain::model::values::UserId;
use crate::ports::rate_limiter::{Attempt, AttemptKind, RateLimiter};

/// 30 at once, since many users may share an address; then one every 3 s.
const LOG_INS_OF_CLIENT: Limit = Limit { burst: 30, leak_interval: 30 };

/// 10 at once, then one every 30 s.
const REGISTRATIONS_OF_CLIENT: Limit = Limit { burst: 10, leak_interval: 300 };

/// 10 at once, then one every 30 s.
const CHANGES_OF_USER: Limit = Limit { burst: 10, leak_interval: 300 };

/// 5 at once, then after 1 s, 2 s, 4 s and so on up to one a minute.
const FAILURES_OF_CLIENT_AT_ACCOUNT: Limit = Limit { burst: 5, leak_interval: 600 };

/// 50 at once, then as above.
const FAILURES_AT_ACCOUNT: Limit = Limit { burst: 50, leak_interval: 600 };

/// How long a client that has logged in to an account is exempt from [`FAILURES_AT_ACCOUNT`].
const EXEMPT_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

pub struct AttemptLimiter(Option<Limits>);

struct Limits {
    started_at: Instant,
    buckets: Buckets,
    exempt: ExpiringSet,
}

impl AttemptLimiter {
    pub fn on() -> Self {
        Self(Some(Limits::new()))
    }

    pub fn off() -> Self {
        Self(None)
    }

    fn limited(&self, check: impl FnOnce(&Limits) -> Result<(), Ticks>) -> Result<(), RateLimited> {
        let checked = self.0.as_ref().map_or(Ok(()), check);
        checked.map_err(|wait| RateLimited { wait: Duration::from_millis(100) * wait })
    }
}

impl RateLimiter for AttemptLimiter {
    fn check(&self, attempt: &Attempt) -> Result<(), RateLimited> {
        self.limited(|limits| limits.check(attempt, limits.now()))
    }

    fn check_change(&self, user: UserId) -> Result<(), RateLimited> {
        self.limited(|limits| limits.buckets.add(user, CHANGES_OF_USER, limits.now()))
    }

    fn record_success(&self, attempt: &Attempt) {
        if let Some(limits) = &self.0 {
            limits.record_success(attempt, limits.now());
        }
    }

    fn refund(&self, attempt: &Attempt) {
        if let Some(limits) = &self.0 {
            limits.refund(attempt, limits.now());
        }
    }
}

impl Limits {
    fn new() -> Self {
        Self { started_at: Instant::now(), buckets: Buckets::new(), exempt: ExpiringSet::new() }
    }

    /// Starts at 1: an unused bucket allows the next attempt at 0.
    fn now(&self) -> Ticks {
        ticks(self.started_at.elapsed()).saturating_add(1)
    }

    /// An attempt that exceeds one limit counts towards none.
    fn check(&self, attempt: &Attempt, now: Ticks) -> Result<(), Ticks> {
        let limit = match attempt.kind {
            AttemptKind::LogIn => LOG_INS_OF_CLIENT,
            AttemptKind::Registration => REGISTRATIONS_OF_CLIENT,
        };
        let client = (&attempt.client, attempt.kind);
        self.buckets.add(client, limit, now)?;
        self.check_account(attempt, now).inspect_err(|_| self.buckets.refund(client, limit))
    }

    fn check_account(&self, Attempt { client, account, .. }: &Attempt, now: Ticks) -> Result<(), Ticks> {
        self.buckets.add((client, account), FAILURES_OF_CLIENT_AT_ACCOUNT, now)?;
        if self.exempt.contains((client, account), now) {
            return Ok(());
        }
        let at_account = self.buckets.add(account, FAILURES_AT_ACCOUNT, now);
        at_account.inspect_err(|_| self.buckets.refund((client, account), FAILURES_OF_CLIENT_AT_ACCOUNT))
    }

    fn record_success(&self, attempt: &Attempt, now: Ticks) {
        self.refund(attempt, now);
        self.exempt.insert((&attempt.client, &attempt.account), now.saturating_add(ticks(EXEMPT_FOR)));
    }

    fn refund(&self, Attempt { client, account, .. }: &Attempt, now: Ticks) {
        self.buckets.refund((client, account), FAILURES_OF_CLIENT_AT_ACCOUNT);
        if !self.exempt.contains((client, account), now) {
            self.buckets.refund(account, FAILURES_AT_ACCOUNT);
        }
    }
}

#[cfg(test)]
mod tests;
