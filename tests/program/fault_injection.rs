//! `--latency` and `--fault-rate`, for those who write front ends.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use crate::{
    process::Program,
    support::{Client, Response},
};

async fn ask_from_a_page(client: &Client, path: &str) -> Response {
    Response::fetch(client.request(Method::GET, path).header("Origin", "http://localhost:5173")).await
}

#[actix_web::test]
async fn answers_come_late_with_all_that_a_browser_needs() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--latency", "300ms"]).await;
    let asked = Instant::now();
    let reply = ask_from_a_page(&server.anon(), "/api/tags").await;
    assert!(asked.elapsed() >= Duration::from_millis(300));
    assert_eq!(reply.header("Access-Control-Allow-Origin"), "*");
    reply.assert(200, json!({"tags": []}));
}

#[actix_web::test]
async fn a_fault_is_an_error_like_any_other_and_nothing_is_done() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--fault-rate", "100%"]).await;
    let reply = ask_from_a_page(&server.anon(), "/api/tags").await;
    assert_eq!(reply.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(reply.header("Retry-After"), "1");
    assert!(!reply.header("X-Request-Id").is_empty());
    reply.assert_error(503, "service", "is unavailable");
    let amy = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "correct horse"}});
    server.anon().post("/api/users", amy.clone()).await.assert_status(503);
    // Probes are to see what is really wrong, and browsers ask beforehand whether they may.
    for path in ["/livez", "/readyz"] {
        server.anon().get(path).await.assert_status(200);
    }
    let preflight = server.anon().request(Method::OPTIONS, "/api/tags").header("Origin", "http://localhost:5173");
    Response::fetch(preflight.header("Access-Control-Request-Method", "GET")).await.assert_status(200);
    let said = server.stop().await.succeeds();
    assert!(said.contains("faults are injected into answers of the API"), "{said}");

    let server = program.serve().await;
    server.anon().post("/api/users", amy).await.assert_status(201);
}

#[actix_web::test]
async fn some_fail_and_some_do_not() {
    let program = Program::new();
    let server = program.serve_with(&["serve", "--fault-rate", "50%"]).await;
    let mut failed = 0;
    for _ in 0..60 {
        failed += i32::from(server.anon().get("/api/tags").await.status == 503);
    }
    // A fair coin does neither in less than one of 10^17 cases.
    assert!((1..60).contains(&failed), "{failed} of 60");
}

#[actix_web::test]
async fn prod_refuses() {
    let program = Program::new().with("CONDUIT_PROFILE", "prod").with("JWT_SECRET", &"0123456789abcdef".repeat(4));
    for flag in [["--latency", "200ms"], ["--fault-rate", "5%"]] {
        let line = program.run(&["serve", flag[0], flag[1]]).await.fails();
        assert_eq!(line, "CONDUIT_PROFILE is prod: --latency and --fault-rate are for development alone");
    }
}
