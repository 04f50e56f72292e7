//! HEAD, which responds as GET does, without a body.

use reqwest::Method;
use reqwest::header::HeaderMap;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::{Engine, TestApp};

/// Headers with another value in each response.
const CHANGING: [&str; 3] = ["date", "traceparent", "x-request-id"];

#[rstest]
#[actix_web::test]
async fn head_has_the_status_and_headers_of_get(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish_tagged("Dragons", &["fire"]).await;
    amy.comment(&slug, "Roar").await;
    for client in [&app.anonymous(), &amy] {
        for path in [
            "/livez",
            "/readyz",
            "/",
            "/docs",
            "/api/openapi.json",
            "/api/articles",
            "/api/articles?author=amy&limit=1",
            "/api/articles?limit=0",
            "/api/articles/feed",
            "/api/articles/dragons",
            "/api/articles/nothing",
            "/api/articles/dragons/comments",
            "/api/profiles/amy",
            "/api/tags",
            "/api/user",
            "/api/nothing",
        ] {
            let get = client.get(path).await;
            let head = client.send(Method::HEAD, path, None).await.assert_text(get.status.as_u16(), "");
            assert_eq!(stable(&head.headers), stable(&get.headers), "{path}");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn head_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    for path in ["/api/users", "/api/articles/dragons/favorite", "/api/profiles/amy/follow"] {
        amy.send(Method::HEAD, path, Some(json!({}).to_string().into_bytes())).await.assert_text(405, "");
    }
    app.anonymous().get("/api/articles/dragons").await.assert_at("/article/favoritesCount", 0);
}

fn stable(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in CHANGING {
        headers.remove(name);
    }
    headers
}
