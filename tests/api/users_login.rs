//! `POST /api/users/login`

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{BLANKS, registration, user, without},
    support::{Client, Engine, Engine::*, Reply, TestApp, client::password_of},
};

async fn log_in(anon: &Client, email: &str, password: &str) -> Reply {
    anon.post("/api/users/login", user(json!({"email": email, "password": password}))).await
}

/// Logging in with these fields in place of amy's.
async fn log_in_with(anon: &Client, fields: Value) -> Reply {
    anon.post("/api/users/login", user(without(registration(fields)["user"].clone(), "username"))).await
}

#[rstest]
#[actix_web::test]
async fn logging_in_answers_with_the_user(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);

    let reply = log_in(&app.anon(), "amy@example.com", &password_of("amy")).await;

    let token = reply.text_at("/user/token");
    let json = json!({"username": "amy", "email": "amy@example.com", "bio": "I", "image": "i.png", "token": token});
    reply.is(200, json!({ "user": json }));
}

#[rstest]
#[actix_web::test]
async fn several_sessions_live_side_by_side(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let token = log_in(&app.anon(), "amy@example.com", &password_of("amy")).await.text_at("/user/token");

    for session in [&amy, &amy.with_token(&token)] {
        session.get("/api/user").await.status(200).has("/user/username", "amy");
    }
}

#[rstest]
#[actix_web::test]
async fn the_email_is_found_in_every_form_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let amy = registration(json!({"email": "Amy.Straße@example.com", "password": "password"}));
    anon.post("/api/users", amy).await.status(201);

    for email in ["Amy.Straße@example.com", "AMY.STRASSE@EXAMPLE.COM", "ａｍｙ.strasse@example．com"] {
        log_in(&anon, email, "password").await.status(200).has("/user/email", "Amy.Straße@example.com");
    }
}

#[rstest]
#[actix_web::test]
async fn an_unknown_email_and_a_wrong_password_are_not_told_apart(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let invalid = r#"{"errors":{"credentials":["invalid"]}}"#;

    for email in ["nobody@example.com", "amy", "amy@example.com.", "amy@example.co", "'or 1=1--", "@"] {
        log_in(&app.anon(), email, &password_of("amy")).await.has_text(401, invalid);
    }
    for password in ["x", "Amy's password", "amy's password ", &"x".repeat(1000)] {
        log_in(&app.anon(), "amy@example.com", password).await.has_text(401, invalid);
    }
    log_in(&app.anon(), "nobody@example.com", "x").await.has_text(401, invalid);
}

#[rstest]
#[actix_web::test]
async fn a_password_is_taken_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let password = "  Pässwo\u{308}rd\n";
    anon.post("/api/users", registration(json!({ "password": password }))).await.status(201);

    log_in(&anon, "amy@example.com", password).await.status(200);
    for other in [password.trim(), &password.to_lowercase(), "  Pässwörd\n"] {
        log_in(&anon, "amy@example.com", other).await.is_error(401, "credentials", "invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn neither_field_can_be_blank(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let blank = "can't be blank";
    for field in ["email", "password"] {
        for text in BLANKS {
            log_in_with(&anon, json!({field: text})).await.is_error(422, field, blank);
        }
        log_in_with(&anon, json!({field: null})).await.is_error(422, field, blank);
    }
    let all = [("email", blank), ("password", blank)];
    anon.post("/api/users/login", user(json!({}))).await.has_errors(422, &all);
    anon.post("/api/users/login", json!({})).await.is_error(422, "user", blank);
}

#[rstest]
#[actix_web::test]
async fn a_field_of_the_wrong_type_or_with_nul_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    for field in ["email", "password"] {
        for wrong in [json!(1), json!(false), json!(["amy@example.com"]), json!({}), json!("amy@example.com\0")] {
            log_in_with(&app.anon(), json!({field: wrong})).await.is_error(422, field, "is invalid");
        }
    }
}
