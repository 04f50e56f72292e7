//! Concurrent requests on both engines: uniqueness holds, counters are correct, and no response is
//! a 5xx.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use support::Engine::*;
use support::fixtures::{new_article, registration};
use support::{Client, Engine, Response, TestApp};

fn statuses(responses: &[Response]) -> BTreeMap<u16, usize> {
    responses.iter().fold(BTreeMap::new(), |mut counts, response| {
        *counts.entry(response.status.as_u16()).or_default() += 1;
        counts
    })
}

/// Sends `count` equal requests concurrently.
async fn send_concurrently(client: &Client, count: usize, method: Method, path: &str, body: &Value) -> Vec<Response> {
    let body = body.to_string().into_bytes();
    join_all((0..count).map(|_| client.send(method.clone(), path, Some(body.clone())))).await
}

#[rstest]
#[actix_web::test]
async fn one_of_many_identical_registrations_succeeds(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let user = registration(json!({}));
    let responses = send_concurrently(&app.anonymous(), 100, Method::POST, "/api/users", &user).await;

    assert_eq!(statuses(&responses), BTreeMap::from([(201, 1), (409, 99)]));
    let taken = json!({"errors": {"username": ["has already been taken"], "email": ["has already been taken"]}});
    for response in responses.into_iter().filter(|response| response.status == 409) {
        response.assert(409, taken.clone());
    }
}

#[rstest]
#[actix_web::test]
async fn concurrent_articles_with_one_title_get_distinct_slugs(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let article = new_article(json!({"tagList": ["a", "b"]}));
    let responses = send_concurrently(&amy, 100, Method::POST, "/api/articles", &article).await;

    assert_eq!(statuses(&responses), BTreeMap::from([(201, 100)]));
    let slugs: BTreeSet<String> = responses.iter().map(|response| response.text_at("/article/slug")).collect();
    assert_eq!(slugs.len(), 100);
    assert!(slugs.contains("dragons"));
    for query in ["", "?tag=a", "?author=amy", "?tag=b&author=amy"] {
        amy.get(&format!("/api/articles{query}")).await.assert_at("/articlesCount", 100);
    }
    app.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[actix_web::test]
async fn concurrent_updates_to_one_title_get_distinct_slugs(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let mut paths = Vec::new();
    for number in 0..50 {
        paths.push(format!("/api/articles/{}", amy.publish(&format!("Article {number}")).await));
    }
    let body = json!({"article": {"title": "Dragons"}});
    let responses = join_all(paths.iter().map(|path| amy.put(path, body.clone()))).await;

    assert_eq!(statuses(&responses), BTreeMap::from([(200, 50)]));
    let slugs: BTreeSet<String> = responses.iter().map(|response| response.text_at("/article/slug")).collect();
    assert_eq!(slugs.len(), 50);
}

#[rstest]
#[actix_web::test]
async fn concurrent_favorites_are_counted_correctly(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    let path = format!("/api/articles/{slug}/favorite");
    let users = join_all((0..10).map(|number| {
        let anonymous = app.anonymous();
        async move { anonymous.register(&format!("user{number}")).await }
    }))
    .await;

    let requests = (0..1000).map(|number| {
        let method = if number % 3 == 0 { Method::DELETE } else { Method::POST };
        users[number % users.len()].send(method, &path, None)
    });
    let responses = join_all(requests).await;

    assert_eq!(statuses(&responses), BTreeMap::from([(200, 1000)]));
    let article = format!("/api/articles/{slug}");
    let views = join_all(users.iter().map(|user| user.get(&article))).await;
    let favorites = views.iter().filter(|response| response.at("/article/favorited") == true).count();
    amy.get(&article).await.assert_at("/article/favoritesCount", favorites);
    app.database.assert_counters_match_the_rows().await;
}

#[rstest]
#[actix_web::test]
async fn concurrent_writes_keep_the_counters_correct(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let authors = join_all((0..6).map(|number| {
        let anonymous = app.anonymous();
        async move { anonymous.register(&format!("author{number}")).await }
    }))
    .await;

    let responses =
        join_all(authors.iter().enumerate().map(|(number, author)| write_everything(author, number, &authors))).await;

    let worst = responses.iter().flatten().map(|response| response.status.as_u16()).max();
    assert!(worst < Some(500), "{:?}", statuses(&responses.into_iter().flatten().collect::<Vec<_>>()));
    app.database.assert_counters_match_the_rows().await;
}

/// Publishes, retags and deletes articles, and adds and removes favorites of the others' articles.
async fn write_everything(author: &Client, number: usize, others: &[Client]) -> Vec<Response> {
    const TAGS: [&str; 5] = ["a", "b", "c", "d", "e"];
    let mut responses = Vec::new();
    for round in 0..8 {
        let tags = [TAGS[(number + round) % 5], TAGS[(2 * number + round + 1) % 5]];
        let slug = author.publish_tagged(&format!("Of {number} in {round}"), &tags).await;
        let path = format!("/api/articles/{slug}");
        let retagged = json!({"article": {"tagList": [TAGS[(number * round) % 5], tags[0], "new"]}});
        responses.push(author.put(&path, retagged).await);
        let favorite = format!("/api/articles/of-{}-in-{round}/favorite", (number + 1) % others.len());
        responses.push(author.send(Method::POST, &favorite, None).await);
        responses.push(author.send(Method::POST, &format!("{path}/favorite"), None).await);
        if round > 0 {
            // Its author may be deleting it now.
            let earlier = format!("/api/articles/of-{}-in-{}/favorite", (number + 1) % others.len(), round - 1);
            responses.push(author.send(Method::DELETE, &earlier, None).await);
        }
        responses.push(author.post(&format!("{path}/comments"), json!({"comment": {"body": "b"}})).await);
        if round % 2 == 0 {
            responses.push(author.delete(&path).await);
        }
    }
    responses
}
