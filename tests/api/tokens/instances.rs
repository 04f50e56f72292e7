//! Tokens of several instances with one database.

use jsonwebtoken::decode_header;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::new_article;
use crate::support::{Client, Engine, TestApp};

const OLD: &str = "the old key of this test, 32 bytes or more";
const NEW: &str = "the new key of this test, 32 bytes or more";

/// Id of the key that signed a user's token.
fn key_of(user: &Client) -> String {
    let header = decode_header(user.token()).expect("a header");
    header.kid.expect("the name of a key")
}

/// Client with the token in the response to `GET /api/user`.
async fn renewed(user: &Client) -> Client {
    user.with_token(&user.get("/api/user").await.assert_status(200).text_at("/user/token"))
}

/// ASVS 5.0 V13.3.4: secrets can be rotated.
#[rstest]
#[actix_web::test]
async fn key_rotation_ends_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let before = TestApp::start_with(engine, &[("JWT_SECRET", OLD)]).await;
    let amy = before.user("amy").await;
    let rotated = before.another_instance(&[("JWT_SECRET", NEW), ("JWT_SECRET_PREVIOUS", OLD)]).await;

    // The old token stays valid, and responses contain tokens of the new key.
    let amy_before = rotated.client_of(&amy);
    amy_before.post("/api/articles", new_article(json!({}))).await.assert_status(201);
    let amy_after = renewed(&amy_before).await;
    assert_ne!(key_of(&amy_after), key_of(&amy));
    amy_after.get("/api/user").await.assert_status(200);

    // At the end only the new key is valid.
    let after = before.another_instance(&[("JWT_SECRET", NEW)]).await;
    after.client_of(&amy_after).get("/api/user").await.assert_status(200);
    after.client_of(&amy).get("/api/user").await.assert_error(401, "token", "is invalid");
}

/// While instances are replaced one by one, some sign with a key that the others accept but do not
/// sign with yet.
#[rstest]
#[actix_web::test]
async fn next_key_is_accepted_before_it_signs(#[values(Sqlite, Postgres)] engine: Engine) {
    let prepared = TestApp::start_with(engine, &[("JWT_SECRET", OLD), ("JWT_SECRET_PREVIOUS", NEW)]).await;
    let rotated = prepared.another_instance(&[("JWT_SECRET", NEW), ("JWT_SECRET_PREVIOUS", OLD)]).await;
    let (amy, bob) = (prepared.user("amy").await, rotated.user("bob").await);
    for user in [&amy, &bob] {
        prepared.client_of(user).get("/api/user").await.assert_status(200);
        rotated.client_of(user).get("/api/user").await.assert_status(200);
    }
}

/// ASVS 5.0 V7.4.3: a new password ends all other sessions, on every instance and at once.
#[rstest]
#[actix_web::test]
async fn new_password_ends_sessions_on_every_instance(#[values(Sqlite, Postgres)] engine: Engine) {
    let one = TestApp::start(engine).await;
    let other = one.another_instance(&[]).await;
    let amy = one.user("amy").await;
    let phone = amy.new_session(&password_of("amy")).await;
    other.client_of(&phone).get("/api/user").await.assert_status(200);

    amy.put("/api/user", json!({"user": {"password": "another password"}})).await.assert_status(200);

    for app in [&one, &other] {
        app.client_of(&amy).get("/api/user").await.assert_status(200);
        app.client_of(&phone).get("/api/user").await.assert_error(401, "token", "is invalid");
    }
}
