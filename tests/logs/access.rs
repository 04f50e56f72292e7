//! The access log: one line for each request, whatever became of it.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{Client, Engine, Engine::*, Reply, TestApp, log};

/// Asks under an id of its own, and gives the one line about it.
async fn ask(client: &Client, id: &str, method: Method, path: &str, body: &str) -> Value {
    let request = client.request(method, path).header("X-Request-Id", id).header("User-Agent", "test/1.0");
    let token = client.token.as_ref().map(|token| format!("Token {token}"));
    let request = token.into_iter().fold(request, |request, token| request.header("Authorization", token));
    let reply = Reply::of(request.body(body.to_owned())).await;
    let line = log::lines(id, 1).remove(0);
    assert_eq!(line["status"], reply.code.as_u16(), "{line}");
    assert_eq!(line["bytes"], reply.bytes.len(), "{line}");
    line
}

#[rstest]
#[actix_web::test]
async fn a_line_says_who_asked_for_what_and_what_came_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let me = app.database.select("select cast(id as text) from users").await.remove(0).parse::<i64>().expect("an id");
    let id = format!("line-{engine}");

    let line = ask(&amy, &id, Method::PUT, "/api/articles/dragons?x=y", r#"{"article": {"body": "fire"}}"#).await;

    for (name, value) in [
        ("level", json!("INFO")),
        ("target", json!("access")),
        ("message", json!("answered")),
        ("request_id", json!(id)),
        ("method", json!("PUT")),
        ("route", json!("/api/articles/{slug}")),
        ("path", json!("/api/articles/dragons")),
        ("status", json!(200)),
        ("user_id", json!(me)),
        ("client_ip", json!("127.0.0.1")),
        ("user_agent", json!("test/1.0")),
    ] {
        assert_eq!(line[name], value, "{name} in {line}");
    }
    assert!(line["duration_ms"].as_f64().is_some_and(|time| time > 0.0 && time < 60_000.0), "{line}");
    assert!(line["trace_id"].as_str().is_some_and(|id| id.len() == 32), "{line}");
    assert!(line["span_id"].as_str().is_some_and(|id| id.len() == 16), "{line}");
    assert_eq!(line.as_object().map(serde_json::Map::len), Some(16), "{line}");
}

#[rstest]
#[actix_web::test]
async fn what_nobody_knows_is_left_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let line = ask(&app.anon().with_token("rubbish"), &format!("anon-{engine}"), Method::GET, "/api/tags", "").await;
    assert!(line.get("user_id").is_none(), "{line}");

    let id = format!("terse-{engine}");
    let request = format!("GET /api/tags HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n");
    let mut connection = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("a request");
    let line = log::lines(&id, 1).remove(0);
    assert!(line.get("user_agent").is_none() && line["status"] == 200, "{line}");
}

#[rstest]
#[actix_web::test]
async fn every_request_leaves_one_line_under_its_route(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, anon) = (app.user("amy").await, app.anon());
    amy.publishes("Dragons").await;
    let large = "x".repeat(2 << 20);
    let slug = "/api/articles/{slug}";
    for (number, (client, method, path, body, route, status)) in [
        (&anon, "GET", "/api/tags", "", "/api/tags", 200),
        (&anon, "HEAD", "/api/tags", "", "/api/tags", 405),
        (&anon, "POST", "/api/users", "{", "/api/users", 422),
        (&anon, "POST", "/api/users", &large, "/api/users", 413),
        (&anon, "GET", "/api/user", "", "/api/user", 401),
        (&anon, "GET", "/api/articles/nothing", "", slug, 404),
        (&amy, "DELETE", "/api/articles/dragons", "", slug, 204),
        (&anon, "PUT", "/api/tags", "", "/api/tags", 405),
        (&anon, "GET", "/api/nothing", "", "unmatched", 404),
        (&anon, "BREW", "/nothing", "", "unmatched", 404),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("each-{engine}-{number}");
        let request = client.request(method.parse().expect("a method"), path).header("X-Request-Id", &id);
        let token = client.token.as_ref().map(|token| format!("Token {token}"));
        let request = token.into_iter().fold(request, |request, token| request.header("Authorization", token));
        Reply::of(request.body(body.to_owned())).await.status(status);
        let line = log::lines(&id, 1).remove(0);
        assert_eq!((&line["route"], &line["method"]), (&json!(route), &json!(method)), "{line}");
        assert_eq!(line["status"], status, "{line}");
    }
}

#[rstest]
#[actix_web::test]
async fn probes_leave_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for (number, path) in ["/livez", "/readyz", "/readyz?verbose"].into_iter().enumerate() {
        let id = format!("probe-{engine}-{number}");
        let reply = Reply::of(app.anon().request(Method::GET, path).header("X-Request-Id", &id)).await.status(200);
        assert_eq!(reply.header("X-Request-Id"), id);
        assert_eq!(log::lines_so_far(&id), Vec::<Value>::new());
    }
}

#[rstest]
#[actix_web::test]
async fn a_request_that_nobody_waits_for_is_a_499(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("gone-{engine}");
    // The handler waits for a body that never comes.
    let request = format!("POST /api/users HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nContent-Length: 9\r\n\r\n{{");
    let mut connection = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    connection.write_all(request.as_bytes()).await.expect("a request");
    tokio::time::sleep(Duration::from_millis(150)).await;
    connection.set_zero_linger().expect("a reset");
    drop(connection);

    let line = log::lines(&id, 1).remove(0);
    assert_eq!((&line["status"], &line["route"], &line["bytes"]), (&json!(499), &json!("/api/users"), &json!(0)));
}

#[rstest]
#[actix_web::test]
async fn under_load_no_line_is_lost_or_torn(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let client = app.anon();
    let load = |number: usize| {
        let client = client.clone();
        async move {
            for turn in 0..50 {
                let id = format!("load-{engine}-{number}-{turn}-");
                let request = client.request(Method::GET, "/api/tags").header("X-Request-Id", id);
                Reply::of(request.header("User-Agent", "x".repeat(500))).await.status(200);
            }
        }
    };
    join_all((0..20).map(load)).await;

    let text = log::text();
    for number in 0..20 {
        for turn in 0..50 {
            let id = format!("\"load-{engine}-{number}-{turn}-\"");
            assert_eq!(text.matches(&id).count(), 1, "{id}");
        }
    }
    text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).expect(line)));
}

#[rstest]
#[actix_web::test]
async fn no_client_forges_a_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("forged-{engine}");
    let evil = "\u{1b}[2J\u{9b}m\u{85}\u{2028}{\"level\":\"ERROR\"}\\\"\u{202e}";
    // The HTTP library refuses raw control characters in a path, and ESC in a header.
    let request = format!("GET /api/%0a%0d%1b%e2%80%a8 HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\n");
    let mut request = request.into_bytes();
    request.extend(b"User-Agent: ");
    request.extend(evil.bytes().filter(|byte| *byte >= b' '));
    request.extend(b"\xff\x80\tx\r\nConnection: close\r\n\r\n");
    let mut connection = TcpStream::connect(app.base.trim_start_matches("http://")).await.expect("a connection");
    connection.write_all(&request).await.expect("a request");

    let line = log::lines(&id, 1).remove(0);
    let shown = line.to_string();
    assert!(line["user_agent"].as_str().is_some_and(|name| name.contains("{\"level\":\"ERROR\"}")), "{shown}");
    let raw = log::text();
    let raw = raw.lines().find(|line| line.contains(&id)).expect("the line");
    assert!(!raw.chars().any(|c| c.is_control() || "\u{2028}\u{2029}\u{202e}".contains(c)), "{raw:?}");
}

#[rstest]
#[actix_web::test]
async fn a_line_has_an_end(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("long-{engine}");
    let request = app.anon().request(Method::GET, &format!("/api/{}", "é".repeat(5000))).header("X-Request-Id", &id);
    Reply::of(request.header("User-Agent", "x".repeat(5000))).await.status(404);
    let line = log::lines(&id, 1).remove(0);
    assert!(line.to_string().len() < 4096, "{line}");
}
