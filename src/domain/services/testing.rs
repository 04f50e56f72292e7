//! The people and the moment of these tests. Every port is a mock that answers at once, so that no runtime is needed.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use chrono::{DateTime, Utc};
use mockall::predicate::eq;

use crate::{
    domain::model::{
        about::About,
        user::{Account, CredentialVersion, Identity},
        values::{Bio, Email, SessionId, Slug, UserId, Username},
    },
    ports::{
        business_events::{BusinessEvent, MockBusinessEvents},
        clock::MockClock,
        repositories::RepositoryError,
    },
};

/// The answer of a use case that waits for nothing.
pub(super) trait AtOnce: Future + Sized {
    fn at_once(self) -> Self::Output {
        match pin!(self).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer,
            Poll::Pending => panic!("no mock makes anyone wait"),
        }
    }
}

impl<F: Future> AtOnce for F {}

/// Fails unless the use case failed in this way.
macro_rules! assert_fails {
    ($answer:expr, $($error:tt)+) => {
        match $answer {
            Err(error) => assert!(matches!(&error, $($error)+), "failed otherwise: {error:?}"),
            Ok(answer) => panic!("did not fail: {answer:?}"),
        }
    };
}
pub(super) use assert_fails;

/// Who is told of this and of nothing else.
pub(super) fn told_of<const N: usize>(events: [BusinessEvent; N]) -> Arc<MockBusinessEvents> {
    let mut told = MockBusinessEvents::new();
    for event in events {
        told.expect_record().once().with(eq(event)).return_const(());
    }
    Arc::new(told)
}

/// When all of it happens.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_123).unwrap()
}

pub(super) fn stopped_clock() -> Arc<MockClock> {
    let mut clock = MockClock::new();
    clock.expect_now().return_const(now());
    Arc::new(clock)
}

/// A user who has changed the password twice.
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

/// What a token of this user says.
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

pub(super) fn store_away<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::Unavailable("the store is away".into()))
}

pub(super) fn session_ended<T>() -> Result<T, RepositoryError> {
    Err(RepositoryError::SessionEnded)
}
