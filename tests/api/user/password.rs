//! `PUT /api/user` with a password.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::{Engine, TestApp};

const NEW: &str = "another password";

/// ASVS 5.0 V6.2.2: users can change their password.
#[rstest]
#[actix_web::test]
async fn new_password_replaces_the_old_one(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": { "password": NEW }})).await.assert_status(200);

    amy.new_session(NEW).await.get("/api/user").await.assert_status(200);
    let response = amy.log_in("amy@example.com", &password_of("amy")).await;
    response.assert_error(401, "credentials", "invalid");
}

/// ASVS 5.0 V7.4.3: a change of the password ends all other sessions.
#[rstest]
#[actix_web::test]
async fn new_password_ends_all_other_sessions(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (phone, laptop) = (amy.new_session(&password_of("amy")).await, amy.new_session(&password_of("amy")).await);

    let response = phone.put("/api/user", json!({"user": { "password": NEW }})).await.assert_status(200);

    phone.get("/api/user").await.assert_status(200);
    phone.with_token(&response.text_at("/user/token")).get("/api/user").await.assert_status(200);
    for ended in [amy, laptop] {
        ended.get("/api/user").await.assert_error(401, "token", "is invalid");
    }
    bob.get("/api/user").await.assert_status(200);
}

#[rstest]
#[actix_web::test]
async fn second_change_ends_the_session_that_made_the_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": { "password": NEW }})).await.assert_status(200);
    let phone = amy.new_session(NEW).await;

    phone.put("/api/user", json!({"user": {"password": "a third password"}})).await.assert_status(200);

    phone.get("/api/user").await.assert_status(200);
    amy.get("/api/user").await.assert_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn unchanged_password_ends_other_sessions(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let phone = amy.new_session(&password_of("amy")).await;

    amy.put("/api/user", json!({"user": {"password": password_of("amy")}})).await.assert_status(200);

    amy.get("/api/user").await.assert_status(200);
    phone.get("/api/user").await.assert_error(401, "token", "is invalid");
}

#[rstest]
#[actix_web::test]
async fn other_changes_end_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let phone = amy.new_session(&password_of("amy")).await;

    let changes = json!({"username": "ann", "email": "ann@example.com", "bio": "I", "image": "i.png"});
    amy.put("/api/user", json!({ "user": changes })).await.assert_status(200);

    for session in [amy, phone] {
        session.get("/api/user").await.assert_status(200).assert_at("/user/username", "ann");
    }
}

#[rstest]
#[actix_web::test]
async fn rejected_change_ends_no_session(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    let phone = amy.new_session(&password_of("amy")).await;

    amy.put("/api/user", json!({"user": {"password": NEW, "username": "bob"}})).await.assert_status(422);

    phone.get("/api/user").await.assert_status(200);
    amy.new_session(&password_of("amy")).await;
}
