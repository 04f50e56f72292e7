//! Request metrics.

use std::collections::BTreeMap;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::UsersLock;
use crate::process::{Program, Server};
use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::{Client, Database, Engine, Response};

const REQUESTS: &str = "http_server_request_duration_seconds_count";
const IN_FLIGHT: &str = "http_server_requests_in_flight";

/// Sends requests that get responses of every status.
async fn varied_responses(server: &Server<'_>, database: &Database) -> Vec<Response> {
    let (anonymous, mut responses) = (server.anonymous(), Vec::new());
    let registration = |name: &str| json!({"user": {"username": name, "email": format!("{name}@example.com"), "password": password_of(name)}});
    for name in ["amy", "bob", "amy", ""] {
        responses.push(anonymous.post("/api/users", registration(name)).await);
    }
    let token = |response: &Response| response.text_at("/user/token");
    let (amy, bob) = (anonymous.with_token(&token(&responses[0])), anonymous.with_token(&token(&responses[1])));
    let article = json!({"article": {"title": "Dragons", "description": "Big", "body": "Fire"}});
    let large = json!({"comment": {"body": "x".repeat(1024)}});
    let dragons = "/api/articles/dragons";
    let comments = format!("{dragons}/comments");
    let requests: Vec<(&Client, Method, &str, Option<&Value>)> = vec![
        (&amy, Method::POST, "/api/articles", Some(&article)),
        (&bob, Method::PUT, dragons, Some(&article)),
        (&bob, Method::POST, &comments, Some(&large)),
        (&bob, Method::GET, dragons, None),
        (&anonymous, Method::GET, "/api/articles?limit=0", None),
        (&anonymous, Method::GET, "/api/articles/wyverns", None),
        (&anonymous, Method::GET, "/api/user", None),
        (&anonymous, Method::GET, "/api/nothing", None),
        (&anonymous, Method::GET, "/nothing", None),
        (&anonymous, Method::PUT, "/api/tags", None),
        (&anonymous, Method::HEAD, "/api/tags", None),
        (&anonymous, Method::from_bytes(b"BREW").expect("a method"), "/api/tags", None),
        (&anonymous, Method::GET, "/livez", None),
        (&anonymous, Method::GET, "/readyz", None),
        (&amy, Method::DELETE, dragons, None),
    ];
    for (client, method, path, body) in requests {
        responses.push(client.send(method, path, body.map(|body| body.to_string().into_bytes())).await);
    }
    database.execute("drop table follows").await;
    responses.push(anonymous.get("/api/profiles/amy").await);
    responses
}

#[rstest]
#[actix_web::test]
async fn requests_are_counted_by_the_status_that_the_client_receives(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("BODY_LIMIT", "1KiB");
    let server = program.serve().await;

    let mut received = BTreeMap::<String, f64>::new();
    let mut bytes = 0;
    for response in varied_responses(&server, &database).await {
        *received.entry(response.status.as_str().to_owned()).or_default() += 1.0;
        bytes += response.bytes.len();
    }
    for status in ["200", "201", "204", "401", "403", "404", "405", "409", "413", "422", "500"] {
        assert!(received.contains_key(status), "no response has {status}");
    }

    let scrape = server.scrape().await;
    assert_eq!(scrape.by(REQUESTS, "status"), received);
    assert_eq!(scrape.sum("http_server_response_body_size_bytes_sum", &[]), f64::from(u32::try_from(bytes).unwrap()));
    assert_eq!(scrape.sum(IN_FLIGHT, &[]), 0.0);
    for (labels, count) in [
        ([("method", "GET"), ("route", "unmatched"), ("status", "404")], 2.0),
        ([("method", "GET"), ("route", "/api/articles/{slug}"), ("status", "404")], 1.0),
        ([("method", "other"), ("route", "/api/tags"), ("status", "405")], 1.0),
        ([("method", "POST"), ("route", "/api/articles/{slug}/comments"), ("status", "413")], 1.0),
        ([("method", "GET"), ("route", "/api/profiles/{username}"), ("status", "500")], 1.0),
    ] {
        assert_eq!(scrape.sum(REQUESTS, &labels), count, "{labels:?}");
    }
}

#[actix_web::test]
async fn unknown_paths_and_methods_add_no_series() {
    let program = Program::new();
    let server = program.serve().await;
    let anonymous = server.anonymous();
    let send = async |number: usize| {
        let method = Method::from_bytes(format!("BREW{number}").as_bytes()).expect("a method");
        anonymous.get(&format!("/made-up/{number}")).await.assert_status(404);
        anonymous.get(&format!("/api/articles/{number}?tag={number}")).await.assert_status(404);
        anonymous.send(method.clone(), "/api/tags", None).await.assert_status(405);
        anonymous.send(method, &format!("/{number}"), None).await.assert_status(404);
    };
    send(0).await;
    let before = server.scrape().await;
    for number in 1..=1000 {
        send(number).await;
    }
    let after = server.scrape().await;
    assert_eq!(after.series(), before.series());
    assert_eq!(after.sum(REQUESTS, &[("route", "unmatched")]), 2002.0);
}

#[rstest]
#[actix_web::test]
async fn disconnect_before_the_response_counts_as_499(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let lock = UsersLock::acquire(&database).await;
    let user =
        json!({"user": {"username": "amy", "email": "amy@example.com", "password": "amy's password"}}).to_string();
    let mut client = TcpStream::connect(server.base_url.trim_start_matches("http://")).await.unwrap();
    let head = format!("POST /api/users HTTP/1.1\r\nHost: conduit\r\nContent-Length: {}\r\n\r\n", user.len());
    client.write_all((head + &user).as_bytes()).await.unwrap();
    server.wait_for_metrics(|scrape| scrape.sum(IN_FLIGHT, &[]) == 1.0).await;
    client.set_zero_linger().unwrap();
    drop(client);

    let labels = [("method", "POST"), ("route", "/api/users"), ("status", "499")];
    server.wait_for_metrics(|scrape| scrape.sum(REQUESTS, &labels) == 1.0).await;
    let scrape = server.scrape().await;
    assert_eq!(scrape.by(REQUESTS, "status"), BTreeMap::from([("499".to_owned(), 1.0)]));
    assert_eq!(scrape.sum(IN_FLIGHT, &[]), 0.0);
    assert_eq!(
        scrape.sum("http_server_request_body_size_bytes_sum", &[]),
        f64::from(u32::try_from(user.len()).unwrap())
    );
    lock.release().await;
}
