//! Requests.

use std::collections::BTreeMap;

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::Held;
use crate::{
    process::{Program, Server},
    support::{Client, Database, Engine, Engine::*, Response, client::password_of},
};

const REQUESTS: &str = "http_server_request_duration_seconds_count";
const IN_FLIGHT: &str = "http_server_requests_in_flight";

/// A story with answers of every kind.
async fn story(server: &Server<'_>, database: &Database) -> Vec<Response> {
    let (anon, mut replies) = (server.anon(), Vec::new());
    let registration = |name: &str| json!({"user": {"username": name, "email": format!("{name}@example.com"), "password": password_of(name)}});
    for name in ["amy", "bob", "amy", ""] {
        replies.push(anon.post("/api/users", registration(name)).await);
    }
    let token = |reply: &Response| reply.text_at("/user/token");
    let (amy, bob) = (anon.with_token(&token(&replies[0])), anon.with_token(&token(&replies[1])));
    let article = json!({"article": {"title": "Dragons", "description": "Big", "body": "Fire"}});
    let large = json!({"comment": {"body": "x".repeat(1024)}});
    let dragons = "/api/articles/dragons";
    let asked: [(&Client, Method, &str, Option<&Value>); 15] = [
        (&amy, Method::POST, "/api/articles", Some(&article)),
        (&bob, Method::PUT, dragons, Some(&article)),
        (&bob, Method::POST, &format!("{dragons}/comments"), Some(&large)),
        (&bob, Method::GET, dragons, None),
        (&anon, Method::GET, "/api/articles?limit=0", None),
        (&anon, Method::GET, "/api/articles/wyverns", None),
        (&anon, Method::GET, "/api/user", None),
        (&anon, Method::GET, "/api/nothing", None),
        (&anon, Method::GET, "/nothing", None),
        (&anon, Method::PUT, "/api/tags", None),
        (&anon, Method::HEAD, "/api/tags", None),
        (&anon, Method::from_bytes(b"BREW").expect("a method"), "/api/tags", None),
        (&anon, Method::GET, "/livez", None),
        (&anon, Method::GET, "/readyz", None),
        (&amy, Method::DELETE, dragons, None),
    ];
    for (client, method, path, body) in asked {
        replies.push(client.send(method, path, body.map(|body| body.to_string().into_bytes())).await);
    }
    database.execute("drop table follows").await;
    replies.push(anon.get("/api/profiles/amy").await);
    replies
}

#[rstest]
#[actix_web::test]
async fn status_by_status_it_counts_what_the_client_got(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with("BODY_LIMIT", "1KiB");
    let server = program.serve().await;

    let mut got = BTreeMap::<String, f64>::new();
    let mut bytes = 0;
    for reply in story(&server, &database).await {
        *got.entry(reply.status.as_str().to_owned()).or_default() += 1.0;
        bytes += reply.bytes.len();
    }
    for status in ["200", "201", "204", "401", "403", "404", "405", "409", "413", "422", "500"] {
        assert!(got.contains_key(status), "the story has no {status}");
    }

    let measured = server.measures().await;
    assert_eq!(measured.by(REQUESTS, "status"), got);
    assert_eq!(measured.sum("http_server_response_body_size_bytes_sum", &[]), f64::from(u32::try_from(bytes).unwrap()));
    assert_eq!(measured.sum(IN_FLIGHT, &[]), 0.0);
    for (labels, count) in [
        ([("method", "GET"), ("route", "unmatched"), ("status", "404")], 2.0),
        ([("method", "GET"), ("route", "/api/articles/{slug}"), ("status", "404")], 1.0),
        ([("method", "other"), ("route", "/api/tags"), ("status", "405")], 1.0),
        ([("method", "POST"), ("route", "/api/articles/{slug}/comments"), ("status", "413")], 1.0),
        ([("method", "GET"), ("route", "/api/profiles/{username}"), ("status", "500")], 1.0),
    ] {
        assert_eq!(measured.sum(REQUESTS, &labels), count, "{labels:?}");
    }
}

#[actix_web::test]
async fn what_clients_make_up_adds_no_series() {
    let program = Program::new();
    let server = program.serve().await;
    let anon = server.anon();
    let ask = async |number: usize| {
        let method = Method::from_bytes(format!("BREW{number}").as_bytes()).expect("a method");
        anon.get(&format!("/made-up/{number}")).await.assert_status(404);
        anon.get(&format!("/api/articles/{number}?tag={number}")).await.assert_status(404);
        anon.send(method.clone(), "/api/tags", None).await.assert_status(405);
        anon.send(method, &format!("/{number}"), None).await.assert_status(404);
    };
    ask(0).await;
    let before = server.measures().await;
    for number in 1..=1000 {
        ask(number).await;
    }
    let after = server.measures().await;
    assert_eq!(after.series(), before.series());
    assert_eq!(after.sum(REQUESTS, &[("route", "unmatched")]), 2002.0);
}

#[rstest]
#[actix_web::test]
async fn a_client_that_goes_away_before_the_answer_counts_as_499(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    let held = Held::users_of(&database).await;
    let user =
        json!({"user": {"username": "amy", "email": "amy@example.com", "password": "amy's password"}}).to_string();
    let mut client = TcpStream::connect(server.base.trim_start_matches("http://")).await.unwrap();
    let head = format!("POST /api/users HTTP/1.1\r\nHost: conduit\r\nContent-Length: {}\r\n\r\n", user.len());
    client.write_all((head + &user).as_bytes()).await.unwrap();
    server.comes_to_measure(|measured| measured.sum(IN_FLIGHT, &[]) == 1.0).await;
    client.set_zero_linger().unwrap();
    drop(client);

    let labels = [("method", "POST"), ("route", "/api/users"), ("status", "499")];
    server.comes_to_measure(|measured| measured.sum(REQUESTS, &labels) == 1.0).await;
    let measured = server.measures().await;
    assert_eq!(measured.by(REQUESTS, "status"), BTreeMap::from([("499".to_owned(), 1.0)]));
    assert_eq!(measured.sum(IN_FLIGHT, &[]), 0.0);
    assert_eq!(
        measured.sum("http_server_request_body_size_bytes_sum", &[]),
        f64::from(u32::try_from(user.len()).unwrap())
    );
    held.release().await;
}
