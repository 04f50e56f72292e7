//! `--latency` and `--fault-rate`.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::process::Program;
use crate::support::{Client, Response};

async fn get_from_browser(client: &Client, path: &str) -> Response {
    Response::fetch(client.request(Method::GET, path).header("Origin", "http://localhost:5173")).await
}

#[actix_web::test]
async fn delayed_response_has_cors_headers() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--latency", "300ms"]).await;
    let start = Instant::now();
    let response = get_from_browser(&server.anonymous(), "/api/tags").await;
    assert!(start.elapsed() >= Duration::from_millis(300));
    assert_eq!(response.header("Access-Control-Allow-Origin"), "*");
    response.assert(200, json!({"tags": []}));
}

#[actix_web::test]
async fn injected_fault_has_the_error_shape_and_no_effect() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--fault-rate", "100%"]).await;
    let response = get_from_browser(&server.anonymous(), "/api/tags").await;
    assert_eq!(response.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(response.header("Retry-After"), "1");
    assert!(!response.header("X-Request-Id").is_empty());
    response.assert_error(503, "service", "is unavailable");
    let amy = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "correct horse"}});
    server.anonymous().post("/api/users", amy.clone()).await.assert_status(503);
    // Probes and preflight requests are exempt.
    for path in ["/livez", "/readyz"] {
        server.anonymous().get(path).await.assert_status(200);
    }
    let preflight = server.anonymous().request(Method::OPTIONS, "/api/tags").header("Origin", "http://localhost:5173");
    Response::fetch(preflight.header("Access-Control-Request-Method", "GET")).await.assert_status(200);
    let output = server.stop().await.assert_success();
    assert!(output.contains("faults are injected into answers of the API"), "{output}");

    let server = program.serve().await;
    server.anonymous().post("/api/users", amy).await.assert_status(201);
}

#[actix_web::test]
async fn fault_rate_applies_to_each_request() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--fault-rate", "50%"]).await;
    let mut failed = 0;
    for _ in 0..60 {
        failed += i32::from(server.anonymous().get("/api/tags").await.status == 503);
    }
    // The probability of 0 or 60 is below 10^-17.
    assert!((1..60).contains(&failed), "{failed} of 60");
}

#[actix_web::test]
async fn prod_profile_rejects_fault_injection() {
    let program = Program::new().with_prod_profile();
    for flag in [["--latency", "200ms"], ["--fault-rate", "5%"]] {
        let line = program.run(&["serve", flag[0], flag[1]]).await.assert_failure();
        assert_eq!(line, "CONDUIT_PROFILE is prod: --latency and --fault-rate are for development alone");
    }
}
