//! Fixtures for tests of the services. Mocks never wait, so that no async runtime is needed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use mockall::predicate::eq;

use crate::domain::model::about::About;
use crate::domain::model::user::{Account, CredentialVersion, Identity};
use crate::domain::model::values::{Bio, Email, SessionId, Slug, UserId, Username};
use crate::ports::business_events::{BusinessEvent, MockBusinessEvents};
use crate::ports::clock::MockClock;
use crate::ports::repositories::RepositoryError;

pub(super) trait NowOrPanic: Future + Sized {
    fn now_or_panic(self) -> Self::Output {
        self.now_or_never().expect("a future that is ready at once")
    }
}

impl<F: Future> NowOrPanic for F {}

/// Asserts that the result is an error that matches the pattern.
macro_rules! assert_fails {
    ($result:expr, $($error:tt)+) => {
        match $result {
            Err(error) => assert!(matches!(&error, $($error)+), "failed otherwise: {error:?}"),
            Ok(value) => panic!("did not fail: {value:?}"),
        }
    };
}
pub(super) use assert_fails;

/// Fails the test unless exactly these events are recorded.
pub(super) fn expecting_events<const N: usize>(events: [BusinessEvent; N]) -> Arc<MockBusinessEvents> {
    let mut mock = MockBusinessEvents::new();
    for event in events {
        mock.expect_record().once().with(eq(event)).return_const(());
    }
    Arc::new(mock)
}

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_123).unwrap()
}

pub(super) fn stopped_clock() -> Arc<MockClock> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now());
    Arc::new(clock)
}

pub(super) fn amy() -> Account {
    Account {
        id: UserId::new(1),
        username: Username::parse("Amy").unwrap(),
        email: Email::parse("Amy@mail.com").unwrap(),
        about: About { bio: Bio::parse("Rides dragons.").unwrap(), ..About::default() },
        credential_version: CredentialVersion::new(2),
    }
}

pub(super) fn bob() -> Account {
    Account {
        id: UserId::new(2),
        username: Username::parse("Bob").unwrap(),
        email: Email::parse("bob@mail.com").unwrap(),
        about: About::default(),
        credential_version: CredentialVersion::default(),
    }
}

pub(super) fn identity_of(account: &Account) -> Identity {
    Identity {
        user: account.id,
        session: SessionId::new(40 + account.id.get()),
        credential_version: account.credential_version,
    }
}

pub(super) fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

pub(super) fn store_unavailable<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Unavailable("the store is down".into()))
}

pub(super) fn session_ended<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::SessionEnded)
}
