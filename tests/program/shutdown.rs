//! The end: told to stop, the program answers what it was asked, asks its clients to leave, and leaves in time.

use std::{
    io,
    time::{Duration, Instant},
};

use futures_util::future::{join, join_all};
use rstest::rstest;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    process::{Program, Server},
    support::{Database, Engine, Engine::*},
};

/// A connection of HTTP/1.1 that hides nothing: no second try, no other connection.
struct Connection(TcpStream);

/// One answer.
struct Answer {
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

    async fn ask(&mut self, request: &str) -> Answer {
        self.send(&format!("{request} HTTP/1.1\r\nHost: conduit\r\n\r\n")).await;
        self.answer().await
    }

    /// Reads one answer to its end.
    async fn answer(&mut self) -> Answer {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes);
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_ascii_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.expect("a length").parse().expect("a number");
                if body.len() == length {
                    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
                    return Answer { status, body: body.to_owned(), closes: head.contains("connection: close") };
                }
            }
            let read = self.0.read_buf(&mut bytes).await;
            assert!(read.is_ok_and(|read| read > 0), "closed without an answer: {}", String::from_utf8_lossy(&bytes));
        }
    }

    /// Asserts that nothing comes any more.
    async fn is_closed(&mut self) {
        let mut rest = Vec::new();
        let read = timeout(Duration::from_secs(5), self.0.read_to_end(&mut rest)).await.expect("it is closed");
        assert_eq!((read.expect("it is closed in good order"), rest), (0, Vec::new()));
    }
}

/// A client that asks and asks, on one connection as long as it may and then on another, until nobody listens. Gives how
/// many answers it got; every request gets one.
async fn ask_until_refused(server: &Server<'_>, request: &str) -> u32 {
    let mut answers = 0;
    loop {
        let Ok(opened) = timeout(Duration::from_secs(10), Connection::open(server)).await else { return answers };
        let Ok(mut connection) = opened else { return answers };
        loop {
            let answer = connection.ask(request).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            answers += 1;
            if answer.closes {
                connection.is_closed().await;
                break;
            }
        }
    }
}

#[rstest]
#[actix_web::test]
async fn under_load_no_request_loses_its_answer(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[values("0s", "1s")] delay: &str,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("SHUTDOWN_DELAY", delay).with("SHUTDOWN_TIMEOUT", "10s");
    let server = program.serve().await;
    server.anon().register("amy").await.publish("Dragons").await;
    let requests = ["GET /api/tags", "GET /api/articles", "GET /api/articles/dragons", "GET /api/profiles/amy"];
    let clients = (0..12).map(|number| ask_until_refused(&server, requests[number % requests.len()]));
    let signal = async {
        sleep(Duration::from_millis(700)).await;
        server.signal("TERM").await;
        Instant::now()
    };

    let (answers, signalled) = join(join_all(clients), signal).await;

    let said = server.ended().await.succeeds();
    let took = signalled.elapsed();
    assert!(answers.iter().all(|answers| *answers > 10), "{answers:?}");
    // The last client notices a second later, when its handshake is tried again.
    assert!(took < Duration::from_secs(12), "{took:?}");
    // The two of the registration and the article, too.
    let logged = said.lines().filter(|line| line.contains(" answered ")).count();
    assert_eq!(logged, answers.iter().map(|answers| *answers as usize).sum::<usize>() + 2);
    assert!(said.lines().last().is_some_and(|line| line.contains("stopped")), "{said}");
}

#[rstest]
#[actix_web::test]
async fn it_is_not_ready_at_once_but_serves_until_load_balancers_have_noticed(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("SHUTDOWN_DELAY", "2s");
    let server = program.serve().await;
    let mut old = Connection::open(&server).await.expect("a connection");
    assert!(!old.ask("GET /api/tags").await.closes);

    server.signal("TERM").await;
    let start = Instant::now();
    while server.anon().get("/readyz").await.status == 200 {
        assert!(start.elapsed() < Duration::from_secs(1), "it is still ready");
    }

    let ready = server.anon().get("/readyz").await.assert_error(503, "service", "is unavailable");
    assert_eq!(ready.header("Retry-After"), "1");
    server.anon().get("/livez").await.assert_status(200);
    for connection in [&mut old, &mut Connection::open(&server).await.expect("a connection")] {
        let answer = connection.ask("GET /api/tags").await;
        assert_eq!((answer.status, answer.closes), (200, true));
        connection.is_closed().await;
    }
    assert!(start.elapsed() < Duration::from_secs(2), "the test was too slow to tell");
    server.ended().await.succeeds();
    assert!(start.elapsed() >= Duration::from_secs(2));
}

/// The beginning of a request whose end is one byte away.
const BEGUN: &str = "POST /api/users/login HTTP/1.1\r\nHost: conduit\r\nContent-Length: 2\r\n\r\n{";

#[rstest]
#[actix_web::test]
async fn a_request_that_has_begun_gets_its_answer(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let mut slow = Connection::open(&server).await.expect("a connection");
    slow.send(BEGUN).await;
    let mut idle = Connection::open(&server).await.expect("a connection");
    idle.ask("GET /api/tags").await;

    server.signal("TERM").await;
    idle.is_closed().await;
    assert!(Connection::open(&server).await.is_err(), "it still listens");
    slow.send("}").await;

    let answer = slow.answer().await;
    assert_eq!((answer.status, answer.closes), (422, true));
    slow.is_closed().await;
    server.ended().await.succeeds();
}

#[actix_web::test]
async fn at_the_deadline_it_ends_all_the_same() {
    let program = Program::new().with("SHUTDOWN_TIMEOUT", "500ms");
    let server = program.serve().await;
    let mut endless = Connection::open(&server).await.expect("a connection");
    endless.send(BEGUN).await;
    // Until it is known to be a request.
    server.comes_to_measure(|measured| measured.sum("http_server_requests_in_flight", &[]) == 1.0).await;

    let start = Instant::now();
    let said = server.stop().await.succeeds();

    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(said.contains("requests are still running at the deadline"), "{said}");
    assert!(said.lines().any(|line| line.contains("status=499")), "{said}");
}

#[rstest]
#[actix_web::test]
async fn a_second_signal_ends_it_at_once(#[values("TERM", "INT")] second: &str) {
    let program = Program::new().with("SHUTDOWN_DELAY", "5m");
    let server = program.serve().await;
    server.signal("TERM").await;
    while server.anon().get("/readyz").await.status == 200 {}
    server.signal(second).await;
    let line = server.ended().await.fails();
    assert_eq!(line, "stopped at once by a second signal; requests may have lost their answers");
}

#[actix_web::test]
async fn sqlite_is_left_in_one_file() {
    let program = Program::new();
    let server = program.serve().await;
    server.anon().register("amy").await;
    assert!(server.folder().join("conduit.db-wal").exists());
    server.stop().await.succeeds();
    assert!(!program.path("conduit.db-wal").exists());
}
