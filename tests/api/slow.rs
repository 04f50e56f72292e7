//! Clients that take their time.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    data::draft,
    support::{Engine, Engine::*, TestApp},
};

/// How long a slow client is waited for here, and how much longer anything may take: machines that build are slow too.
const TIMEOUT: &str = "1s";
const DEADLINE: Duration = Duration::from_secs(20);

const HEAD: &str = "POST /api/users HTTP/1.1\r\nHost: conduit\r\n";

async fn start(engine: Engine) -> TestApp {
    TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("BODY_TIMEOUT", TIMEOUT)]).await
}

/// A connection on which this was sent, and nothing more for now.
async fn connect(app: &TestApp, start: &str) -> TcpStream {
    let address = app.base.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(start.as_bytes()).await.expect("a start");
    stream
}

/// Sends a piece ten times a second until the server closes the connection, and gives what it said.
async fn drip(stream: TcpStream, piece: &str) -> String {
    let (mut from, mut to) = stream.into_split();
    let mut said = Vec::new();
    let dripping = async {
        while to.write_all(piece.as_bytes()).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
        std::future::pending().await
    };
    let closed = timeout(DEADLINE, async {
        tokio::select! {
            // A reset is an end too.
            _ = from.read_to_end(&mut said) => {}
            () = dripping => {}
        }
    });
    closed.await.expect("the server closes the connection");
    String::from_utf8_lossy(&said).into_owned()
}

#[rstest]
#[actix_web::test]
async fn who_never_ends_the_head_is_cut_off(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    let said = drip(connect(&app, HEAD).await, "X-More: x\r\n").await;
    assert!(said.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{said}");
}

#[rstest]
#[case::of_an_announced_size("Content-Length: 1000000\r\n\r\n{", " ")]
#[case::in_chunks("Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n", "1\r\n \r\n")]
#[actix_web::test]
async fn who_never_ends_the_body_is_told_so_and_cut_off(
    #[case] start_of_body: &str,
    #[case] piece: &str,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine).await;
    let said = drip(connect(&app, &format!("{HEAD}{start_of_body}")).await, piece).await;
    assert!(said.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{said}");
    assert!(said.to_lowercase().contains("\r\nconnection: close\r\n"), "{said}");
    assert!(said.ends_with(r#"{"errors":{"body":["is too slow"]}}"#), "{said}");
}

/// Whoever was once answered has the same time as others, and no more.
#[rstest]
#[actix_web::test]
async fn who_never_ends_the_second_head_is_cut_off(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "1s")]).await;
    let complete = "GET /api/tags HTTP/1.1\r\nHost: conduit\r\n\r\n";
    let said = drip(connect(&app, &format!("{complete}GET /api/tags HTTP/1.1\r\n")).await, "X-More: x\r\n").await;
    assert!(said.starts_with("HTTP/1.1 200 OK\r\n"), "{said}");
}

#[rstest]
#[actix_web::test]
async fn who_never_takes_the_answers_is_cut_off(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "1s")]).await;
    let amy = app.user("amy").await;
    amy.post("/api/articles", draft(json!({"body": "x".repeat(1_000_000)}))).await.status(201);
    let requests = "GET /api/articles/dragons HTTP/1.1\r\nHost: conduit\r\n\r\n".repeat(20);
    let mut stream = connect(&app, &requests).await;
    sleep(Duration::from_secs(6)).await;

    let mut said = Vec::new();
    // A reset is an end too.
    let _ = timeout(DEADLINE, stream.read_to_end(&mut said)).await.expect("the server has closed the connection");
    assert!(said.len() < 20_000_000, "all was taken in the end: {}", said.len());
}

#[rstest]
#[actix_web::test]
async fn who_asks_from_time_to_time_is_not_cut_off(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start_with(engine, &[("HEADER_TIMEOUT", TIMEOUT), ("KEEP_ALIVE", "4s")]).await;
    let mut stream = connect(&app, "").await;
    for _ in 0..10 {
        stream.write_all(b"GET /livez HTTP/1.1\r\nHost: conduit\r\n\r\n").await.expect("an open connection");
        let mut answer = [0; 8192];
        let length = stream.read(&mut answer).await.expect("an answer");
        assert!(answer[..length].starts_with(b"HTTP/1.1 200 OK\r\n"));
        sleep(Duration::from_secs(1)).await;
    }
}

/// Nobody waits for a body that no route takes, or that is refused at once.
#[rstest]
#[case::ignored("GET /api/tags", 200)]
#[case::refused("POST /api/articles", 401)]
#[case::too_large("POST /api/users", 413)]
#[actix_web::test]
async fn who_never_ends_a_body_that_nobody_reads_is_answered_and_cut_off(
    #[case] line: &str,
    #[case] status: u16,
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = start(engine).await;
    let head = format!("{line} HTTP/1.1\r\nHost: conduit\r\nContent-Length: 100000000\r\n\r\n");
    let said = drip(connect(&app, &head).await, " ").await;
    assert!(said.starts_with(&format!("HTTP/1.1 {status} ")), "{said}");
}

#[rstest]
#[actix_web::test]
async fn a_body_that_comes_in_time_may_come_slowly(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let body = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "password"}}).to_string();
    let head = format!("{HEAD}Connection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = connect(&app, &head).await;
    for piece in body.as_bytes().chunks(10) {
        sleep(Duration::from_millis(50)).await;
        stream.write_all(piece).await.expect("a piece");
    }
    let mut said = String::new();
    stream.read_to_string(&mut said).await.expect("an answer");
    assert!(said.starts_with("HTTP/1.1 201 Created\r\n"), "{said}");
}

/// ASVS 5.0 V15.2.2: what takes long does not take the service away from others.
#[rstest]
#[actix_web::test]
async fn a_hundred_slow_clients_hold_up_nobody(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slow = [HEAD.to_owned(), format!("{HEAD}Content-Length: 1000000\r\n\r\n{{")];
    let held = join_all((0..100).map(|number| connect(&app, &slow[number % 2]))).await;

    let start = Instant::now();
    for number in 0..50 {
        amy.publishes(&format!("Dragons {number}")).await;
        amy.get("/api/user").await.status(200);
    }
    assert!(start.elapsed() < DEADLINE, "{:?}", start.elapsed());
    drop(held);
}
