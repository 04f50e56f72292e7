//! CORS.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::registration;
use crate::support::{Client, Engine, Response, TestApp};

const FRONT_END: &str = "https://front.example";
const ALLOWED_ORIGIN: &str = "Access-Control-Allow-Origin";

/// Sends what a browser sends before a request of a page of this origin.
async fn preflight(client: &Client, origin: &str, method: &str, path: &str) -> Response {
    let request = client.request(Method::OPTIONS, path).header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    Response::fetch(request.header("Access-Control-Request-Headers", "authorization,content-type")).await
}

/// Sends a request of a page of this origin.
async fn send(client: &Client, origin: &str, method: Method, path: &str, body: &str) -> Response {
    let request = client.request(method, path).header("Origin", origin).body(body.to_owned());
    Response::fetch(request).await
}

/// Whether a comma-separated header contains a name.
fn contains(response: &Response, header: &str, name: &str) -> bool {
    response.header(header).split(',').any(|listed| listed.trim().eq_ignore_ascii_case(name))
}

#[rstest]
#[actix_web::test]
async fn every_route_accepts_a_preflight(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for (path, methods) in [
        ("/api/users", &["POST"][..]),
        ("/api/users/login", &["POST"]),
        ("/api/user", &["GET", "PUT"]),
        ("/api/profiles/amy", &["GET"]),
        ("/api/profiles/amy/follow", &["POST", "DELETE"]),
        ("/api/articles", &["GET", "POST"]),
        ("/api/articles/feed", &["GET"]),
        ("/api/articles/dragons", &["GET", "PUT", "DELETE"]),
        ("/api/articles/dragons/favorite", &["POST", "DELETE"]),
        ("/api/articles/dragons/comments", &["GET", "POST"]),
        ("/api/articles/dragons/comments/1", &["DELETE"]),
        ("/api/tags", &["GET"]),
    ] {
        for method in methods {
            let response = preflight(&anonymous, FRONT_END, method, path).await;
            assert!(response.status.is_success(), "{method} {path}: {}", response.status);
            assert_eq!(response.header(ALLOWED_ORIGIN), "*");
            assert!(contains(&response, "Access-Control-Allow-Methods", method), "{method} {path}");
            for header in ["Authorization", "Content-Type"] {
                assert!(contains(&response, "Access-Control-Allow-Headers", header), "{header} {path}");
            }
        }
    }
}

/// ASVS 5.0 V3.4.2: `*` excludes requests with credentials.
#[rstest]
#[actix_web::test]
async fn default_allows_every_origin_without_credentials(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let development = ["http://localhost:3000", "http://localhost:4200", "http://127.0.0.1:5173", "http://[::1]:61234"];
    for origin in development.into_iter().chain([FRONT_END, "null"]) {
        let response = send(&anonymous, origin, Method::GET, "/api/tags", "").await.assert_status(200);
        for response in [response, preflight(&anonymous, origin, "GET", "/api/tags").await] {
            assert_eq!(response.header(ALLOWED_ORIGIN), "*");
            assert_eq!(response.header("Access-Control-Allow-Credentials"), "");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn errors_have_cors_headers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1KiB")]).await;
    let (amy, anonymous) = (app.user("amy").await, app.anonymous());
    amy.publish("Dragons").await;
    let bob = app.user("bob").await;
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let taken = registration(json!({})).to_string();
    let wrong = json!({"user": {"email": "amy@example.com", "password": "wrong"}}).to_string();

    for (status, client, method, path, body) in [
        (401, &anonymous, &get, "/api/user", ""),
        (401, &anonymous.with_token("rubbish"), &get, "/api/user", ""),
        (401, &anonymous, &post, "/api/users/login", &wrong),
        (403, &bob, &Method::DELETE, "/api/articles/dragons", ""),
        (404, &anonymous, &get, "/api/articles/nothing", ""),
        (404, &anonymous, &get, "/api/nothing", ""),
        (404, &anonymous, &get, "/nothing", ""),
        (405, &anonymous, &put, "/api/tags", ""),
        (409, &anonymous, &post, "/api/users", &taken),
        (413, &anonymous, &post, "/api/users", &"x".repeat(1025)),
        (422, &anonymous, &post, "/api/users", "rubbish"),
        (422, &amy, &put, "/api/user", "{}"),
        (422, &anonymous, &get, "/api/articles?limit=0", ""),
    ] {
        let response = send(client, FRONT_END, method.clone(), path, body).await.assert_error_shape(status);
        assert_eq!(response.header(ALLOWED_ORIGIN), "*", "{}", response.request);
    }
    app.database.execute("drop table comments").await;
    let response = send(&anonymous, FRONT_END, get, "/api/articles/dragons/comments", "").await.assert_error_shape(500);
    assert_eq!(response.header(ALLOWED_ORIGIN), "*");
}

/// ASVS 5.0 V3.4.2: origins are checked against a list.
#[rstest]
#[actix_web::test]
async fn only_configured_origins_may_read(#[values(Sqlite, Postgres)] engine: Engine) {
    let origins = "https://front.example,http://localhost:4100";
    let app = TestApp::start_with(engine, &[("CORS_ALLOWED_ORIGINS", origins)]).await;
    let anonymous = app.anonymous();
    for (origin, allowed) in [
        (FRONT_END, FRONT_END),
        ("http://localhost:4100", "http://localhost:4100"),
        ("http://localhost:4101", ""),
        ("http://front.example", ""),
        ("https://evil.front.example", ""),
        ("https://front.example.evil", ""),
        ("null", ""),
    ] {
        // The server responds to every origin: the browser withholds the response from the page.
        let lists = send(&anonymous, origin, Method::GET, "/api/articles", "").await.assert_status(200);
        let error =
            send(&anonymous, origin, Method::GET, "/api/user", "").await.assert_error(401, "token", "is missing");
        for response in [lists, error] {
            assert_eq!(response.header(ALLOWED_ORIGIN), allowed, "{origin}");
            assert!(contains(&response, "Vary", "Origin"), "{origin}: a cache must keep responses apart by origin");
        }
        let response = preflight(&anonymous, origin, "PUT", "/api/user").await;
        assert_eq!(response.header(ALLOWED_ORIGIN), allowed, "{origin}");
        if !response.status.is_success() {
            let status = response.status.as_u16();
            response.assert_error_shape(status);
        }
    }
    anonymous.get("/api/tags").await.assert_status(200);
}
