//! Slow clients.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::Engine::*;
use crate::support::fixtures::{new_article, registration};
use crate::support::{Engine, TestApp};

/// Timeout of slow requests.
const TIMEOUT: &str = "1s";
/// Limit for everything else, on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

const HEAD: &str = "POST /api/users HTTP/1.1\r\nHost: conduit\r\n";

async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("BODY_TIMEOUT", TIMEOUT)]).await
}

/// Opens a connection and sends the start of a request.
async fn connect(app: &TestApp, start: &str) -> TcpStream {
    let mut stream = app.connect().await;
    stream.write_all(start.as_bytes()).await.expect("a start");
    stream
}

/// Sends a piece ten times a second until the server closes the connection. Returns what the server
/// sent.
async fn drip(stream: TcpStream, piece: &str) -> String {
    let (mut from, mut to) = stream.into_split();
    let mut received = Vec::new();
    let dripping = async {
        while to.write_all(piece.as_bytes()).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        std::future::pending().await
    };
    let closed = timeout(DEADLINE, async {
        tokio::select! {
            // A reset closes the connection too.
            _ = from.read_to_end(&mut received) => {}
            () = dripping => {}
        }
    });
    closed.await.expect("the server closes the connection");
    String::from_utf8_lossy(&received).into_owned()
}

#[rstest]
#[actix_web::test]
async fn endless_head_is_a_408(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let response = drip(connect(&app, HEAD).await, "X-More: x\r\n").await;
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response}");
}

#[rstest]
#[case::of_an_announced_size("Content-Length: 1000000\r\n\r\n{", " ")]
#[case::in_chunks("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "1\r\n \r\n")]
#[actix_web::test]
async fn endless_body_is_a_408(
    #[case] start_of_body: &str,
    #[case] piece: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine).await;
    let response = drip(connect(&app, &format!("{HEAD}{start_of_body}")).await, piece).await;
    assert!(response.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{response}");
    assert!(response.to_lowercase().contains("\r\nconnection: close\r\n"), "{response}");
    assert!(response.ends_with(r#"{"errors":{"body":["is too slow"]}}"#), "{response}");
}

/// The timeout of a connection's later requests is the same.
#[rstest]
#[actix_web::test]
async fn endless_second_head_is_disconnected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "1s")]).await;
    let complete = "GET /api/tags HTTP/1.1\r\nHost: conduit\r\n\r\n";
    let response = drip(connect(&app, &format!("{complete}GET /api/tags HTTP/1.1\r\n")).await, "X-More: x\r\n").await;
    assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
}

#[rstest]
#[actix_web::test]
async fn client_that_reads_no_responses_is_disconnected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "1s")]).await;
    let amy = app.user("amy").await;
    amy.post("/api/articles", new_article(json!({"body": "x".repeat(1_000_000)}))).await.assert_status(201);
    let requests = "GET /api/articles/dragons HTTP/1.1\r\nHost: conduit\r\n\r\n".repeat(20);
    let mut stream = connect(&app, &requests).await;
    sleep(Duration::from_secs(6)).await;

    let mut received = Vec::new();
    // A reset closes the connection too.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut received)).await.expect("the server has closed the connection");
    assert!(received.len() < 20_000_000, "the client got all responses: {}", received.len());
}

#[rstest]
#[actix_web::test]
async fn idle_connection_within_keep_alive_stays_open(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "4s")]).await;
    let mut stream = connect(&app, "").await;
    for _ in 0..10 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: conduit\r\n\r\n").await.expect("an open connection");
        let mut response = [0; 8192];
        let length = stream.read(&mut response).await.expect("a response");
        assert!(response[..length].starts_with(b"HTTP/1.1 200 OK\r\n"));
        sleep(Duration::from_secs(1)).await;
    }
}

#[rstest]
#[case::ignored("GET /api/tags", 200)]
#[case::refused("POST /api/articles", 401)]
#[case::too_large("POST /api/users", 413)]
#[actix_web::test]
async fn endless_unread_body_gets_a_response_and_is_disconnected(
    #[case] endpoint: &str,
    #[case] status: u16,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine).await;
    let head = format!("{endpoint} HTTP/1.1\r\nHost: conduit\r\nContent-Length: 100000000\r\n\r\n");
    let response = drip(connect(&app, &head).await, " ").await;
    assert!(response.starts_with(&format!("HTTP/1.1 {status} ")), "{response}");
}

#[rstest]
#[actix_web::test]
async fn slow_body_within_the_timeout_is_accepted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let body = registration(json!({})).to_string();
    let head = format!("{HEAD}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = connect(&app, &head).await;
    for piece in body.as_bytes().chunks(10) {
        sleep(Duration::from_millis(50)).await;
        stream.write_all(piece).await.expect("a piece");
    }
    let mut response = String::new();
    stream.read_to_string(&mut response).await.expect("a response");
    assert!(response.starts_with("HTTP/1.1 201 Created\r\n"), "{response}");
}

/// ASVS 5.0 V15.2.2: slow requests do not make the service unavailable to others.
#[rstest]
#[actix_web::test]
async fn slow_clients_do_not_delay_others(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slow = [HEAD.to_owned(), format!("{HEAD}Content-Length: 1000000\r\n\r\n{{")];
    let connections = join_all((0..100).map(|number| connect(&app, &slow[number % 2]))).await;

    let start = Instant::now();
    for number in 0..50 {
        amy.publish(&format!("Dragons {number}")).await;
        amy.get("/api/user").await.assert_status(200);
    }
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    drop(connections);
}
