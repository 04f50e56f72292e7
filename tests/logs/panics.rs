//! A handler that panics: what its client gets, what those after it get, and what the log and the metrics tell.

use std::sync::Arc;

use async_trait::async_trait;
use conduit::{
    adapters::http::routes::Services,
    domain::{
        Error,
        model::{profile::Profile, user::Identity, values::UsernameKey},
    },
    ports::services::ProfileService,
};
use rstest::rstest;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, Engine, Engine::*, Reply, TestApp, log};

/// Panics instead of answering: after the database has done its work, and before.
struct Panics(Arc<dyn ProfileService>);

#[async_trait]
impl ProfileService for Panics {
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, Error> {
        self.0.show(username, reader).await
    }

    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error> {
        self.0.follow(username, reader).await?;
        panic!("the line breaks\nhere, and \u{1b}[31mglows\u{2028}");
    }

    async fn unfollow(&self, _: &UsernameKey, _: &Identity) -> Result<Profile, Error> {
        panic!("before the database was asked")
    }
}

async fn panicking(engine: Engine) -> TestApp {
    TestApp::start_changed(engine, |services| Services { profiles: Arc::new(Panics(services.profiles)), ..services })
        .await
}

async fn panics_so_far(app: &TestApp) -> f64 {
    let metrics = Reply::of(reqwest::Client::new().get(&app.metrics)).await.status(200).text();
    let value = metrics.lines().find_map(|line| line.strip_prefix("http_server_panics_total "));
    value.expect("the counter is there before the first panic").parse().expect("a number")
}

fn follow(client: &Client, id: &str) -> reqwest::RequestBuilder {
    let token = client.token.as_deref().expect("a token");
    let request = client.request(reqwest::Method::POST, "/api/profiles/amy/follow").header("X-Request-Id", id);
    request.header("Authorization", format!("Token {token}"))
}

#[rstest]
#[actix_web::test]
async fn its_client_gets_a_500_like_any_other(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = panicking(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;

    let reply = Reply::of(follow(&bob, "a-500").header("Origin", "https://front.example")).await;

    let reply = reply.is(500, json!({"errors": {"server": ["internal error"]}}));
    assert_eq!(reply.header("X-Request-Id"), "a-500");
    assert_eq!(reply.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(reply.header("Content-Type"), "application/json; charset=utf-8");
}

#[rstest]
#[actix_web::test]
async fn its_connection_serves_the_next_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = panicking(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let token = bob.token.expect("a token");
    let address = app.base.strip_prefix("http://").expect("an address");
    let mut connection = TcpStream::connect(address).await.expect("a connection");

    for _ in 0..3 {
        let answer = ask(&mut connection, "DELETE", "/api/profiles/amy/follow", &token).await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{answer}");
        let answer = ask(&mut connection, "GET", "/api/profiles/amy", &token).await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains(r#""following":false"#), "{answer}");
    }
}

/// Asks on an open connection; the answer ends with the end of its JSON.
async fn ask(connection: &mut TcpStream, method: &str, path: &str, token: &str) -> String {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Token {token}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("the connection is open");
    let mut answer = Vec::new();
    while !answer.ends_with(b"}}") {
        assert!(connection.read_buf(&mut answer).await.expect("the connection is open") > 0, "it was closed");
    }
    String::from_utf8(answer).expect("UTF-8")
}

#[rstest]
#[actix_web::test]
async fn it_is_told_in_one_line_for_its_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = panicking(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let id = format!("told-{engine}");

    Reply::of(follow(&bob, &id)).await.status(500);

    let lines = log::lines(&id, 2);
    let (panicked, answered) = (&lines[0], &lines[1]);
    assert_eq!((&panicked["level"], &panicked["message"]), (&json!("ERROR"), &json!("panicked")));
    assert_eq!(panicked["panic"], "the line breaks\nhere, and \u{1b}[31mglows\u{2028}");
    assert!(
        panicked["location"].as_str().is_some_and(|place| place.starts_with("tests/logs/panics.rs:")),
        "{panicked}"
    );
    assert_eq!((&answered["message"], &answered["status"]), (&json!("answered"), &json!(500)));
}

#[rstest]
#[actix_web::test]
async fn it_counts(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = panicking(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let before = panics_so_far(&app).await;
    for _ in 0..3 {
        Reply::of(follow(&bob, "counts")).await.status(500);
    }
    // Other tests of this process panic too.
    assert!(panics_so_far(&app).await - before >= 3.0);
}
