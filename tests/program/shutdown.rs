//! Graceful shutdown: started requests finish, idle connections close, the process ends in time.

use std::io;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use rstest::rstest;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::process::{Program, Server};
use crate::support::Engine::*;
use crate::support::{Database, Engine};

/// An HTTP/1.1 connection without retries.
struct Connection(TcpStream);

struct RawResponse {
    status: u16,
    body: String,
    closes: bool,
}

impl Connection {
    async fn open(server: &Server<'_>) -> io::Result<Self> {
        TcpStream::connect(("127.0.0.1", server.port().parse().expect("a port"))).await.map(Self)
    }

    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("the connection takes a request");
    }

    async fn exchange(&mut self, request: &str) -> RawResponse {
        self.send(&format!("{request} HTTP/1.1\r\nHost: conduit\r\n\r\n")).await;
        self.read_response().await
    }

    async fn read_response(&mut self) -> RawResponse {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.expect("a length").parse().expect("a number");
                if body.len() == length {
                    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
                    return RawResponse { status, body: body.to_owned(), closes: head.contains("connection: close") };
                }
            }
            let read = self.0.read_buf(&mut bytes).await;
            assert!(read.is_ok_and(|read| read > 0), "closed without a response: {}", String::from_utf8_lossy(&bytes));
        }
    }

    async fn assert_closed(&mut self) {
        let mut rest = Vec::new();
        let read =
            timeout(Duration::from_secs(5), self.0.read_to_end(&mut rest)).await.expect("the end of the connection");
        assert_eq!((read.expect("an orderly close"), rest), (0, Vec::new()));
    }
}

/// Repeats a request, on a new connection after each close, until the server accepts no connection.
/// Returns the number of responses; every request must get one.
async fn request_until_refused(server: &Server<'_>, request: &str) -> u32 {
    let mut responses = 0;
    loop {
        let Ok(opened) = timeout(Duration::from_secs(10), Connection::open(server)).await else { return responses };
        let Ok(mut connection) = opened else { return responses };
        loop {
            let response = connection.exchange(request).await;
            assert_eq!(response.status, 200, "{}", response.body);
            responses += 1;
            if response.closes {
                connection.assert_closed().await;
                break;
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn every_request_gets_a_response_under_load(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("0s", "1s")] delay: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("SHUTDOWN_DELAY", delay).with("SHUTDOWN_TIMEOUT", "10s");
    let server = program.serve().await;
    server.anonymous().register("amy").await.publish("Dragons").await;
    let requests = ["GET /api/tags", "GET /api/articles", "GET /api/articles/dragons", "GET /api/profiles/amy"];
    let clients = (0..12).map(|number| request_until_refused(&server, requests[number % requests.len()]));
    let signal = async {
        sleep(Duration::from_millis(700)).await;
        server.signal("TERM").await;
        Instant::now()
    };

    let (responses, signalled) = join(join_all(clients), signal).await;

    let output = server.wait_for_exit().await.assert_success();
    let took = signalled.elapsed();
    assert!(responses.iter().all(|count| *count > 10), "{responses:?}");
    // The last client retries its handshake, which takes a second.
    assert!(took < Duration::from_secs(12), "{took:?}");
    // The registration and the article add two lines.
    let logged = output.lines().filter(|line| line.contains(" answered ")).count();
    assert_eq!(logged, responses.iter().map(|count| *count as usize).sum::<usize>() + 2);
    assert!(output.lines().last().is_some_and(|line| line.contains("stopped")), "{output}");
}

#[rstest]
#[actix_web::test]
async fn server_is_not_ready_but_serves_during_the_shutdown_delay(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("SHUTDOWN_DELAY", "2s");
    let server = program.serve().await;
    let mut old = Connection::open(&server).await.expect("a connection");
    assert!(!old.exchange("GET /api/tags").await.closes);

    server.signal("TERM").await;
    let start = Instant::now();
    while server.anonymous().get("/readyz").await.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(1), "it is still ready");
    }

    let ready = server.anonymous().get("/readyz").await.assert_error(503, "service", "is unavailable");
    assert_eq!(ready.header("Retry-After"), "1");
    server.anonymous().get("/livez").await.assert_status(200);
    for connection in [&mut old, &mut Connection::open(&server).await.expect("a connection")] {
        let response = connection.exchange("GET /api/tags").await;
        assert_eq!((response.status, response.closes), (200, true));
        connection.assert_closed().await;
    }
    assert!(start.elapsed() < Duration::from_secs(2), "the test was too slow for the delay");
    server.wait_for_exit().await.assert_success();
    assert!(start.elapsed() >= Duration::from_secs(2));
}

/// A request without its last byte.
const INCOMPLETE_REQUEST: &str = "POST /api/users/login HTTP/1.1\r\nHost: conduit\r\nContent-Length: 2\r\n\r\n{";

#[rstest]
#[actix_web::test]
async fn started_request_gets_its_response(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let mut slow = Connection::open(&server).await.expect("a connection");
    slow.send(INCOMPLETE_REQUEST).await;
    let mut idle = Connection::open(&server).await.expect("a connection");
    idle.exchange("GET /api/tags").await;

    server.signal("TERM").await;
    idle.assert_closed().await;
    assert!(Connection::open(&server).await.is_err(), "it still listens");
    slow.send("}").await;

    let response = slow.read_response().await;
    assert_eq!((response.status, response.closes), (422, true));
    slow.assert_closed().await;
    server.wait_for_exit().await.assert_success();
}

#[actix_web::test]
async fn process_ends_at_the_shutdown_timeout() {
    let program = Program::new().with("SHUTDOWN_TIMEOUT", "500ms");
    let server = program.serve().await;
    let mut endless = Connection::open(&server).await.expect("a connection");
    endless.send(INCOMPLETE_REQUEST).await;
    // Waits until the server has read the head.
    server.wait_for_metrics(|scrape| scrape.sum("http_server_requests_in_flight", &[]) == 1.0).await;

    let start = Instant::now();
    let output = server.stop().await.assert_success();

    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(output.contains("requests are still running at the deadline"), "{output}");
    assert!(output.lines().any(|line| line.contains("status=499")), "{output}");
}

#[rstest]
#[actix_web::test]
async fn second_signal_ends_the_process_immediately(#[values("TERM", "INT", "HUP")] second: &str) {
    let program = Program::new().with("SHUTDOWN_DELAY", "5m");
    let server = program.serve().await;
    server.signal("TERM").await;
    while server.anonymous().get("/readyz").await.status == 200 {}
    server.signal(second).await;
    let line = server.wait_for_exit().await.assert_failure();
    assert_eq!(line, "stopped at once by a second signal; requests may have lost their answers");
}

#[rstest]
#[actix_web::test]
async fn server_stops_gracefully_on_each_signal(#[values("TERM", "INT", "HUP")] signal: &str) {
    let program = Program::new();
    let server = program.serve().await;
    server.signal(signal).await;
    let output = server.wait_for_exit().await.assert_success();
    assert!(output.contains(&format!("SIG{signal}")), "{output}");
    assert!(output.lines().last().is_some_and(|line| line.contains("stopped")), "{output}");
}

#[rstest]
#[actix_web::test]
async fn signals_of_other_programs_are_ignored(#[values("USR1", "USR2", "PIPE")] signal: &str) {
    let program = Program::new();
    let server = program.serve().await;
    server.signal(signal).await;
    for _ in 0..3 {
        server.anonymous().get("/readyz").await.assert_status(200);
    }
    server.stop().await.assert_success();
}

#[actix_web::test]
async fn shutdown_leaves_one_sqlite_file() {
    let program = Program::new();
    let server = program.serve().await;
    server.anonymous().register("amy").await;
    assert!(program.path("conduit.db-wal").exists());
    server.stop().await.assert_success();
    assert!(!program.path("conduit.db-wal").exists());
}
