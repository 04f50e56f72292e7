//! Registering and logging in.

use std::time::Duration;

use super::*;
use crate::{
    domain::model::{
        user::{LogIn, Registration},
        values::Password,
    },
    ports::rate_limiter::RateLimited,
};

fn registration() -> Registration {
    Registration { username: amy().username, email: amy().email, password: Password::parse("jakejake").unwrap() }
}

fn log_in(email: &str, password: &str) -> LogIn {
    LogIn { email: email.to_owned(), password: Password::candidate(password).unwrap() }
}

fn here() -> Client {
    Client::at([192, 0, 2, 1].into())
}

/// An attempt at amy's account.
fn attempt(kind: AttemptKind) -> Attempt {
    Attempt { kind, client: here(), account: amy().email.key() }
}

fn stored_amy() -> Option<(Account, PasswordHash)> {
    Some((amy(), PasswordHash::new("hash of jakejake".to_owned())))
}

#[test]
fn who_registers_is_stored_with_a_hash_and_gets_a_session() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::Registration));
    ports.hash("jakejake");
    ports
        .users
        .expect_insert()
        .once()
        .withf(|user| {
            (&user.username, &user.email) == (&amy().username, &amy().email)
                && user.password_hash.expose() == "hash of jakejake"
                && user.created_at == now()
        })
        .returning(|_| Ok(amy()));
    ports.tell(BusinessEvent::Registered);
    ports.draw(14);
    ports.sign(session(7));

    let amy_in = ports.service().register(registration(), here()).at_once().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "signed"));
}

#[test]
fn all_that_belongs_to_somebody_else_is_taken() {
    for (taken, told) in [
        (vec![Unique::Username], "username has already been taken"),
        (vec![Unique::Email], "email has already been taken"),
        (vec![Unique::Username, Unique::Email], "username has already been taken, email has already been taken"),
    ] {
        let mut ports = Ports::default();
        ports.check(attempt(AttemptKind::Registration));
        ports.hash("jakejake");
        ports.users.expect_insert().once().return_once(|_| Err(RepositoryError::Taken(taken)));

        let answer = ports.service().register(registration(), here()).at_once();

        assert_fails!(answer, Error::Taken(fields) if fields.to_string() == told);
    }
}

#[test]
fn nothing_is_stored_when_too_many_passwords_wait() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::Registration));
    ports.hasher.expect_hash().once().returning(|_| Err(SecurityError::Overloaded));

    assert_fails!(ports.service().register(registration(), here()).at_once(), Error::Unavailable(_));
}

#[test]
fn the_right_password_begins_a_session_however_the_email_is_spelt() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jakejake", Some("hash of jakejake"), Verification::Match);
    ports.tell(BusinessEvent::LoggedIn);
    ports.draw(14);
    ports.sign(session(7));

    let amy_in = ports.service().log_in(log_in("AMY@ｍａｉｌ.com", "jakejake"), here()).at_once().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "signed"));
}

#[test]
fn a_session_is_a_number_that_the_stores_can_hold() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jakejake", Some("hash of jakejake"), Verification::Match);
    ports.tell(BusinessEvent::LoggedIn);
    ports.draw(u64::MAX);
    ports.sign(session(i64::MAX));

    assert!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).at_once().is_ok());
}

#[test]
fn a_weak_hash_of_the_right_password_is_replaced() {
    let strong = || PasswordHash::new("strong hash of jakejake".to_owned());
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jakejake", Some("hash of jakejake"), Verification::NeedsRehash(strong()));
    ports
        .users
        .expect_upgrade_hash()
        .once()
        .withf(move |user, weak, new| {
            *user == amy().id && weak.expose() == "hash of jakejake" && new.expose() == strong().expose()
        })
        .return_const(());
    ports.tell(BusinessEvent::LoggedIn);
    ports.draw(14);
    ports.sign(session(7));

    assert!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).at_once().is_ok());
}

#[test]
fn a_wrong_password_is_wrong_credentials() {
    let mut ports = Ports::default();
    ports.check(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jokejoke", Some("hash of jakejake"), Verification::Mismatch);
    ports.tell(BusinessEvent::LogInFailed(LogInFailure::WrongPassword));

    assert_fails!(
        ports.service().log_in(log_in("amy@mail.com", "jokejoke"), here()).at_once(),
        Error::WrongCredentials
    );
}

#[test]
fn an_unknown_email_costs_a_verification_too_and_is_answered_the_same() {
    let mut ports = Ports::default();
    ports.check(Attempt { account: EmailKey::for_lookup("nobody@mail.com"), ..attempt(AttemptKind::LogIn) });
    ports.credentials("nobody@mail.com", None);
    ports.verify("jakejake", None, Verification::Mismatch);
    ports.tell(BusinessEvent::LogInFailed(LogInFailure::UnknownEmail));

    assert_fails!(
        ports.service().log_in(log_in("nobody@mail.com", "jakejake"), here()).at_once(),
        Error::WrongCredentials
    );
}

#[test]
fn a_password_beyond_the_maximum_is_refused_without_asking_anyone() {
    let endless = "x".repeat(Password::MAX_CHARS + 1);
    let mut ports = Ports::default();
    ports.tell(BusinessEvent::LogInFailed(LogInFailure::WrongPassword));

    let answer = ports.service().log_in(log_in("amy@mail.com", &endless), here()).at_once();

    assert_fails!(answer, Error::WrongCredentials);
}

#[test]
fn wrong_credentials_are_not_blamed_when_the_hasher_is_overloaded() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.hasher.expect_verify().once().returning(|_, _| Err(SecurityError::Overloaded));
    ports.tell(BusinessEvent::LogInFailed(LogInFailure::Overloaded));

    assert_fails!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).at_once(), Error::Unavailable(_));
}

#[test]
fn nor_when_the_store_is_away() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::LogIn));
    ports.users.expect_credentials().once().returning(|_| store_away());

    assert_fails!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).at_once(), Error::Unavailable(_));
}

#[test]
fn an_attempt_that_comes_too_soon_costs_nothing() {
    let early = |events: Option<BusinessEvent>| {
        let mut ports = Ports::default();
        events.into_iter().for_each(|event| ports.tell(event));
        ports.rate_limiter.expect_check().once().return_const(Err(RateLimited { wait: Duration::from_secs(3) }));
        ports.service()
    };

    let throttled = BusinessEvent::LogInFailed(LogInFailure::RateLimited);
    let log_in = early(Some(throttled)).log_in(log_in("amy@mail.com", "jakejake"), here()).at_once();
    assert_fails!(log_in, Error::RateLimited(RateLimited { wait }) if *wait == Duration::from_secs(3));
    assert_fails!(early(None).register(registration(), here()).at_once(), Error::RateLimited(_));
}
