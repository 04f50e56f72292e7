//! What pages of other origins may do.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::{registration, user},
    support::{Client, Engine, Engine::*, Reply, TestApp},
};

const FRONT_END: &str = "https://front.example";
const ALLOWED_ORIGIN: &str = "Access-Control-Allow-Origin";

/// What a browser asks before a page of this origin may send a request.
async fn preflight(client: &Client, origin: &str, method: &str, path: &str) -> Reply {
    let request = client.request(Method::OPTIONS, path).header("Origin", origin);
    let request = request.header("Access-Control-Request-Method", method);
    Reply::of(request.header("Access-Control-Request-Headers", "authorization,content-type")).await
}

/// A request of a page of this origin, with a body.
async fn ask(client: &Client, origin: &str, method: Method, path: &str, body: &str) -> Reply {
    let request = client.request(method, path).header("Origin", origin).body(body.to_owned());
    let token = client.token.as_ref().map(|token| format!("Token {token}"));
    Reply::of(token.into_iter().fold(request, |request, token| request.header("Authorization", token))).await
}

/// Whether a list in a header names this.
fn names(reply: &Reply, header: &str, name: &str) -> bool {
    reply.header(header).split(',').any(|listed| listed.trim().eq_ignore_ascii_case(name))
}

#[rstest]
#[actix_web::test]
async fn every_route_answers_a_preflight(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
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
            let reply = preflight(&anon, FRONT_END, method, path).await;
            assert!(reply.code.is_success(), "{method} {path}: {}", reply.code);
            assert_eq!(reply.header(ALLOWED_ORIGIN), "*");
            assert!(names(&reply, "Access-Control-Allow-Methods", method), "{method} {path}");
            for header in ["Authorization", "Content-Type"] {
                assert!(names(&reply, "Access-Control-Allow-Headers", header), "{header} {path}");
            }
        }
    }
}

/// ASVS 5.0 V3.4.2: `*` stands for pages without the reader's rights.
#[rstest]
#[actix_web::test]
async fn in_development_every_page_may_read_but_none_with_credentials(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let development = ["http://localhost:3000", "http://localhost:4200", "http://127.0.0.1:5173", "http://[::1]:61234"];
    for origin in development.into_iter().chain([FRONT_END, "null"]) {
        let asked = ask(&anon, origin, Method::GET, "/api/tags", "").await.status(200);
        for reply in [asked, preflight(&anon, origin, "GET", "/api/tags").await] {
            assert_eq!(reply.header(ALLOWED_ORIGIN), "*");
            assert_eq!(reply.header("Access-Control-Allow-Credentials"), "");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn errors_can_be_read_too(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("BODY_LIMIT", "1KiB")]).await;
    let (amy, anon) = (app.user("amy").await, app.anon());
    amy.publishes("Dragons").await;
    let bob = app.user("bob").await;
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let taken = registration(json!({})).to_string();
    let wrong = user(json!({"email": "amy@example.com", "password": "wrong"})).to_string();

    for (status, client, method, path, body) in [
        (401, &anon, &get, "/api/user", ""),
        (401, &anon.with_token("rubbish"), &get, "/api/user", ""),
        (401, &anon, &post, "/api/users/login", &wrong),
        (403, &bob, &Method::DELETE, "/api/articles/dragons", ""),
        (404, &anon, &get, "/api/articles/nothing", ""),
        (404, &anon, &get, "/api/nothing", ""),
        (404, &anon, &get, "/nothing", ""),
        (405, &anon, &put, "/api/tags", ""),
        (409, &anon, &post, "/api/users", &taken),
        (413, &anon, &post, "/api/users", &"x".repeat(1025)),
        (422, &anon, &post, "/api/users", "rubbish"),
        (422, &amy, &put, "/api/user", "{}"),
        (422, &anon, &get, "/api/articles?limit=0", ""),
    ] {
        let reply = ask(client, FRONT_END, method.clone(), path, body).await.has_shape(status);
        assert_eq!(reply.header(ALLOWED_ORIGIN), "*", "{}", reply.asked);
    }
    app.database.execute("drop table comments").await;
    let reply = ask(&anon, FRONT_END, get, "/api/articles/dragons/comments", "").await.has_shape(500);
    assert_eq!(reply.header(ALLOWED_ORIGIN), "*");
}

/// ASVS 5.0 V3.4.2: origins are held against a list.
#[rstest]
#[actix_web::test]
async fn configured_origins_may_read_and_others_may_not(#[values(Sqlite, Postgres)] engine: Engine) {
    let origins = "https://front.example,http://localhost:4100";
    let app = TestApp::start_with(engine, &[("CORS_ALLOWED_ORIGINS", origins)]).await;
    let anon = app.anon();
    for (origin, allowed) in [
        (FRONT_END, FRONT_END),
        ("http://localhost:4100", "http://localhost:4100"),
        ("http://localhost:4101", ""),
        ("http://front.example", ""),
        ("https://evil.front.example", ""),
        ("https://front.example.evil", ""),
        ("null", ""),
    ] {
        // The server answers all the same: it is the browser that keeps the answer from the page.
        let lists = ask(&anon, origin, Method::GET, "/api/articles", "").await.status(200);
        let error = ask(&anon, origin, Method::GET, "/api/user", "").await.is_error(401, "token", "is missing");
        for reply in [lists, error] {
            assert_eq!(reply.header(ALLOWED_ORIGIN), allowed, "{origin}");
            assert!(names(&reply, "Vary", "Origin"), "{origin}: a cache must not give it to another");
        }
        let reply = preflight(&anon, origin, "PUT", "/api/user").await;
        assert_eq!(reply.header(ALLOWED_ORIGIN), allowed, "{origin}");
        if !reply.code.is_success() {
            let status = reply.code.as_u16();
            reply.has_shape(status);
        }
    }
    anon.get("/api/tags").await.status(200);
}
