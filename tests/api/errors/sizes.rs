//! Bodies of any size.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{comment, draft, registration, user},
    support::{Client, Engine, Engine::*, Reply, TestApp},
};

const MIB: usize = 1024 * 1024;

/// Registers with so many bytes, most of which are white space around the JSON.
async fn register_with(anon: &Client, size: usize) -> Reply {
    let mut body = registration(json!({})).to_string().into_bytes();
    body.resize(size, b' ');
    anon.ask("POST /api/users", body).await
}

#[rstest]
#[actix_web::test]
async fn a_body_may_have_a_mebibyte(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    register_with(&anon, MIB + 1).await.is_error(413, "body", "is too large");
    register_with(&anon, 16 * MIB).await.is_error(413, "body", "is too large");
    register_with(&anon, MIB).await.status(201);
}

#[rstest]
#[actix_web::test]
async fn the_limit_can_be_configured(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "2KiB")]).await;
    register_with(&app.anon(), 2049).await.is_error(413, "body", "is too large");
    register_with(&app.anon(), 2048).await.status(201);
}

#[rstest]
#[actix_web::test]
async fn every_route_with_a_body_has_the_limit(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "2KiB")]).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    let large = "x".repeat(2048);
    let path = format!("/api/articles/{slug}");
    for reply in [
        amy.post("/api/users", registration(json!({"password": large}))).await,
        amy.post("/api/users/login", user(json!({"password": large}))).await,
        amy.put("/api/user", user(json!({"bio": large}))).await,
        amy.post("/api/articles", draft(json!({"body": large}))).await,
        amy.put(&path, draft(json!({"body": large}))).await,
        amy.post(&format!("{path}/comments"), comment(&large)).await,
    ] {
        reply.is_error(413, "body", "is too large");
    }
    amy.get(&path).await.has("/article/body", "Body of Dragons");
    amy.get(&format!("{path}/comments")).await.is(200, json!({"comments": []}));
}

#[rstest]
#[actix_web::test]
async fn who_may_not_send_a_body_is_told_that_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let large = draft(json!({"body": "x".repeat(2 * MIB)}));
    anon.post("/api/articles", large).await.is_error(401, "token", "is missing");
}

#[rstest]
#[actix_web::test]
async fn a_large_body_where_none_is_taken_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (app.user("amy").await, app.user("bob").await);
    let large = json!("x".repeat(2 * MIB));
    bob.post("/api/profiles/amy/follow", large).await.status(200).has("/profile/following", true);
    bob.get("/api/profiles/amy").await.has("/profile/following", true);
}

#[rstest]
#[actix_web::test]
async fn a_text_of_almost_a_mebibyte_is_too_long(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let text = "x".repeat(MIB - 1000);
    for field in ["username", "email", "password"] {
        let reply = amy.post("/api/users", registration(json!({field: text}))).await.has_shape(422);
        assert!(reply.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for field in ["title", "description"] {
        let reply = amy.post("/api/articles", draft(json!({field: text}))).await.has_shape(422);
        assert!(reply.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for field in ["bio", "image"] {
        let reply = amy.put("/api/user", user(json!({field: text}))).await.has_shape(422);
        assert!(reply.text_at(&format!("/errors/{field}/0")).starts_with("is too long"));
    }
    for credentials in [json!({"email": text, "password": "x"}), json!({"email": "amy@example.com", "password": text})]
    {
        amy.post("/api/users/login", user(credentials)).await.is_error(401, "credentials", "invalid");
    }
}

#[rstest]
#[actix_web::test]
async fn ten_thousand_tags_are_too_many(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let tags: Value = (0..10_000).map(|number| json!(format!("tag {number}"))).collect();
    let message = "has too many (maximum is 32)";
    amy.post("/api/articles", draft(json!({ "tagList": tags }))).await.is_error(422, "tagList", message);
    let long: Value = vec!["x".repeat(100); 8_000].into();
    let message = "is too long (maximum is 64 characters)";
    amy.post("/api/articles", draft(json!({ "tagList": long }))).await.is_error(422, "tagList", message);
}
