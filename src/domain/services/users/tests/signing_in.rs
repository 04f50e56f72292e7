//! Registration and log-in.

use std::time::Duration;

use super::*;
use crate::domain::error::RateLimited;
use crate::domain::model::user::{Credentials, Registration};
use crate::domain::model::values::Password;

fn registration() -> Registration {
    Registration { username: amy().username, email: amy().email, password: Password::parse("jakejake").unwrap() }
}

fn log_in(email: &str, password: &str) -> Credentials {
    Credentials { email: email.to_owned(), password: Password::candidate(password).unwrap() }
}

fn here() -> Client {
    Client::at([192, 0, 2, 1].into())
}

fn attempt(kind: AttemptKind) -> Attempt {
    Attempt { kind, client: here(), account: amy().email.key() }
}

fn stored_amy() -> Option<(Account, PasswordHash)> {
    Some((amy(), PasswordHash::new("hash of jakejake".to_owned())))
}

#[test]
fn registration_stores_the_password_hash_and_begins_a_session() {
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
    ports.expect_event(BusinessEvent::Registered);
    ports.draw(14);
    ports.sign(session(7));

    let amy_in = ports.service().register(registration(), here()).now_or_panic().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "signed"));
}

#[test]
fn registration_reports_every_taken_value() {
    for (taken, message) in [
        (vec![Unique::Username], "username has already been taken"),
        (vec![Unique::Email], "email has already been taken"),
        (vec![Unique::Username, Unique::Email], "username has already been taken, email has already been taken"),
    ] {
        let mut ports = Ports::default();
        ports.check(attempt(AttemptKind::Registration));
        ports.hash("jakejake");
        ports.users.expect_insert().once().return_once(|_| Err(RepositoryError::Taken(taken)));

        let registered = ports.service().register(registration(), here()).now_or_panic();

        assert_fails!(registered, Error::Taken(fields) if fields.to_string() == message);
    }
}

#[test]
fn registration_fails_if_the_hasher_is_overloaded() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::Registration));
    ports.hasher.expect_hash().once().returning(|_| Err(SecurityError::Overloaded));

    assert_fails!(ports.service().register(registration(), here()).now_or_panic(), Error::Unavailable(_));
}

#[test]
fn log_in_succeeds_with_any_spelling_of_the_email() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jakejake", Some("hash of jakejake"), Verification::Match);
    ports.expect_event(BusinessEvent::LoggedIn);
    ports.draw(14);
    ports.sign(session(7));

    let amy_in = ports.service().log_in(log_in("AMY@ｍａｉｌ.com", "jakejake"), here()).now_or_panic().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "signed"));
}

#[test]
fn session_id_fits_a_signed_64_bit_integer() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jakejake", Some("hash of jakejake"), Verification::Match);
    ports.expect_event(BusinessEvent::LoggedIn);
    ports.draw(u64::MAX);
    ports.sign(session(i64::MAX));

    assert!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).now_or_panic().is_ok());
}

#[test]
fn log_in_replaces_an_outdated_hash() {
    let mut ports = Ports::default();
    ports.record_success(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify(
        "jakejake",
        Some("hash of jakejake"),
        Verification::NeedsRehash(PasswordHash::new("new hash of jakejake".to_owned())),
    );
    ports
        .users
        .expect_upgrade_hash()
        .once()
        .withf(|user, old, new| {
            *user == amy().id && old.expose() == "hash of jakejake" && new.expose() == "new hash of jakejake"
        })
        .return_const(());
    ports.expect_event(BusinessEvent::LoggedIn);
    ports.draw(14);
    ports.sign(session(7));

    assert!(ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).now_or_panic().is_ok());
}

#[test]
fn log_in_with_a_wrong_password_is_rejected() {
    let mut ports = Ports::default();
    ports.check(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.verify("jokejoke", Some("hash of jakejake"), Verification::Mismatch);
    ports.expect_event(BusinessEvent::LogInFailed(LogInFailure::WrongPassword));

    assert_fails!(
        ports.service().log_in(log_in("amy@mail.com", "jokejoke"), here()).now_or_panic(),
        Error::WrongCredentials
    );
}

#[test]
fn log_in_with_an_unknown_email_verifies_too_and_fails_alike() {
    let mut ports = Ports::default();
    ports.check(Attempt { account: EmailKey::for_lookup("unknown@mail.com"), ..attempt(AttemptKind::LogIn) });
    ports.credentials("unknown@mail.com", None);
    ports.verify("jakejake", None, Verification::Mismatch);
    ports.expect_event(BusinessEvent::LogInFailed(LogInFailure::UnknownEmail));

    assert_fails!(
        ports.service().log_in(log_in("unknown@mail.com", "jakejake"), here()).now_or_panic(),
        Error::WrongCredentials
    );
}

#[test]
fn log_in_with_an_oversized_password_hashes_nothing() {
    let endless = "x".repeat(Password::MAX_CHARS + 1);
    let mut ports = Ports::default();
    ports.expect_event(BusinessEvent::LogInFailed(LogInFailure::WrongPassword));

    let logged_in = ports.service().log_in(log_in("amy@mail.com", &endless), here()).now_or_panic();

    assert_fails!(logged_in, Error::WrongCredentials);
}

#[test]
fn log_in_fails_if_the_hasher_is_overloaded() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::LogIn));
    ports.credentials("amy@mail.com", stored_amy());
    ports.hasher.expect_verify().once().returning(|_, _| Err(SecurityError::Overloaded));
    ports.expect_event(BusinessEvent::LogInFailed(LogInFailure::Overloaded));

    assert_fails!(
        ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).now_or_panic(),
        Error::Unavailable(_)
    );
}

#[test]
fn log_in_fails_if_the_store_is_unavailable() {
    let mut ports = Ports::default();
    ports.refund(attempt(AttemptKind::LogIn));
    ports.users.expect_credentials().once().returning(|_| store_unavailable());

    assert_fails!(
        ports.service().log_in(log_in("amy@mail.com", "jakejake"), here()).now_or_panic(),
        Error::Unavailable(_)
    );
}

#[test]
fn rate_limited_attempt_hashes_and_stores_nothing() {
    let rate_limited = |events: Option<BusinessEvent>| {
        let mut ports = Ports::default();
        events.into_iter().for_each(|event| ports.expect_event(event));
        ports.rate_limiter.expect_check().once().return_const(Err(RateLimited { wait: Duration::from_secs(3) }));
        ports.service()
    };

    let failure = BusinessEvent::LogInFailed(LogInFailure::RateLimited);
    let log_in = rate_limited(Some(failure)).log_in(log_in("amy@mail.com", "jakejake"), here()).now_or_panic();
    assert_fails!(log_in, Error::RateLimited(RateLimited { wait }) if *wait == Duration::from_secs(3));
    assert_fails!(rate_limited(None).register(registration(), here()).now_or_panic(), Error::RateLimited(_));
}
