//! Sizes of bodies.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Client, Engine, Response, TestApp};

const MIB: usize = 1024 * 1024;

/// Registers with a body of this number of bytes: JSON, then spaces.
async fn register_with(anonymous: &Client, size: usize) -> Response {
    let mut body = registration(json!({})).to_string().into_bytes();
    body.resize(size, b' ');
    anonymous.call("POST /api/users", body).await
}

#[rstest]
#[actix_web::test]
async fn default_body_limit_is_one_mebibyte(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    register_with(&anonymous, MIB + 1).await.assert_error(413, "body", "is too large");
    register_with(&anonymous, 16 * MIB).await.assert_error(413, "body", "is too large");
    register_with(&anonymous, MIB).await.assert_status(201);
}

#[rstest]
#[actix_web::test]
async fn body_limit_is_configurable(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "2KiB")]).await;
    register_with(&app.anonymous(), 2049).await.assert_error(413, "body", "is too large");
    register_with(&app.anonymous(), 2048).await.assert_status(201);
}

#[rstest]
#[actix_web::test]
async fn body_limit_applies_to_every_route_with_a_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "2KiB")]).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    let large = "x".repeat(2048);
    let path = format!("/api/articles/{slug}");
    for response in [
        amy.post("/api/users", registration(json!({"password": large}))).await,
        amy.post("/api/users/login", json!({"user": {"password": large}})).await,
        amy.put("/api/user", json!({"user": {"bio": large}})).await,
        amy.post("/api/articles", new_article(json!({"body": large}))).await,
        amy.put(&path, new_article(json!({"body": large}))).await,
        amy.post(&format!("{path}/comments"), json!({"comment": {"body": &large}})).await,
    ] {
        response.assert_error(413, "body", "is too large");
    }
    amy.get(&path).await.assert_at("/article/body", "Body of Dragons");
    amy.get(&format!("{path}/comments")).await.assert(200, json!({"comments": []}));
}

#[rstest]
#[actix_web::test]
async fn missing_token_takes_precedence_over_a_large_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let large = new_article(json!({"body": "x".repeat(2 * MIB)}));
    anonymous.post("/api/articles", large).await.assert_error(401, "token", "is missing");
}

#[rstest]
#[actix_web::test]
async fn large_unexpected_body_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);
    let large = json!("x".repeat(2 * MIB));
    bob.post("/api/profiles/amy/follow", large).await.assert_status(200).assert_at("/profile/following", true);
    bob.get("/api/profiles/amy").await.assert_at("/profile/following", true);
}

#[rstest]
#[actix_web::test]
async fn text_of_almost_one_mebibyte_is_too_long(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let text = "x".repeat(MIB - 1000);
    for field in ["username", "email", "password"] {
        let response = amy.post("/api/users", registration(json!({field: text}))).await.assert_error_shape(422);
        assert!(response.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for field in ["title", "description"] {
        let response = amy.post("/api/articles", new_article(json!({field: text}))).await.assert_error_shape(422);
        assert!(response.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for field in ["bio", "image"] {
        let response = amy.put("/api/user", json!({"user": {field: text}})).await.assert_error_shape(422);
        assert!(response.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for credentials in [json!({"email": text, "password": "x"}), json!({"email": "amy@example.com", "password": text})]
    {
        amy.post("/api/users/login", json!({"user": credentials})).await.assert_error(401, "credentials", "invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn ten_thousand_tags_are_too_many(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let tags: Value = (0..10_000).map(|number| json!(format!("tag {number}"))).collect();
    let message = "has too many (maximum is 32)";
    amy.post("/api/articles", new_article(json!({ "tagList": tags }))).await.assert_error(422, "tagList", message);
    let long: Value = vec!["x".repeat(100); 8_000].into();
    let message = "is too long (maximum is 64 characters)";
    amy.post("/api/articles", new_article(json!({ "tagList": long }))).await.assert_error(422, "tagList", message);
}
