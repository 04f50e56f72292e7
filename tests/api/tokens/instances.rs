//! Tokens where several instances serve one database.

use jsonwebtoken::decode_header;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, user},
    support::{Client, Engine, Engine::*, TestApp},
};

const OLD: &str = "the old key of this test, 32 bytes or more";
const NEW: &str = "the new key of this test, 32 bytes or more";

/// The name of the key that signed a user's token.
fn key_of(user: &Client) -> String {
    let header = decode_header(user.token.as_deref().expect("a token")).expect("a header");
    header.kid.expect("the name of a key")
}

/// A user as this instance is asked by.
fn at(app: &TestApp, user: &Client) -> Client {
    app.anon().with_token(user.token.as_deref().expect("a token"))
}

/// The token that the current user is given.
async fn renewed(user: &Client) -> Client {
    user.with_token(&user.get("/api/user").await.status(200).text_at("/user/token"))
}

/// ASVS 5.0 V13.3.4: secrets can be rotated. Here nobody notices.
#[rstest]
#[actix_web::test]
async fn a_new_key_logs_nobody_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let before = TestApp::start_with(engine, &[("JWT_SECRET", OLD)]).await;
    let amy = before.user("amy").await;
    let rotated = before.beside(&[("JWT_SECRET", NEW), ("JWT_SECRET_PREVIOUS", OLD)]).await;

    // The old token goes on, and every answer with a token brings one of the new key.
    let amy_then = at(&rotated, &amy);
    amy_then.post("/api/articles", draft(json!({}))).await.status(201);
    let amy_now = renewed(&amy_then).await;
    assert_ne!(key_of(&amy_now), key_of(&amy));
    amy_now.get("/api/user").await.status(200);

    // Of the two the new key alone is known in the end.
    let after = before.beside(&[("JWT_SECRET", NEW)]).await;
    at(&after, &amy_now).get("/api/user").await.status(200);
    at(&after, &amy).get("/api/user").await.is_error(401, "token", "is invalid");
}

/// While instances are replaced one by one, some sign with a key that the others know as the next: deploy that first.
#[rstest]
#[actix_web::test]
async fn a_key_may_be_made_known_before_it_signs(#[values(Sqlite, Postgres)] engine: Engine) {
    let prepared = TestApp::start_with(engine, &[("JWT_SECRET", OLD), ("JWT_SECRET_PREVIOUS", NEW)]).await;
    let rotated = prepared.beside(&[("JWT_SECRET", NEW), ("JWT_SECRET_PREVIOUS", OLD)]).await;
    let (amy, bob) = (prepared.user("amy").await, rotated.user("bob").await);
    for user in [&amy, &bob] {
        at(&prepared, user).get("/api/user").await.status(200);
        at(&rotated, user).get("/api/user").await.status(200);
    }
}

/// ASVS 5.0 V7.4.3: a change of the password ends all other sessions; on every instance, and at once.
#[rstest]
#[actix_web::test]
async fn a_new_password_ends_sessions_on_every_instance(#[values(Sqlite, Postgres)] engine: Engine) {
    let one = TestApp::start(engine).await;
    let other = one.beside(&[]).await;
    let amy = one.user("amy").await;
    let credentials = user(json!({"email": "amy@example.com", "password": "amy's password"}));
    let phone = amy.with_token(&amy.post("/api/users/login", credentials).await.text_at("/user/token"));
    at(&other, &phone).get("/api/user").await.status(200);

    amy.put("/api/user", user(json!({"password": "another password"}))).await.status(200);

    for app in [&one, &other] {
        at(app, &amy).get("/api/user").await.status(200);
        at(app, &phone).get("/api/user").await.is_error(401, "token", "is invalid");
    }
}
