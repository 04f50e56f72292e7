//! The access log: one line for each request, whatever its outcome.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::Engine::*;
use crate::support::{Client, Engine, Response, TestApp, log};

/// Sends a request with this id and returns its line.
async fn line_of(client: &Client, id: &str, method: Method, path: &str, body: &str) -> Value {
    let request = client.request(method, path).header("X-Request-Id", id).header("User-Agent", "test/1.0");
    let response = Response::fetch(request.body(body.to_owned())).await;
    let line = log::lines(id, 1).remove(0);
    assert_eq!(line["status"], response.status.as_u16(), "{line}");
    assert_eq!(line["bytes"], response.bytes.len(), "{line}");
    line
}

#[rstest]
#[actix_web::test]
async fn line_describes_the_request_and_its_response(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let me = app.database.select("select cast(id as text) from users").await.remove(0).parse::<i64>().expect("an id");
    let id = format!("line-{engine}");

    let line = line_of(&amy, &id, Method::PUT, "/api/articles/dragons?x=y", r#"{"article": {"body": "fire"}}"#).await;

    let expected = [
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
    ];
    for (name, value) in &expected {
        assert_eq!(&line[name], value, "{name} in {line}");
    }
    assert!(line["duration_ms"].as_f64().is_some_and(|time| time > 0.0 && time < 60_000.0), "{line}");
    assert!(line["trace_id"].as_str().is_some_and(|id| id.len() == 32), "{line}");
    assert!(line["span_id"].as_str().is_some_and(|id| id.len() == 16), "{line}");
    let others = ["bytes", "duration_ms", "span_id", "timestamp", "trace_id"];
    let names: BTreeSet<&str> = expected.iter().map(|(name, _)| *name).chain(others).collect();
    assert_eq!(line.as_object().expect("an object").keys().collect::<Vec<_>>(), Vec::from_iter(names));
}

#[rstest]
#[actix_web::test]
async fn unknown_values_are_omitted(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let line =
        line_of(&app.anonymous().with_token("rubbish"), &format!("anonymous-{engine}"), Method::GET, "/api/tags", "")
            .await;
    assert!(line.get("user_id").is_none(), "{line}");

    let id = format!("terse-{engine}");
    let request = format!("GET /api/tags HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n");
    let mut connection = app.connect().await;
    connection.write_all(request.as_bytes()).await.expect("a request");
    let line = log::lines(&id, 1).remove(0);
    assert!(line.get("user_agent").is_none() && line["status"] == 200, "{line}");
}

#[rstest]
#[actix_web::test]
async fn every_request_writes_one_line_with_its_route(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, anonymous) = (app.user("amy").await, app.anonymous());
    amy.publish("Dragons").await;
    let large = "x".repeat(2 << 20);
    let slug = "/api/articles/{slug}";
    for (number, (client, method, path, body, route, status)) in [
        (&anonymous, "GET", "/api/tags", "", "/api/tags", 200),
        (&anonymous, "HEAD", "/api/tags", "", "/api/tags", 200),
        (&anonymous, "OPTIONS", "/api/tags", "", "/api/tags", 204),
        (&anonymous, "POST", "/api/users", "{", "/api/users", 422),
        (&anonymous, "POST", "/api/users", &large, "/api/users", 413),
        (&anonymous, "GET", "/api/user", "", "/api/user", 401),
        (&anonymous, "GET", "/api/articles/nothing", "", slug, 404),
        (&amy, "DELETE", "/api/articles/dragons", "", slug, 204),
        (&anonymous, "PUT", "/api/tags", "", "/api/tags", 405),
        (&anonymous, "GET", "/api/nothing", "", "unmatched", 404),
        (&anonymous, "BREW", "/nothing", "", "unmatched", 404),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("each-{engine}-{number}");
        let request = client.request(method.parse().expect("a method"), path).header("X-Request-Id", &id);
        Response::fetch(request.body(body.to_owned())).await.assert_status(status);
        let line = log::lines(&id, 1).remove(0);
        assert_eq!((&line["route"], &line["method"]), (&json!(route), &json!(method)), "{line}");
        assert_eq!(line["status"], status, "{line}");
    }
}

#[rstest]
#[actix_web::test]
async fn probes_write_no_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for (number, path) in ["/livez", "/readyz", "/readyz?verbose"].into_iter().enumerate() {
        let id = format!("probe-{engine}-{number}");
        let request = app.anonymous().request(Method::GET, path).header("X-Request-Id", &id);
        let response = Response::fetch(request).await.assert_status(200);
        assert_eq!(response.header("X-Request-Id"), id);
        assert_eq!(log::lines_so_far(&id), Vec::<Value>::new());
    }
}

#[rstest]
#[actix_web::test]
async fn dropped_request_is_a_499(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("gone-{engine}");
    // The handler waits for the rest of the body.
    let request = format!("POST /api/users HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\nContent-Length: 9\r\n\r\n{{");
    let mut connection = app.connect().await;
    connection.write_all(request.as_bytes()).await.expect("a request");
    tokio::time::sleep(Duration::from_millis(150)).await;
    connection.set_zero_linger().expect("a reset");
    drop(connection);

    let line = log::lines(&id, 1).remove(0);
    assert_eq!((&line["status"], &line["route"], &line["bytes"]), (&json!(499), &json!("/api/users"), &json!(0)));
}

#[rstest]
#[actix_web::test]
async fn no_line_is_lost_or_torn_under_load(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let client = app.anonymous();
    let load = |number: usize| {
        let client = client.clone();
        async move {
            for round in 0..50 {
                let id = format!("load-{engine}-{number}-{round}-");
                let request = client.request(Method::GET, "/api/tags").header("X-Request-Id", id);
                Response::fetch(request.header("User-Agent", "x".repeat(500))).await.assert_status(200);
            }
        }
    };
    join_all((0..20).map(load)).await;

    let text = log::text();
    for number in 0..20 {
        for round in 0..50 {
            let id = format!("\"load-{engine}-{number}-{round}-\"");
            assert_eq!(text.matches(&id).count(), 1, "{id}");
        }
    }
    text.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).expect(line)));
}

#[rstest]
#[actix_web::test]
async fn client_cannot_forge_a_line(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("forged-{engine}");
    let hostile = "\u{1b}[2J\u{9b}m\u{85}\u{2028}{\"level\":\"ERROR\"}\\\"\u{202e}";
    // The HTTP client rejects raw control characters in a path, and ESC in a header.
    let request = format!("GET /api/%0a%0d%1b%e2%80%a8 HTTP/1.1\r\nHost: x\r\nX-Request-Id: {id}\r\n");
    let mut request = request.into_bytes();
    request.extend(b"User-Agent: ");
    request.extend(hostile.bytes().filter(|byte| *byte >= b' '));
    request.extend(b"\xff\x80\tx\r\nConnection: close\r\n\r\n");
    let mut connection = app.connect().await;
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
async fn line_length_is_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let id = format!("long-{engine}");
    let request =
        app.anonymous().request(Method::GET, &format!("/api/{}", "é".repeat(5000))).header("X-Request-Id", &id);
    Response::fetch(request.header("User-Agent", "x".repeat(5000))).await.assert_status(404);
    let line = log::lines(&id, 1).remove(0);
    assert!(line.to_string().len() < 4096, "{line}");
}
