//! Panics in a handler: the response, later requests on the connection, the log and the metrics.

use std::sync::Arc;

use async_trait::async_trait;
use conduit::adapters::http::routes::Services;
use conduit::domain::Error;
use conduit::domain::model::profile::Profile;
use conduit::domain::model::user::Identity;
use conduit::domain::model::values::UsernameKey;
use conduit::ports::services::ProfileService;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::Engine::*;
use crate::support::{Client, Engine, Response, TestApp, log};

/// Panics after the write in `follow`, and before any statement in `unfollow`.
struct PanickingService(Arc<dyn ProfileService>);

#[async_trait]
impl ProfileService for PanickingService {
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, Error> {
        self.0.show(username, reader).await
    }

    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error> {
        self.0.follow(username, reader).await?;
        panic!("the line breaks\nhere, and \u{1b}[31mglows\u{2028}");
    }

    async fn unfollow(&self, _: &UsernameKey, _: &Identity) -> Result<Profile, Error> {
        panic!("before any statement")
    }
}

async fn start(engine: Engine) -> TestApp {
    TestApp::start_with_services(engine, |services| Services {
        profiles: Arc::new(PanickingService(services.profiles)),
        ..services
    })
    .await
}

async fn panics_so_far(app: &TestApp) -> f64 {
    let metrics = Response::fetch(reqwest::Client::new().get(app.metrics_url())).await.assert_status(200).text();
    let value = metrics.lines().find_map(|line| line.strip_prefix("http_server_panics_total "));
    value.expect("the counter is there before the first panic").parse().expect("a number")
}

fn follow(client: &Client, id: &str) -> reqwest::RequestBuilder {
    client.request(reqwest::Method::POST, "/api/profiles/amy/follow").header("X-Request-Id", id)
}

#[rstest]
#[actix_web::test]
async fn panic_is_a_500_in_the_usual_shape(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;

    let response = Response::fetch(follow(&bob, "a-500").header("Origin", "https://front.example")).await;

    let response = response.assert(500, json!({"errors": {"server": ["internal error"]}}));
    assert_eq!(response.header("X-Request-Id"), "a-500");
    assert_eq!(response.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(response.header("Content-Type"), "application/json; charset=utf-8");
}

#[rstest]
#[actix_web::test]
async fn connection_survives_a_panic(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let token = bob.token();
    let mut connection = app.connect().await;

    for _ in 0..3 {
        let response = send(&mut connection, "DELETE", "/api/profiles/amy/follow", token).await;
        assert!(response.starts_with("HTTP/1.1 500 "), "{response}");
        let response = send(&mut connection, "GET", "/api/profiles/amy", token).await;
        assert!(response.starts_with("HTTP/1.1 200 ") && response.contains(r#""following":false"#), "{response}");
    }
}

/// Sends a request on an open connection and reads the response up to the end of its JSON.
async fn send(connection: &mut TcpStream, method: &str, path: &str, token: &str) -> String {
    let request = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Token {token}\r\n\r\n");
    connection.write_all(request.as_bytes()).await.expect("the connection is open");
    let mut response = Vec::new();
    while !response.ends_with(b"}}") {
        assert!(connection.read_buf(&mut response).await.expect("the connection is open") > 0, "it was closed");
    }
    String::from_utf8(response).expect("UTF-8")
}

#[rstest]
#[actix_web::test]
async fn panic_writes_one_line_for_its_request(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let id = format!("panic-{engine}");

    Response::fetch(follow(&bob, &id)).await.assert_status(500);

    let lines = log::lines(&id, 2);
    let (panic, access) = (&lines[0], &lines[1]);
    assert_eq!((&panic["level"], &panic["message"]), (&json!("ERROR"), &json!("panicked")));
    assert_eq!(panic["panic"], "the line breaks\nhere, and \u{1b}[31mglows\u{2028}");
    assert!(panic["location"].as_str().is_some_and(|place| place.starts_with("tests/logs/panics.rs:")), "{panic}");
    assert_eq!((&access["message"], &access["status"]), (&json!("answered"), &json!(500)));
}

#[rstest]
#[actix_web::test]
async fn panic_is_counted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = start(engine).await;
    app.user("amy").await;
    let bob = app.user("bob").await;
    let before = panics_so_far(&app).await;
    for _ in 0..3 {
        Response::fetch(follow(&bob, "counts")).await.assert_status(500);
    }
    // Other tests in this process panic too.
    assert!(panics_so_far(&app).await - before >= 3.0);
}
