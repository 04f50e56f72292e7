//! Unknown paths, and methods that a route does not support.

use rstest::rstest;

use crate::support::Engine::*;
use crate::support::{Engine, Response, TestApp};

/// Paths with the methods that they support.
const ROUTES: &[(&str, &[&str])] = &[
    ("/api/users", &["POST"]),
    ("/api/users/login", &["POST"]),
    ("/api/user", &["GET", "HEAD", "PUT"]),
    ("/api/profiles/amy", &["GET", "HEAD"]),
    ("/api/profiles/amy/follow", &["DELETE", "POST"]),
    ("/api/articles", &["GET", "HEAD", "POST"]),
    ("/api/articles?limit=0", &["GET", "HEAD", "POST"]),
    ("/api/articles/feed", &["GET", "HEAD"]),
    ("/api/articles/dragons", &["DELETE", "GET", "HEAD", "PUT"]),
    ("/api/articles/dragons/favorite", &["DELETE", "POST"]),
    ("/api/articles/dragons/comments", &["GET", "HEAD", "POST"]),
    ("/api/articles/dragons/comments/1", &["DELETE"]),
    ("/api/tags", &["GET", "HEAD"]),
    ("/api/openapi.json", &["GET", "HEAD"]),
    ("/", &["GET", "HEAD"]),
    ("/docs", &["GET", "HEAD"]),
    ("/livez", &["GET", "HEAD"]),
    ("/readyz", &["GET", "HEAD"]),
];

#[rstest]
#[actix_web::test]
async fn unknown_method_is_rejected_with_the_allowed_methods(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for client in [app.anonymous(), app.user("amy").await] {
        for (path, supported) in ROUTES {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
                if supported.contains(&method) {
                    continue;
                }
                let body = if method == "HEAD" { "" } else { r#"{"errors":{"method":["not allowed"]}}"# };
                let response = client.call(&format!("{method} {path}"), "rubbish").await.assert_text(405, body);
                assert_eq!(allowed(&response), *supported, "{}", response.request);
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn options_returns_the_allowed_methods(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for client in [app.anonymous(), app.user("amy").await] {
        for (path, supported) in ROUTES {
            let response = client.call(&format!("OPTIONS {path}"), "rubbish").await.assert_text(204, "");
            assert_eq!(allowed(&response), *supported, "{}", response.request);
        }
    }
}

/// The methods of the header `Allow`, in alphabetical order.
fn allowed(response: &Response) -> Vec<&str> {
    let mut methods: Vec<&str> = response.header("Allow").split(", ").collect();
    methods.sort_unstable();
    methods
}

#[rstest]
#[actix_web::test]
async fn unknown_path_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let outside = ["/tags", "/articles", "/favicon.ico", "/metrics", "/API/tags", "//api/tags", "/livez/"];
    let inside = [
        "/api",
        "/api/",
        "/api/nothing",
        "/api/tags/",
        "/api/Tags",
        "/api/articles/",
        "/api/articles//favorite",
        "/api/articles/dragons/favorites",
        "/api/articles/dragons/comments/1/likes",
        "/api/profiles",
        "/api/profiles/",
        "/api/profiles/amy/follow/",
        "/api/profiles/amy/followers",
        "/api/users/amy",
        "/api/%00",
        "/api/%FF",
    ];
    for path in outside.iter().chain(&inside) {
        for client in [&app.anonymous(), &amy] {
            for method in ["GET", "POST", "PATCH", "OPTIONS"] {
                client.call(&format!("{method} {path}"), "rubbish").await.assert_error(404, "route", "not found");
            }
        }
    }
}
