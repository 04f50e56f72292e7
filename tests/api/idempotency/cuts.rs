//! Connections that are cut while a request is under way: its client cannot know what became of it, and asks again.

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
    support::{Client, Engine, Engine::*, TestApp},
};

const ARTICLES: usize = 1_000;

/// Clients that publish at the same time.
const CLIENTS: usize = 8;

/// How often a request is cut off before it is let through.
const CUTS: usize = 2;

/// How many requests of each client are not cut off.
const UNCUT: usize = 5;

/// What came of publishing an article in spite of all cuts.
#[derive(Default)]
struct Tally {
    cuts: usize,
    repetitions: usize,
}

/// Sends a request, and resets its connection after so long if the answer has not been read by then: the server drops
/// what it was doing. The answer otherwise.
async fn send(address: &str, request: &str, patience: Duration) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut answer = Vec::new();
    let exchange = async {
        stream.write_all(request.as_bytes()).await.unwrap();
        stream.read_to_end(&mut answer).await.unwrap();
    };
    let is_answered = timeout(patience, exchange).await.is_ok();
    if !is_answered {
        stream.set_zero_linger().unwrap();
        return None;
    }
    String::from_utf8(answer).ok()
}

/// Publishes articles, each under a key of its own, until each is acknowledged.
async fn publish(app: &TestApp, client: &Client, numbers: impl Iterator<Item = usize>) -> Tally {
    let address = app.base.strip_prefix("http://").unwrap();
    let token = client.token.as_deref().unwrap();
    let mut tally = Tally::default();
    let mut uncut = Vec::new();
    for (nth, number) in numbers.enumerate() {
        // A few are let through, to learn how long an answer takes here.
        let cuts = if nth < UNCUT { 0 } else { CUTS };
        let window = uncut.get(UNCUT / 2).map_or(1, |usual: &Duration| usual.as_micros() * 3 / 2);
        let body = draft(json!({"title": format!("Article {number}"), "tagList": ["cut"]})).to_string();
        let request = format!(
            "POST /api/articles HTTP/1.1\r\nHost: conduit\r\nConnection: close\r\nAuthorization: Token {token}\r\n\
             Idempotency-Key: \"article {number}\"\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        for attempt in 0.. {
            // Spread over the whole time that an answer takes, and beyond it.
            let place = u128::try_from(number * 7_919 + attempt * 3_571).unwrap() % 20_000;
            let early = Duration::from_micros(u64::try_from(window * place / 20_000).unwrap());
            let patience = if attempt < cuts { early } else { Duration::from_secs(10) };
            let begun = Instant::now();
            match send(address, &request, patience).await {
                Some(answer) if answer.starts_with("HTTP/1.1 201") => {
                    if nth < UNCUT {
                        uncut.push(begun.elapsed());
                        uncut.sort();
                    }
                    tally.repetitions += usize::from(answer.contains("idempotent-replayed: true"));
                    break;
                }
                Some(answer) => {
                    assert!(answer.starts_with("HTTP/1.1 409"), "{answer}");
                    // What was cut off is about to be undone.
                    sleep(Duration::from_millis(5)).await;
                }
                None => tally.cuts += 1,
            }
            assert!(attempt < 100, "article {number} cannot be published");
        }
    }
    tally
}

#[rstest]
#[actix_web::test]
async fn a_thousand_articles_that_are_published_over_bad_lines_are_a_thousand(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let tallies = join_all((0..CLIENTS).map(|first| publish(&app, &amy, (first..ARTICLES).step_by(CLIENTS)))).await;

    let published = app.database.select("select title from articles order by id").await;
    assert_eq!(published.len(), ARTICLES);
    let titles: std::collections::BTreeSet<_> = published.into_iter().collect();
    assert_eq!(titles.len(), ARTICLES);
    amy.get("/api/articles?limit=1").await.has("/articlesCount", ARTICLES);
    app.database.assert_counters_match_the_rows().await;
    // Both kinds of cuts were met: before the commit, and after it.
    let (cuts, repetitions) =
        tallies.iter().fold((0, 0), |(cuts, again), tally| (cuts + tally.cuts, again + tally.repetitions));
    assert!(cuts > 100 && repetitions > 10, "{cuts} cuts, {repetitions} repetitions");
    println!("{engine}: {cuts} cuts, {repetitions} answered again");
}
