//! `/docs`: the files of Swagger UI. What a browser makes of them is in `tests/browser`.

use reqwest::{Method, redirect::Policy};

use crate::support::{Engine::*, Reply, TestApp};

const FILES: [(&str, &str); 5] = [
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/start.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui.css", "text/css"),
    ("/docs/swagger-ui-bundle.js", "text/javascript"),
    ("/docs/favicon-32x32.png", "image/png"),
];

#[actix_web::test]
async fn the_root_leads_to_the_documentation() {
    let app = TestApp::start(Sqlite).await;
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let reply = Reply::of(http.get(format!("{}/", app.base))).await.status(307);
    assert_eq!(reply.header("Location"), "/docs");
}

#[actix_web::test]
async fn the_page_has_all_that_it_names_and_names_nothing_elsewhere() {
    let app = TestApp::start(Sqlite).await;
    let page = app.anon().get("/docs").await.status(200);
    assert_eq!(app.anon().get("/docs/").await.status(200).bytes, page.bytes);
    let text = page.text();
    let named: Vec<&str> =
        text.split(['"', '\'']).filter(|part| part.contains('/') && !part.contains(['<', '>'])).collect();
    let mut files: Vec<&str> = FILES.iter().map(|(path, _)| *path).skip(1).collect();
    files.push("text/html; charset=utf-8");
    assert!(named.iter().all(|name| files.contains(name) || *name == "image/png"), "{named:?}");
    for (path, kind) in FILES {
        let reply = app.anon().get(path).await.status(200);
        assert_eq!(reply.header("Content-Type"), kind, "{path}");
        assert!(reply.bytes.len() > 400, "{path}");
    }
    app.anon().get("/docs/nothing.js").await.is_error(404, "route", "not found");
}

#[actix_web::test]
async fn the_page_may_load_and_ask_nothing_elsewhere() {
    let app = TestApp::start(Sqlite).await;
    let page = app.anon().get("/docs").await;
    let policy = page.header("Content-Security-Policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("eval"), "{policy}");
}

#[actix_web::test]
async fn what_a_browser_has_already_is_not_sent_again() {
    let app = TestApp::start(Sqlite).await;
    let paths = FILES.iter().map(|(path, _)| *path).chain(["/api/openapi.json"]);
    for path in paths {
        let first = app.anon().get(path).await.status(200);
        assert_eq!(first.header("Cache-Control"), "no-cache");
        let again = |tag: &str| Reply::of(app.anon().request(Method::GET, path).header("If-None-Match", tag));
        let reply = again(first.header("ETag")).await.status(304);
        assert!(reply.bytes.is_empty() && reply.header("ETag") == first.header("ETag"), "{path}");
        again("\"another\"").await.status(200);
    }
}

#[actix_web::test]
async fn the_documentation_can_be_left_out() {
    let app = TestApp::start_with(Sqlite, &[("DOCS", "false")]).await;
    for path in ["/", "/docs", "/docs/", "/docs/start.js", "/api/openapi.json"] {
        app.anon().get(path).await.is_error(404, "route", "not found");
    }
    app.anon().get("/api/tags").await.status(200);
}
