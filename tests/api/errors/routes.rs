//! Paths that are no routes, and methods that routes do not know.

use rstest::rstest;

use crate::support::{Engine, Engine::*, TestApp};

const ROUTES: [(&str, &[&str]); 18] = [
    ("/api/users", &["POST"]),
    ("/api/users/login", &["POST"]),
    ("/api/user", &["GET", "PUT"]),
    ("/api/profiles/amy", &["GET"]),
    ("/api/profiles/amy/follow", &["DELETE", "POST"]),
    ("/api/articles", &["GET", "POST"]),
    ("/api/articles?limit=0", &["GET", "POST"]),
    ("/api/articles/feed", &["GET"]),
    ("/api/articles/dragons", &["DELETE", "GET", "PUT"]),
    ("/api/articles/dragons/favorite", &["DELETE", "POST"]),
    ("/api/articles/dragons/comments", &["GET", "POST"]),
    ("/api/articles/dragons/comments/1", &["DELETE"]),
    ("/api/tags", &["GET"]),
    ("/api/openapi.json", &["GET"]),
    ("/", &["GET"]),
    ("/docs", &["GET"]),
    ("/livez", &["GET"]),
    ("/readyz", &["GET"]),
];

#[rstest]
#[actix_web::test]
async fn a_path_says_which_methods_it_knows(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for asker in [app.anon(), app.user("amy").await] {
        for (path, known) in ROUTES {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"] {
                if known.contains(&method) {
                    continue;
                }
                let body = if method == "HEAD" { "" } else { r#"{"errors":{"method":["not allowed"]}}"# };
                let reply = asker.ask(&format!("{method} {path}"), "rubbish").await.has_text(405, body);
                let mut allowed: Vec<&str> = reply.header("Allow").split(", ").collect();
                allowed.sort_unstable();
                assert_eq!(allowed, known, "{}", reply.asked);
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_path_that_leads_nowhere_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
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
        for asker in [&app.anon(), &amy] {
            for method in ["GET", "POST", "PATCH", "OPTIONS"] {
                asker.ask(&format!("{method} {path}"), "rubbish").await.is_error(404, "route", "not found");
            }
        }
    }
}
