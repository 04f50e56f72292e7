//! The request header, and the response headers of a replay.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::new_article;
use crate::support::{Engine, Response, TestApp};

#[rstest]
#[actix_web::test]
async fn malformed_key_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let long = "k".repeat(256);
    for key in ["", "\"\"", "\"open", "two words", "\"one\"; q=1", "\"one\", \"two\"", long.as_str()] {
        for endpoint in ["POST /api/articles", "POST /api/profiles/unknown/follow"] {
            let message = "must be a quoted string of 1 to 255 printable ASCII characters";
            amy.call_with_key(key, endpoint, "rubbish").await.assert_error(400, "Idempotency-Key", message);
            app.anonymous().call_with_key(key, endpoint, "rubbish").await.assert_error(401, "token", "is missing");
        }
    }
    amy.call_with_key(&long[..255], "POST /api/articles", new_article(json!({}))).await.assert_status(201);
}

/// ASVS 5.0 V7.4.1: the client of an ended session learns of no other error.
#[rstest]
#[actix_web::test]
async fn ended_session_takes_precedence_over_other_errors(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1024")]).await;
    let amy = app.user("amy").await;
    let phone = amy.new_session(&password_of("amy")).await;
    phone.put("/api/user", json!({"user": {"password": "another one"}})).await.assert_status(200);
    for endpoint in ["POST /api/articles", "POST /api/articles/nothing/favorite", "POST /api/profiles/unknown/follow"] {
        for (key, body) in [("two words", "rubbish".into()), ("one", "x".repeat(1025))] {
            amy.call_with_key(key, endpoint, body).await.assert_error(401, "token", "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn body_limit_applies_to_requests_with_a_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1024")]).await;
    let amy = app.user("amy").await;
    for endpoint in ["POST /api/articles", "POST /api/profiles/unknown/follow"] {
        amy.call_with_key("one", endpoint, "x".repeat(1025)).await.assert_error(413, "body", "is too large");
    }
}

#[rstest]
#[actix_web::test]
async fn cors_allows_the_key_and_exposes_the_replay_header(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let preflight = app.anonymous().request(Method::OPTIONS, "/api/articles").header("Origin", "https://front.example");
    let preflight = preflight.header("Access-Control-Request-Method", "POST");
    let headers = "authorization,content-type,idempotency-key";
    let response =
        Response::fetch(preflight.header("Access-Control-Request-Headers", headers)).await.assert_status(200);
    assert!(response.header("Access-Control-Allow-Headers").to_ascii_lowercase().contains("idempotency-key"));

    for _ in 0..2 {
        let request = amy.request(Method::POST, "/api/articles").header("Origin", "https://front.example");
        let response =
            Response::fetch(request.header("Idempotency-Key", "one").body(new_article(json!({})).to_string())).await;
        let response = response.assert_status(201);
        assert!(response.header("Access-Control-Expose-Headers").to_ascii_lowercase().contains("idempotent-replayed"));
        assert_eq!(
            (response.header("Access-Control-Allow-Origin"), response.header("Cache-Control")),
            ("*", "no-store")
        );
    }
}
