//! The log on standard output, and slow or missing readers of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{join, join_all};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;
use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::process::{Program, read_to_end};
use crate::support::Engine::*;
use crate::support::{Database, Engine, Response};

#[rstest]
#[actix_web::test]
async fn every_line_about_a_request_has_its_ids(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("error,conduit::app=info", "conduit::adapters::http::errors=error,conduit::app=info")] filter: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("LOG_FORMAT", "json").with("RUST_LOG", filter);
    let server = program.serve().await;
    server.anonymous().register("amy").await.publish("Dragons").await;
    database.execute("drop table comments").await;
    let response = server.anonymous().get("/api/articles/dragons/comments").await.assert_status(500);

    let output = server.stop().await.assert_success();
    // The dev profile also prints a welcome.
    let mut lines = output.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line = lines.find(|line| line["level"] == "ERROR").unwrap_or_else(|| panic!("{output}"));
    assert_eq!(line["request_id"], response.header("X-Request-Id"), "{line}");
    assert_eq!(line["trace_id"], response.header("traceparent")[3..35], "{line}");
}

/// Enough lines to fill a pipe, which holds 64 KiB on Linux.
const REQUESTS: usize = 300;

#[expect(clippy::disallowed_methods, reason = "the reader runs beside the test")]
#[actix_web::test]
async fn slow_reader_delays_responses_and_receives_every_line() {
    let program = Program::new().with("LOG_FORMAT", "json");
    let (start_reading, started) = oneshot::channel::<()>();
    let reader = |output, stdout| {
        tokio::spawn(async move {
            started.await.expect("a signal");
            read_to_end(output, stdout).await.expect("the whole output")
        })
    };
    let server = program.serve_with_reader(reader).await;
    let responses = Arc::new(AtomicUsize::new(0));
    let send = |number: usize| {
        // This path uses no connection of the pool, whose timeout is shorter.
        let request =
            server.anonymous().request(Method::GET, "/nothing").header("X-Request-Id", format!("slow-{number}-"));
        let (request, responses) = (request.header("User-Agent", "x".repeat(1000)), Arc::clone(&responses));
        async move {
            Response::fetch(request).await.assert_status(404);
            responses.fetch_add(1, Ordering::Relaxed);
        }
    };
    let resume = async {
        sleep(Duration::from_secs(2)).await;
        let before = responses.load(Ordering::Relaxed);
        start_reading.send(()).expect("a waiting reader");
        before
    };

    let (before, _) = join(resume, join_all((0..REQUESTS).map(send))).await;

    assert!(before < REQUESTS, "the lines do not fill the pipe");
    let output = server.stop().await.assert_success();
    for number in 0..REQUESTS {
        let id = format!("\"slow-{number}-\"");
        let mut lines = output.lines().filter(|line| line.contains(&id));
        let line: Value = serde_json::from_str(lines.next().expect(&id)).expect("a whole line");
        assert!(line["message"] == "answered" && lines.next().is_none(), "{line}");
    }
}

#[expect(clippy::disallowed_methods, reason = "stands in for the reader")]
#[actix_web::test]
async fn server_without_a_log_reader_serves_and_warns_once_per_outage() {
    let program = Program::new();
    let server = program
        .serve_with_reader(|output, stdout| {
            drop(stdout);
            tokio::spawn(async move { output })
        })
        .await;
    for _ in 0..10 {
        server.anonymous().get("/api/tags").await.assert_status(200);
    }
    let warnings = server.stop().await.assert_warnings();
    // A process that another test is starting holds the pipe open until it runs its program.
    let alternating = ["the log cannot be written: Broken pipe", "the log can be written again"].into_iter().cycle();
    assert!(!warnings.is_empty());
    assert!(warnings.iter().zip(alternating).all(|(warning, start)| warning.starts_with(start)), "{warnings:?}");
}
