//! Sessions and account changes.

use std::time::Duration;

use super::*;
use crate::domain::error::RateLimited;
use crate::domain::model::about::{About, AboutChanges};
use crate::domain::model::values::{Email, FieldErrors, ImageUrl, Password, Username, Violation};

fn new_password() -> AccountChanges {
    AccountChanges { password: Some(Password::parse("new-password").unwrap()), ..AccountChanges::default() }
}

fn sent() -> Token {
    Token::new("sent".to_owned())
}

#[test]
fn valid_token_identifies_without_the_store() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().withf(|token, at| token == "valid" && *at == now()).return_const(session(7));

    assert_eq!(ports.service().identify("valid").unwrap(), session(7));
}

#[test]
fn invalid_token_is_rejected() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().return_const(None);

    assert_fails!(ports.service().identify("expired"), Error::InvalidToken);
}

#[test]
fn session_has_an_account() {
    let mut ports = Ports::default();
    ports.current(session(7), Ok(amy()));

    assert_eq!(ports.service().authenticate(&session(7)).now_or_panic().unwrap(), amy());
}

#[test]
fn token_of_the_current_user_is_renewed() {
    let mut ports = Ports::default();
    ports.current(session(7), Ok(amy()));
    ports
        .tokens
        .expect_renew()
        .once()
        .withf(|token, identity, at| token.expose() == "sent" && *identity == session(7) && *at == now())
        .returning(|_, _, _| Ok(Token::new("renewed".to_owned())));

    let amy_in = ports.service().current(&session(7), sent()).now_or_panic().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "renewed"));
}

#[test]
fn token_of_an_ended_session_is_invalid() {
    let ended = || {
        let mut ports = Ports::default();
        ports.current(session(7), session_ended());
        ports.service()
    };

    assert_fails!(ended().authenticate(&session(7)).now_or_panic(), Error::InvalidToken);
    assert_fails!(ended().current(&session(7), sent()).now_or_panic(), Error::InvalidToken);
}

#[test]
fn token_is_not_invalid_if_the_store_is_unavailable() {
    let away = || {
        let mut ports = Ports::default();
        ports.current(session(7), store_unavailable());
        ports.service()
    };

    assert_fails!(away().authenticate(&session(7)).now_or_panic(), Error::Unavailable(_));
    assert_fails!(away().current(&session(7), sent()).now_or_panic(), Error::Unavailable(_));
}

#[test]
fn update_stores_the_given_fields_and_hashes_nothing_without_a_password() {
    let changed = Account { username: Username::parse("Amelia").unwrap(), about: About::default(), ..amy() };
    let mut ports = Ports::default();
    ports.check_change();
    ports.update(
        session(7),
        |update| {
            update.username == Username::parse("Amelia").ok()
                && update.email.is_none()
                && update.password_hash.is_none()
                && update.about.bio == Some(None)
                && update.about.image.is_none()
        },
        Ok(changed.clone()),
    );
    ports.sign(session(7));

    let changes = AccountChanges {
        username: Some(changed.username.clone()),
        about: AboutChanges { bio: Some(None), ..AboutChanges::default() },
        ..Default::default()
    };
    let updated = ports.service().update(&session(7), changes).now_or_panic().unwrap();

    assert_eq!((updated.account, updated.token.expose()), (changed, "signed"));
}

#[test]
fn update_stores_email_and_image() {
    let email = Email::parse("amelia@mail.com").ok();
    let image = Some(ImageUrl::parse("https://mail.com/amelia.png").unwrap());
    let (new_email, new_image) = (email.clone(), image.clone());
    let mut ports = Ports::default();
    ports.check_change();
    ports.update(session(7), move |update| (&update.email, &update.about.image) == (&email, &image), Ok(amy()));
    ports.sign(session(7));

    let changes = AccountChanges {
        email: new_email,
        about: AboutChanges { image: new_image, ..AboutChanges::default() },
        ..AccountChanges::default()
    };

    assert!(ports.service().update(&session(7), changes).now_or_panic().is_ok());
}

#[test]
fn update_of_the_password_stores_its_hash_and_continues_the_session() {
    let changed = Account { credential_version: CredentialVersion::new(3), ..amy() };
    let mut ports = Ports::default();
    ports.check_change();
    ports.hash("new-password");
    ports.update(
        session(7),
        |update| update.password_hash.as_ref().map(PasswordHash::expose) == Some("hash of new-password"),
        Ok(changed.clone()),
    );
    ports.sign(Identity { credential_version: CredentialVersion::new(3), ..session(7) });

    let updated = ports.service().update(&session(7), new_password()).now_or_panic().unwrap();

    assert_eq!((updated.account, updated.token.expose()), (changed, "signed"));
}

#[test]
fn update_fails_if_the_hasher_is_overloaded() {
    let mut ports = Ports::default();
    ports.check_change();
    ports.hasher.expect_hash().once().returning(|_| Err(SecurityError::Overloaded));

    assert_fails!(ports.service().update(&session(7), new_password()).now_or_panic(), Error::Unavailable(_));
}

#[test]
fn rate_limited_update_hashes_and_stores_nothing() {
    let name = AccountChanges { username: Username::parse("Amelia").ok(), ..AccountChanges::default() };
    let email = AccountChanges { email: Email::parse("amelia@mail.com").ok(), ..AccountChanges::default() };
    for changes in [name, email, new_password()] {
        let mut ports = Ports::default();
        let limited = RateLimited { wait: Duration::from_secs(3) };
        ports.rate_limiter.expect_check_change().once().with(eq(amy().id)).return_const(Err(limited));
        assert_fails!(ports.service().update(&session(7), changes).now_or_panic(), Error::RateLimited(error) if *error == limited);
    }
}

#[test]
fn update_reports_taken_values_as_invalid() {
    let mut ports = Ports::default();
    ports.update(session(7), |_| true, Err(RepositoryError::Taken(vec![Unique::Email])));

    let updated = ports.service().update(&session(7), AccountChanges::default()).now_or_panic();

    assert_fails!(updated, Error::Invalid(fields) if *fields == FieldErrors::one("email", Violation::Taken));
}

#[test]
fn update_returns_other_errors_unchanged() {
    let failing = |failure| {
        let mut ports = Ports::default();
        ports.update(session(7), |_| true, failure);
        ports.service()
    };
    let update = |service: Users| service.update(&session(7), AccountChanges::default()).now_or_panic();

    assert_fails!(update(failing(session_ended())), Error::InvalidToken);
    assert_fails!(update(failing(store_unavailable())), Error::Unavailable(_));
}
