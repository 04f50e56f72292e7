//! `POST /api/users/login`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::{BLANKS, registration, user, without};
use crate::support::{Client, Engine, Response, TestApp};

/// Logs in as amy, with these fields replaced.
async fn log_in_with(anonymous: &Client, fields: Value) -> Response {
    anonymous.post("/api/users/login", json!({"user": without(registration(fields)["user"].clone(), "username")})).await
}

#[rstest]
#[actix_web::test]
async fn log_in_returns_the_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);

    let response = app.anonymous().log_in("amy@example.com", &password_of("amy")).await;

    let token = response.text_at("/user/token");
    response.assert(200, json!({"user": user(json!({"bio": "I", "image": "i.png", "token": token}))}));
}

#[rstest]
#[actix_web::test]
async fn user_may_have_several_sessions(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let phone = amy.new_session(&password_of("amy")).await;

    for session in [amy, phone] {
        session.get("/api/user").await.assert_status(200).assert_at("/user/username", "amy");
    }
}

#[rstest]
#[actix_web::test]
async fn email_is_found_in_every_spelling(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let amy = registration(json!({"email": "Amy.Straße@example.com", "password": "password"}));
    anonymous.post("/api/users", amy).await.assert_status(201);

    for email in ["Amy.Straße@example.com", "AMY.STRASSE@EXAMPLE.COM", "ａｍｙ.strasse@example．com"] {
        anonymous.log_in(email, "password").await.assert_status(200).assert_at("/user/email", "Amy.Straße@example.com");
    }
}

#[rstest]
#[actix_web::test]
async fn unknown_email_and_wrong_password_get_equal_responses(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let invalid = r#"{"errors":{"credentials":["invalid"]}}"#;

    for email in ["unknown@example.com", "amy", "amy@example.com.", "amy@example.co", "'or 1=1--", "@"] {
        app.anonymous().log_in(email, &password_of("amy")).await.assert_text(401, invalid);
    }
    for password in ["x", "Amy's password", "amy's password ", &"x".repeat(1000)] {
        app.anonymous().log_in("amy@example.com", password).await.assert_text(401, invalid);
    }
    app.anonymous().log_in("unknown@example.com", "x").await.assert_text(401, invalid);
}

#[rstest]
#[actix_web::test]
async fn password_is_compared_exactly(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let password = "  Pässwo\u{308}rd\n";
    anonymous.post("/api/users", registration(json!({ "password": password }))).await.assert_status(201);

    anonymous.log_in("amy@example.com", password).await.assert_status(200);
    for other in [password.trim(), &password.to_lowercase(), "  Pässwörd\n"] {
        anonymous.log_in("amy@example.com", other).await.assert_error(401, "credentials", "invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn email_and_password_are_required(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let blank = "can't be blank";
    for field in ["email", "password"] {
        for text in BLANKS {
            log_in_with(&anonymous, json!({field: text})).await.assert_error(422, field, blank);
        }
        log_in_with(&anonymous, json!({field: null})).await.assert_error(422, field, blank);
    }
    let all = [("email", blank), ("password", blank)];
    anonymous.post("/api/users/login", json!({"user": {}})).await.assert_errors(422, &all);
    anonymous.post("/api/users/login", json!({})).await.assert_error(422, "user", blank);
}

#[rstest]
#[actix_web::test]
async fn field_of_wrong_type_or_with_nul_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    for field in ["email", "password"] {
        for wrong in [json!(1), json!(false), json!(["amy@example.com"]), json!({}), json!("amy@example.com\0")] {
            log_in_with(&app.anonymous(), json!({field: wrong})).await.assert_error(422, field, "is invalid");
        }
    }
}
