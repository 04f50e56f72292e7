//! Many at once, on both engines: what must be unique is, what is counted is right, and nobody gets a 5xx.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use support::{Client, Engine, Engine::*, Reply, TestApp};

fn statuses(replies: &[Reply]) -> BTreeMap<u16, usize> {
    replies.iter().fold(BTreeMap::new(), |mut counts, reply| {
        *counts.entry(reply.code.as_u16()).or_default() += 1;
        counts
    })
}

/// Sends the same request so many times at once.
async fn at_once(client: &Client, count: usize, method: Method, path: &str, body: &Value) -> Vec<Reply> {
    let body = body.to_string().into_bytes();
    join_all((0..count).map(|_| client.send(method.clone(), path, Some(body.clone())))).await
}

#[rstest]
#[actix_web::test]
async fn of_a_hundred_identical_registrations_one_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let user = json!({"user": {"username": "amy", "email": "amy@example.com", "password": "password"}});
    let replies = at_once(&app.anon(), 100, Method::POST, "/api/users", &user).await;

    assert_eq!(statuses(&replies), BTreeMap::from([(201, 1), (409, 99)]));
    let taken = json!({"errors": {"username": ["has already been taken"], "email": ["has already been taken"]}});
    for reply in replies.into_iter().filter(|reply| reply.code == 409) {
        reply.is(409, taken.clone());
    }
}

#[rstest]
#[actix_web::test]
async fn a_hundred_articles_of_one_title_get_slugs_of_their_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let article = json!({"article": {"title": "Dragons", "description": "d", "body": "b", "tagList": ["a", "b"]}});
    let replies = at_once(&amy, 100, Method::POST, "/api/articles", &article).await;

    assert_eq!(statuses(&replies), BTreeMap::from([(201, 100)]));
    let slugs: BTreeSet<String> = replies.iter().map(|reply| reply.text_at("/article/slug")).collect();
    assert_eq!(slugs.len(), 100);
    assert!(slugs.contains("dragons"));
    for query in ["", "?tag=a", "?author=amy", "?tag=b&author=amy"] {
        amy.get(&format!("/api/articles{query}")).await.has("/articlesCount", 100);
    }
    app.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[actix_web::test]
async fn retitling_fifty_articles_alike_gives_slugs_of_their_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let mut paths = Vec::new();
    for number in 0..50 {
        paths.push(format!("/api/articles/{}", amy.publishes(&format!("Article {number}")).await));
    }
    let body = json!({"article": {"title": "Dragons"}});
    let replies = join_all(paths.iter().map(|path| amy.put(path, body.clone()))).await;

    assert_eq!(statuses(&replies), BTreeMap::from([(200, 50)]));
    let slugs: BTreeSet<String> = replies.iter().map(|reply| reply.text_at("/article/slug")).collect();
    assert_eq!(slugs.len(), 50);
}

#[rstest]
#[actix_web::test]
async fn racing_favorites_are_counted_right(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    let path = format!("/api/articles/{slug}/favorite");
    let fans = join_all((0..10).map(|number| {
        let anon = app.anon();
        async move { anon.register(&format!("fan{number}")).await }
    }))
    .await;

    let racing = (0..1000).map(|number| {
        let method = if number % 3 == 0 { Method::DELETE } else { Method::POST };
        fans[number % fans.len()].send(method, &path, None)
    });
    let replies = join_all(racing).await;

    assert_eq!(statuses(&replies), BTreeMap::from([(200, 1000)]));
    let article = format!("/api/articles/{slug}");
    let views = join_all(fans.iter().map(|fan| fan.get(&article))).await;
    let fans_now = views.iter().filter(|reply| reply.at("/article/favorited") == true).count();
    amy.get(&article).await.has("/article/favoritesCount", fans_now);
    app.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[actix_web::test]
async fn everything_at_once_leaves_the_counters_right(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let authors = join_all((0..6).map(|number| {
        let anon = app.anon();
        async move { anon.register(&format!("author{number}")).await }
    }))
    .await;

    let replies = join_all(authors.iter().enumerate().map(|(number, author)| live(author, number, &authors))).await;

    let worst = replies.iter().flatten().map(|reply| reply.code.as_u16()).max();
    assert!(worst < Some(500), "{:?}", statuses(&replies.into_iter().flatten().collect::<Vec<_>>()));
    app.database.assert_counters_match_the_rows().await;
}

/// One author's life: publish, retag, favorite what the others wrote and take it back, delete.
async fn live(author: &Client, number: usize, others: &[Client]) -> Vec<Reply> {
    const TAGS: [&str; 5] = ["a", "b", "c", "d", "e"];
    let mut replies = Vec::new();
    for round in 0..8 {
        let tags = [TAGS[(number + round) % 5], TAGS[(2 * number + round + 1) % 5]];
        let slug = author.publishes_tagged(&format!("Of {number} in {round}"), &tags).await;
        let path = format!("/api/articles/{slug}");
        let retagged = json!({"article": {"tagList": [TAGS[(number * round) % 5], tags[0], "new"]}});
        replies.push(author.put(&path, retagged).await);
        let neighbour = format!("/api/articles/of-{}-in-{round}/favorite", (number + 1) % others.len());
        replies.push(author.send(Method::POST, &neighbour, None).await);
        replies.push(author.send(Method::POST, &format!("{path}/favorite"), None).await);
        if round > 0 {
            // While its author may be deleting it.
            let earlier = format!("/api/articles/of-{}-in-{}/favorite", (number + 1) % others.len(), round - 1);
            replies.push(author.send(Method::DELETE, &earlier, None).await);
        }
        replies.push(author.post(&format!("{path}/comments"), json!({"comment": {"body": "b"}})).await);
        if round % 2 == 0 {
            replies.push(author.delete(&path).await);
        }
    }
    replies
}
