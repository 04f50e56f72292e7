//! Living sessions, and changing the account in one.

use std::time::Duration;

use super::*;
use crate::{
    domain::model::{
        about::{About, AboutChanges},
        values::{Email, FieldErrors, ImageUrl, Password, Username, Violation},
    },
    ports::rate_limiter::RateLimited,
};

fn new_password() -> AccountChanges {
    AccountChanges { password: Some(Password::parse("new-password").unwrap()), ..AccountChanges::default() }
}

fn sent() -> Token {
    Token::new("sent".to_owned())
}

#[test]
fn a_token_that_is_good_now_tells_who_asks_without_the_store() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().withf(|token, at| token == "good" && *at == now()).return_const(session(7));

    assert_eq!(ports.service().identify("good").unwrap(), session(7));
}

#[test]
fn any_other_token_is_invalid() {
    let mut ports = Ports::default();
    ports.tokens.expect_verify().once().return_const(None);

    assert_fails!(ports.service().identify("expired"), Error::InvalidToken);
}

#[test]
fn a_living_session_has_an_account() {
    let mut ports = Ports::default();
    ports.current(session(7), Ok(amy()));

    assert_eq!(ports.service().authenticate(&session(7)).at_once().unwrap(), amy());
}

#[test]
fn the_current_user_gets_the_token_renewed() {
    let mut ports = Ports::default();
    ports.current(session(7), Ok(amy()));
    ports
        .tokens
        .expect_renew()
        .once()
        .withf(|token, identity, at| token.expose() == "sent" && *identity == session(7) && *at == now())
        .returning(|_, _, _| Ok(Token::new("renewed".to_owned())));

    let amy_in = ports.service().current(&session(7), sent()).at_once().unwrap();

    assert_eq!((amy_in.account, amy_in.token.expose()), (amy(), "renewed"));
}

#[test]
fn the_token_of_a_session_that_ended_is_invalid() {
    let ended = || {
        let mut ports = Ports::default();
        ports.current(session(7), session_ended());
        ports.service()
    };

    assert_fails!(ended().authenticate(&session(7)).at_once(), Error::InvalidToken);
    assert_fails!(ended().current(&session(7), sent()).at_once(), Error::InvalidToken);
}

#[test]
fn a_store_that_is_away_does_not_make_the_token_invalid() {
    let away = || {
        let mut ports = Ports::default();
        ports.current(session(7), store_away());
        ports.service()
    };

    assert_fails!(away().authenticate(&session(7)).at_once(), Error::Unavailable(_));
    assert_fails!(away().current(&session(7), sent()).at_once(), Error::Unavailable(_));
}

#[test]
fn an_update_stores_what_is_given_and_hashes_nothing_without_a_password() {
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
        about: AboutChanges { bio: Some(None), image: None },
        ..Default::default()
    };
    let updated = ports.service().update(&session(7), changes).at_once().unwrap();

    assert_eq!((updated.account, updated.token.expose()), (changed, "signed"));
}

#[test]
fn every_other_field_reaches_the_store_too() {
    let email = Email::parse("amelia@mail.com").ok();
    let image = Some(ImageUrl::parse("https://mail.com/amelia.png").unwrap());
    let (new_email, new_image) = (email.clone(), image.clone());
    let mut ports = Ports::default();
    ports.check_change();
    ports.update(session(7), move |update| (&update.email, &update.about.image) == (&email, &image), Ok(amy()));
    ports.sign(session(7));

    let changes = AccountChanges {
        email: new_email,
        about: AboutChanges { bio: None, image: new_image },
        ..AccountChanges::default()
    };

    assert!(ports.service().update(&session(7), changes).at_once().is_ok());
}

#[test]
fn a_new_password_is_stored_as_its_hash_and_its_session_goes_on() {
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

    let updated = ports.service().update(&session(7), new_password()).at_once().unwrap();

    assert_eq!((updated.account, updated.token.expose()), (changed, "signed"));
}

#[test]
fn nothing_changes_when_the_new_password_cannot_be_hashed() {
    let mut ports = Ports::default();
    ports.check_change();
    ports.hasher.expect_hash().once().returning(|_| Err(SecurityError::Overloaded));

    assert_fails!(ports.service().update(&session(7), new_password()).at_once(), Error::Unavailable(_));
}

#[test]
fn who_changes_too_often_waits_and_nothing_is_hashed_or_stored() {
    let name = AccountChanges { username: Username::parse("Amelia").ok(), ..AccountChanges::default() };
    let email = AccountChanges { email: Email::parse("amelia@mail.com").ok(), ..AccountChanges::default() };
    for changes in [name, email, new_password()] {
        let mut ports = Ports::default();
        let early = RateLimited { wait: Duration::from_secs(3) };
        ports.rate_limiter.expect_check_change().once().with(eq(amy().id)).return_const(Err(early));
        assert_fails!(ports.service().update(&session(7), changes).at_once(), Error::RateLimited(told) if *told == early);
    }
}

#[test]
fn at_an_update_what_is_taken_is_invalid() {
    let mut ports = Ports::default();
    ports.update(session(7), |_| true, Err(RepositoryError::Taken(vec![Unique::Email])));

    let answer = ports.service().update(&session(7), AccountChanges::default()).at_once();

    assert_fails!(answer, Error::Invalid(fields) if *fields == FieldErrors::one("email", Violation::Taken));
}

#[test]
fn other_failures_of_an_update_are_told_as_they_are() {
    let failing = |failure| {
        let mut ports = Ports::default();
        ports.update(session(7), |_| true, failure);
        ports.service()
    };
    let update = |service: Users| service.update(&session(7), AccountChanges::default()).at_once();

    assert_fails!(update(failing(session_ended())), Error::InvalidToken);
    assert_fails!(update(failing(store_away())), Error::Unavailable(_));
}
