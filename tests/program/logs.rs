//! The log, and whoever reads it or does not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join, join_all};
use reqwest::Method;
use rstest::rstest;
use serde_json::Value;
use tokio::{sync::oneshot, time::sleep};

use crate::{
    process::{Program, read_on},
    support::{Database, Engine, Engine::*, Response},
};

#[rstest]
#[actix_web::test]
async fn whatever_passes_the_filter_says_which_request_it_is_about(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("error,conduit::app=info", "conduit::adapters::http::errors=error,conduit::app=info")] filter: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("LOG_FORMAT", "json").with("RUST_LOG", filter);
    let server = program.serve().await;
    server.anon().register("amy").await.publish("Dragons").await;
    database.execute("drop table comments").await;
    let reply = server.anon().get("/api/articles/dragons/comments").await.assert_status(500);

    let said = server.stop().await.succeeds();
    // In development there is a welcome between the lines.
    let mut lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let line = lines.find(|line| line["level"] == "ERROR").unwrap_or_else(|| panic!("{said}"));
    assert_eq!(line["request_id"], reply.header("X-Request-Id"), "{line}");
    assert_eq!(line["trace_id"], reply.header("traceparent")[3..35], "{line}");
}

/// More than a pipe holds, which is 64 KiB on Linux.
const REQUESTS: usize = 300;

#[expect(clippy::disallowed_methods, reason = "the reader goes its own way, beside the test")]
#[actix_web::test]
async fn a_slow_reader_is_waited_for_and_misses_nothing() {
    let program = Program::new().with("LOG_FORMAT", "json");
    let (go_on, may_read) = oneshot::channel::<()>();
    let reader = |said, out| {
        tokio::spawn(async move {
            may_read.await.expect("the test says when");
            read_on(said, out).await.expect("all that was said")
        })
    };
    let server = program.serve_to(reader).await;
    let answered = Arc::new(AtomicUsize::new(0));
    let ask = |number: usize| {
        // A path that asks nothing of the database, whose pool would not wait so long.
        let request = server.anon().request(Method::GET, "/nothing").header("X-Request-Id", format!("slow-{number}-"));
        let (request, answered) = (request.header("User-Agent", "x".repeat(1000)), Arc::clone(&answered));
        async move {
            Response::fetch(request).await.assert_status(404);
            answered.fetch_add(1, Ordering::Relaxed);
        }
    };
    let wake = async {
        sleep(Duration::from_secs(2)).await;
        let before = answered.load(Ordering::Relaxed);
        go_on.send(()).expect("the reader waits");
        before
    };

    let (before, _) = join(wake, join_all((0..REQUESTS).map(ask))).await;

    assert!(before < REQUESTS, "the pipe holds more than the test thought");
    let said = server.stop().await.succeeds();
    for number in 0..REQUESTS {
        let id = format!("\"slow-{number}-\"");
        let mut lines = said.lines().filter(|line| line.contains(&id));
        let line: Value = serde_json::from_str(lines.next().expect(&id)).expect("a whole line");
        assert!(line["message"] == "answered" && lines.next().is_none(), "{line}");
    }
}

#[expect(clippy::disallowed_methods, reason = "a reader that is gone")]
#[actix_web::test]
async fn without_a_reader_it_goes_on_and_says_once_that_nobody_listens() {
    let program = Program::new();
    let server = program
        .serve_to(|said, out| {
            drop(out);
            tokio::spawn(async move { said })
        })
        .await;
    for _ in 0..10 {
        server.anon().get("/api/tags").await.assert_status(200);
    }
    let complaint = server.stop().await.complains();
    assert!(complaint.starts_with("the log cannot be written: Broken pipe"), "{complaint}");
}
