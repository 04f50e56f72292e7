//! Response headers for browsers and caches.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Engine, Response, TestApp};

const SECURITY_HEADERS: &[(&str, &str)] = &[
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    // Sent over HTTPS only.
    ("Strict-Transport-Security", ""),
];

/// ASVS 5.0 V3.4.3 to V3.4.6: the content security policy forbids scripts and frames; no sniffing,
/// no referrer.
#[rstest]
#[actix_web::test]
async fn every_response_has_security_headers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anonymous, amy) = (app.anonymous(), app.user("amy").await);
    let new = new_article(json!({})).to_string();
    for (status, client, endpoint, body) in [
        (200, &anonymous, "GET /api/tags", ""),
        (200, &anonymous, "GET /livez", ""),
        (200, &anonymous, "GET /readyz", ""),
        (201, &amy, "POST /api/articles", new.as_str()),
        (200, &amy, "GET /api/articles/feed", ""),
        (401, &anonymous, "GET /api/user", ""),
        (404, &anonymous, "GET /api/articles/nothing", ""),
        (404, &anonymous, "GET /nothing", ""),
        (405, &anonymous, "DELETE /api/tags", ""),
        (413, &anonymous, "POST /api/users", &" ".repeat(2_000_000)),
        (422, &anonymous, "POST /api/users", "rubbish"),
        (204, &amy, "DELETE /api/articles/dragons", ""),
    ] {
        let response = client.call(endpoint, body).await.assert_status(status);
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(response.header(name), *value, "{name} of {endpoint}");
        }
    }
    let preflight = anonymous.request(Method::OPTIONS, "/api/user").header("Origin", "https://front.example");
    let response = Response::fetch(preflight.header("Access-Control-Request-Method", "PUT")).await;
    app.database.execute("drop table comments").await;
    for response in [response, anonymous.get("/api/articles/dragons/comments").await.assert_status(500)] {
        for (name, value) in SECURITY_HEADERS {
            assert_eq!(response.header(name), *value, "{name} of {}", response.request);
        }
    }
}

/// ASVS 5.0 V14.3.2: neither browsers nor caches store personal data.
#[rstest]
#[actix_web::test]
async fn personal_responses_are_not_cached(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anonymous, amy) = (app.anonymous(), app.user("amy").await);
    amy.publish("Dragons").await;
    let with_invalid_token = anonymous.with_token("rubbish");
    let credentials = json!({"user": {"email": "amy@example.com", "password": "amy's password"}}).to_string();
    let bob = registration(json!({"username": "bob", "email": "bob@example.com"})).to_string();
    for (client, endpoint, body) in [
        (&anonymous, "POST /api/users", bob.as_str()),
        (&anonymous, "POST /api/users", &bob),
        (&anonymous, "POST /api/users/login", &credentials),
        (&anonymous, "POST /api/users/login", "rubbish"),
        (&amy, "GET /api/user", ""),
        (&amy, "PUT /api/user", "{}"),
        (&amy, "GET /api/articles", ""),
        (&amy, "GET /api/articles/feed", ""),
        (&amy, "GET /api/articles/dragons", ""),
        (&amy, "GET /api/articles/nothing", ""),
        (&amy, "POST /api/articles/dragons/favorite", ""),
        (&amy, "GET /api/profiles/bob", ""),
        (&with_invalid_token, "GET /api/user", ""),
        (&with_invalid_token, "GET /api/articles", ""),
    ] {
        let response = client.call(endpoint, body).await;
        assert_eq!(response.header("Cache-Control"), "no-store", "{endpoint}");
    }
}

/// A cache may store a public response, but must not serve it to a client with a token, whose
/// favorites differ.
#[rstest]
#[actix_web::test]
async fn public_responses_vary_by_authorization(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publish("Dragons").await;
    for path in ["/api/articles", "/api/articles/dragons", "/api/profiles/amy", "/api/tags"] {
        let response = app.anonymous().get(path).await.assert_status(200);
        assert_eq!(response.header("Cache-Control"), "");
        let vary: Vec<_> = response.headers.get_all("Vary").iter().map(|value| value.to_str().expect("text")).collect();
        let vary = vary.join(", ").to_lowercase();
        assert!(vary.contains("origin") && vary.contains("authorization"), "{path}: {vary}");
    }
}
