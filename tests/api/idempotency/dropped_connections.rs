//! Connections that drop during a request. The client does not know the outcome, so it retries with
//! the same key.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rstest::rstest;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use crate::support::Engine::*;
use crate::support::fixtures::new_article;
use crate::support::{Client, Engine, TestApp};

const ARTICLES: usize = 1_000;

/// Concurrent clients.
const CLIENTS: usize = 8;

/// Attempts whose connection drops, before one that may end.
const DROPS: usize = 2;

/// First requests of each client, whose connections do not drop: they measure how long a response
/// takes.
const UNDISTURBED: usize = 5;

#[derive(Default)]
struct Tally {
    drops: usize,
    replays: usize,
}

/// Sends a request and returns the response, or resets the connection after `limit` and returns
/// `None`. A reset makes the server cancel the request.
async fn send(address: &str, request: &str, limit: Duration) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut response = Vec::new();
    let exchange = async {
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_to_end(&mut response).await.unwrap();
    };
    if timeout(limit, exchange).await.is_err() {
        stream.set_zero_linger().unwrap();
        return None;
    }
    String::from_utf8(response).ok()
}

/// Publishes articles, each with its own key, until each is acknowledged.
async fn publish(app: &TestApp, client: &Client, numbers: impl Iterator<Item = usize>) -> Tally {
    let address = app.address();
    let token = client.token();
    let mut tally = Tally::default();
    let mut undisturbed = Vec::new();
    for (nth, number) in numbers.enumerate() {
        let drops = if nth < UNDISTURBED { 0 } else { DROPS };
        let window = undisturbed.get(UNDISTURBED / 2).map_or(1, |usual: &Duration| usual.as_micros() * 3 / 2);
        let body = new_article(json!({"title": format!("Article {number}"), "tagList": ["cut"]})).to_string();
        let request = format!(
            "POST /api/articles HTTP/1.1\r\nHost: conduit\r\nConnection: close\r\nAuthorization: Token {token}\r\n\
             Idempotency-Key: \"article {number}\"\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        for attempt in 0.. {
            // Spreads the drops over the time that a response takes, and beyond it.
            let share = u128::try_from(number * 7_919 + attempt * 3_571).unwrap() % 20_000;
            let early = Duration::from_micros(u64::try_from(window * share / 20_000).unwrap());
            let limit = if attempt < drops { early } else { Duration::from_secs(10) };
            let start = Instant::now();
            match send(address, &request, limit).await {
                Some(response) if response.starts_with("HTTP/1.1 201") => {
                    if nth < UNDISTURBED {
                        undisturbed.push(start.elapsed());
                        undisturbed.sort();
                    }
                    tally.replays += usize::from(response.contains("idempotent-replayed: true"));
                    break;
                }
                Some(response) => {
                    assert!(response.starts_with("HTTP/1.1 409"), "{response}");
                    // The server is about to roll back the cancelled attempt.
                    sleep(Duration::from_millis(5)).await;
                }
                None => tally.drops += 1,
            }
            assert!(attempt < 100, "article {number} cannot be published");
        }
    }
    tally
}

#[rstest]
#[actix_web::test]
async fn article_retried_over_dropped_connections_exists_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let tallies = join_all((0..CLIENTS).map(|first| publish(&app, &amy, (first..ARTICLES).step_by(CLIENTS)))).await;

    let published = app.database.select("select title from articles order by id").await;
    assert_eq!(published.len(), ARTICLES);
    let titles: std::collections::BTreeSet<_> = published.into_iter().collect();
    assert_eq!(titles.len(), ARTICLES);
    amy.get("/api/articles?limit=1").await.assert_at("/articlesCount", ARTICLES);
    app.database.assert_counters_match_the_rows().await;
    // Connections dropped both before the commit and after it.
    let drops: usize = tallies.iter().map(|tally| tally.drops).sum();
    let replays: usize = tallies.iter().map(|tally| tally.replays).sum();
    assert!(drops > 100 && replays > 10, "{drops} drops, {replays} replays");
    println!("{engine}: {drops} drops, {replays} replays");
}
