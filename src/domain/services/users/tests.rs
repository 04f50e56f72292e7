mod accounts;
mod signing_in;

use mockall::predicate::eq;

use super::*;
use crate::domain::model::user::{CredentialVersion, PasswordHash};
use crate::domain::services::testing::{
    NowOrPanic, amy, assert_fails, identity_of, now, session_ended, stopped_clock, store_unavailable,
};
use crate::ports::business_events::MockBusinessEvents;
use crate::ports::clock::MockRandomness;
use crate::ports::rate_limiter::MockRateLimiter;
use crate::ports::repositories::{MockUserRepository, RepositoryError, Unique};
use crate::ports::security::{MockPasswordHasher, MockTokens, SecurityError, Token};

/// Mocks of all ports: a call that a test does not expect fails it.
#[derive(Default)]
struct Ports {
    users: MockUserRepository,
    hasher: MockPasswordHasher,
    tokens: MockTokens,
    randomness: MockRandomness,
    rate_limiter: MockRateLimiter,
    events: MockBusinessEvents,
}

impl Ports {
    fn service(self) -> Users {
        let Self { users, hasher, tokens, randomness, rate_limiter, events } = self;
        let (users, hasher, tokens) = (Arc::new(users), Arc::new(hasher), Arc::new(tokens));
        let (randomness, rate_limiter, events) = (Arc::new(randomness), Arc::new(rate_limiter), Arc::new(events));
        Users { users, hasher, tokens, clock: stopped_clock(), randomness, rate_limiter, events }
    }

    fn check_change(&mut self) {
        self.rate_limiter.expect_check_change().once().withf(|user| *user == amy().id).return_const(Ok(()));
    }

    fn check(&mut self, attempt: Attempt) {
        self.rate_limiter.expect_check().once().withf(move |given| *given == attempt).return_const(Ok(()));
    }

    fn record_success(&mut self, attempt: Attempt) {
        self.check(attempt.clone());
        self.rate_limiter.expect_record_success().once().withf(move |given| *given == attempt).return_const(());
    }

    fn refund(&mut self, attempt: Attempt) {
        self.check(attempt.clone());
        self.rate_limiter.expect_refund().once().withf(move |given| *given == attempt).return_const(());
    }

    fn expect_event(&mut self, event: BusinessEvent) {
        self.events.expect_record().once().with(eq(event)).return_const(());
    }

    fn draw(&mut self, bits: u64) {
        self.randomness.expect_bits().once().return_const(bits);
    }

    fn hash(&mut self, password: &'static str) {
        self.hasher
            .expect_hash()
            .once()
            .withf(move |given| given.expose() == password)
            .returning(|given| Ok(PasswordHash::new(format!("hash of {}", given.expose()))));
    }

    fn credentials(&mut self, email: &'static str, found: Option<(Account, PasswordHash)>) {
        let key = EmailKey::for_lookup(email);
        self.users.expect_credentials().once().withf(move |given| *given == key).return_once(|_| Ok(found));
    }

    fn verify(&mut self, password: &'static str, hash: Option<&'static str>, verification: Verification) {
        self.hasher
            .expect_verify()
            .once()
            .withf(move |given, stored| given.expose() == password && stored.as_ref().map(PasswordHash::expose) == hash)
            .return_once(move |_, _| Ok(verification));
    }

    fn current(&mut self, identity: Identity, account: Result<Account, RepositoryError>) {
        self.users.expect_current().once().withf(move |given| *given == identity).return_once(|_| account);
    }

    fn update(
        &mut self,
        identity: Identity,
        expected: impl Fn(&UserUpdate) -> bool + Send + 'static,
        result: Result<Account, RepositoryError>,
    ) {
        self.users
            .expect_update()
            .once()
            .withf(move |given, update, at| *given == identity && expected(update) && *at == now())
            .return_once(|_, _, _| result);
    }

    fn sign(&mut self, identity: Identity) {
        self.tokens
            .expect_issue()
            .once()
            .withf(move |signed, at| *signed == identity && *at == now())
            .returning(|_, _| Ok(Token::new("signed".to_owned())));
    }
}

fn session(number: i64) -> Identity {
    Identity { session: SessionId::new(number), ..identity_of(&amy()) }
}
