//! What every answer says to browsers and caches.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::{draft, registration, user},
    support::{Engine, Engine::*, Reply, TestApp},
};

const ALWAYS: [(&str, &str); 5] = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    // HTTPS is promised where there is HTTPS only.
    ("Strict-Transport-Security", ""),
];

/// ASVS 5.0 V3.4.3 to V3.4.6: a content security policy that lets nothing run and nobody frame, no sniffing, no referrer.
#[rstest]
#[actix_web::test]
async fn every_answer_is_guarded(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anon, amy) = (app.anon(), app.user("amy").await);
    let new = draft(json!({})).to_string();
    for (status, asker, line, body) in [
        (200, &anon, "GET /api/tags", ""),
        (200, &anon, "GET /livez", ""),
        (200, &anon, "GET /readyz", ""),
        (201, &amy, "POST /api/articles", new.as_str()),
        (200, &amy, "GET /api/articles/feed", ""),
        (401, &anon, "GET /api/user", ""),
        (404, &anon, "GET /api/articles/nothing", ""),
        (404, &anon, "GET /nothing", ""),
        (405, &anon, "DELETE /api/tags", ""),
        (413, &anon, "POST /api/users", &" ".repeat(2_000_000)),
        (422, &anon, "POST /api/users", "rubbish"),
        (204, &amy, "DELETE /api/articles/dragons", ""),
    ] {
        let reply = asker.ask(line, body).await.status(status);
        for (name, value) in ALWAYS {
            assert_eq!(reply.header(name), value, "{name} of {line}");
        }
    }
    let preflight = anon.request(Method::OPTIONS, "/api/user").header("Origin", "https://front.example");
    let reply = Reply::of(preflight.header("Access-Control-Request-Method", "PUT")).await;
    app.database.execute("drop table comments").await;
    for reply in [reply, anon.get("/api/articles/dragons/comments").await.status(500)] {
        for (name, value) in ALWAYS {
            assert_eq!(reply.header(name), value, "{name} of {}", reply.asked);
        }
    }
}

/// ASVS 5.0 V14.3.2: what is somebody's own is stored by no browser, and by no cache on the way.
#[rstest]
#[actix_web::test]
async fn no_cache_stores_what_is_somebody_s_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (anon, amy) = (app.anon(), app.user("amy").await);
    amy.publishes("Dragons").await;
    let lost = anon.with_token("rubbish");
    let credentials = user(json!({"email": "amy@example.com", "password": "amy's password"})).to_string();
    let bob = registration(json!({"username": "bob", "email": "bob@example.com"})).to_string();
    for (asker, line, body) in [
        (&anon, "POST /api/users", bob.as_str()),
        (&anon, "POST /api/users", &bob),
        (&anon, "POST /api/users/login", &credentials),
        (&anon, "POST /api/users/login", "rubbish"),
        (&amy, "GET /api/user", ""),
        (&amy, "PUT /api/user", "{}"),
        (&amy, "GET /api/articles", ""),
        (&amy, "GET /api/articles/feed", ""),
        (&amy, "GET /api/articles/dragons", ""),
        (&amy, "GET /api/articles/nothing", ""),
        (&amy, "POST /api/articles/dragons/favorite", ""),
        (&amy, "GET /api/profiles/bob", ""),
        (&lost, "GET /api/user", ""),
        (&lost, "GET /api/articles", ""),
    ] {
        let reply = asker.ask(line, body).await;
        assert_eq!(reply.header("Cache-Control"), "no-store", "{line}");
    }
}

/// A cache may keep what is everybody's, but must not give it to those with a token: they see favorites of their own.
#[rstest]
#[actix_web::test]
async fn what_everybody_sees_is_told_apart_from_what_one_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publishes("Dragons").await;
    for path in ["/api/articles", "/api/articles/dragons", "/api/profiles/amy", "/api/tags"] {
        let reply = app.anon().get(path).await.status(200);
        assert_eq!(reply.header("Cache-Control"), "");
        let vary: Vec<_> = reply.headers.get_all("Vary").iter().map(|value| value.to_str().expect("text")).collect();
        let vary = vary.join(", ").to_lowercase();
        assert!(vary.contains("origin") && vary.contains("authorization"), "{path}: {vary}");
    }
}
