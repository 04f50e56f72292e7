//! The header itself, and what answers say of it.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::draft,
    support::{Engine, Engine::*, Reply, TestApp},
};

#[rstest]
#[actix_web::test]
async fn a_header_that_holds_no_key_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = "k".repeat(256);
    for key in ["", "\"\"", "\"open", "two words", "\"one\"; q=1", "\"one\", \"two\"", long.as_str()] {
        for line in ["POST /api/articles", "POST /api/profiles/nobody/follow"] {
            let message = "must be a quoted string of 1 to 255 printable ASCII characters";
            amy.ask_with_key(key, line, "rubbish").await.is_error(400, "Idempotency-Key", message);
            app.anon().ask_with_key(key, line, "rubbish").await.is_error(401, "token", "is missing");
        }
    }
    amy.ask_with_key(&long[..255], "POST /api/articles", draft(json!({}))).await.status(201);
}

/// ASVS 5.0 V7.4.1: whose session has ended is told that, and nothing else that is wrong.
#[rstest]
#[actix_web::test]
async fn an_ended_session_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1024")]).await;
    let amy = app.user("amy").await;
    let credentials = json!({"user": {"email": "amy@example.com", "password": "amy's password"}});
    let token = app.anon().post("/api/users/login", credentials).await.status(200).text_at("/user/token");
    let changed = json!({"user": {"password": "another one"}});
    app.anon().with_token(&token).put("/api/user", changed).await.status(200);
    for line in ["POST /api/articles", "POST /api/articles/nothing/favorite", "POST /api/profiles/nobody/follow"] {
        for (key, body) in [("two words", "rubbish".into()), ("one", "x".repeat(1025))] {
            amy.ask_with_key(key, line, body).await.is_error(401, "token", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_body_with_a_key_has_the_limits_of_every_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1024")]).await;
    let amy = app.user("amy").await;
    for line in ["POST /api/articles", "POST /api/profiles/nobody/follow"] {
        amy.ask_with_key("one", line, "x".repeat(1025)).await.is_error(413, "body", "is too large");
    }
}

#[rstest]
#[actix_web::test]
async fn pages_may_send_a_key_and_read_that_an_answer_is_a_repetition(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let preflight = amy.request(Method::OPTIONS, "/api/articles").header("Origin", "https://front.example");
    let preflight = preflight.header("Access-Control-Request-Method", "POST");
    let asked = "authorization,content-type,idempotency-key";
    let reply = Reply::of(preflight.header("Access-Control-Request-Headers", asked)).await.status(200);
    assert!(reply.header("Access-Control-Allow-Headers").to_ascii_lowercase().contains("idempotency-key"));

    for _ in 0..2 {
        let request = amy.request(Method::POST, "/api/articles").header("Origin", "https://front.example");
        let request = request.header("Authorization", format!("Token {}", amy.token.as_deref().unwrap()));
        let reply = Reply::of(request.header("Idempotency-Key", "one").body(draft(json!({})).to_string())).await;
        let reply = reply.status(201);
        assert!(reply.header("Access-Control-Expose-Headers").to_ascii_lowercase().contains("idempotent-replayed"));
        assert_eq!((reply.header("Access-Control-Allow-Origin"), reply.header("Cache-Control")), ("*", "no-store"));
    }
}
