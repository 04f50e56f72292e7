//! `/docs`: the files of Swagger UI. `tests/browser` opens them in a browser.

use reqwest::Method;
use reqwest::redirect::Policy;

use crate::support::Engine::*;
use crate::support::{Response, TestApp};

const FILES: &[(&str, &str)] = &[
    ("/docs", "text/html; charset=utf-8"),
    ("/docs/start.js", "text/javascript; charset=utf-8"),
    ("/docs/swagger-ui.css", "text/css"),
    ("/docs/swagger-ui-bundle.js", "text/javascript"),
    ("/docs/favicon-32x32.png", "image/png"),
];

#[actix_web::test]
async fn root_redirects_to_the_documentation() {
    let app = TestApp::start(Sqlite).await;
    let http = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let response = Response::fetch(http.get(format!("{}/", app.base_url()))).await.assert_status(307);
    assert_eq!(response.header("Location"), "/docs");
}

#[actix_web::test]
async fn page_refers_only_to_files_that_are_served() {
    let app = TestApp::start(Sqlite).await;
    let page = app.anonymous().get("/docs").await.assert_status(200);
    assert_eq!(app.anonymous().get("/docs/").await.assert_status(200).bytes, page.bytes);
    let text = page.text();
    let names: Vec<&str> =
        text.split(['"', '\'']).filter(|part| part.contains('/') && !part.contains(['<', '>'])).collect();
    let mut files: Vec<&str> = FILES.iter().map(|(path, _)| *path).skip(1).collect();
    files.push("text/html; charset=utf-8");
    assert!(names.iter().all(|name| files.contains(name) || *name == "image/png"), "{names:?}");
    for (path, content_type) in FILES {
        let response = app.anonymous().get(path).await.assert_status(200);
        assert_eq!(response.header("Content-Type"), *content_type, "{path}");
        assert!(response.bytes.len() > 400, "{path}");
    }
    app.anonymous().get("/docs/nothing.js").await.assert_error(404, "route", "not found");
}

#[actix_web::test]
async fn content_security_policy_allows_only_this_origin() {
    let app = TestApp::start(Sqlite).await;
    let page = app.anonymous().get("/docs").await;
    let policy = page.header("Content-Security-Policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert!(!policy.contains("http") && !policy.contains('*') && !policy.contains("eval"), "{policy}");
}

#[actix_web::test]
async fn unchanged_file_is_not_sent_again() {
    let app = TestApp::start(Sqlite).await;
    let paths = FILES.iter().map(|(path, _)| *path).chain(["/api/openapi.json"]);
    for path in paths {
        let first = app.anonymous().get(path).await.assert_status(200);
        assert_eq!(first.header("Cache-Control"), "no-cache");
        let again =
            |tag: &str| Response::fetch(app.anonymous().request(Method::GET, path).header("If-None-Match", tag));
        let response = again(first.header("ETag")).await.assert_status(304);
        assert!(response.bytes.is_empty() && response.header("ETag") == first.header("ETag"), "{path}");
        again("\"another\"").await.assert_status(200);
    }
}

#[actix_web::test]
async fn documentation_can_be_disabled() {
    let app = TestApp::start_with(Sqlite, &[("DOCS", "false")]).await;
    for path in ["/", "/docs", "/docs/", "/docs/start.js", "/api/openapi.json"] {
        app.anonymous().get(path).await.assert_error(404, "route", "not found");
    }
    app.anonymous().get("/api/tags").await.assert_status(200);
}
