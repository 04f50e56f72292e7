//! `/api/articles/feed`. Pages are in `articles/pages.rs`.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::without;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn feed_excludes_unfollowed_authors(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish("Of amy").await;
    bob.publish("Of bob").await;

    bob.get("/api/articles/feed").await.assert(200, json!({"articles": [], "articlesCount": 0}));
}

#[rstest]
#[actix_web::test]
async fn feed_item_is_the_article_without_its_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish_tagged("Dragons", &["fire", "air"]).await;
    bob.follow("amy").await;
    bob.favorite(&slug).await;

    let dragons = bob.get(&format!("/api/articles/{slug}")).await.at("/article");
    assert_eq!((&dragons["favorited"], &dragons["author"]["following"]), (&json!(true), &json!(true)));
    let feed = json!({"articles": [without(dragons, "body")], "articlesCount": 1});
    bob.get("/api/articles/feed").await.assert(200, feed);
}

#[rstest]
#[actix_web::test]
async fn newest_article_of_all_followed_authors_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let dan = app.user("dan").await;
    for (author, title) in [(&amy, "A1"), (&bob, "B1"), (&cat, "C1"), (&amy, "A2"), (&dan, "D1"), (&bob, "B2")] {
        author.publish(title).await;
    }
    dan.follow("bob").await;
    dan.follow("amy").await;

    dan.get("/api/articles/feed").await.assert_articles(&["B2", "A2", "B1", "A1"], 4);
    dan.get("/api/articles/feed?limit=2&offset=1").await.assert_articles(&["A2", "B1"], 4);
    dan.get("/api/articles/feed?limit=2&offset=3").await.assert_articles(&["A1"], 4);
    cat.get("/api/articles/feed").await.assert_articles(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn feed_includes_every_followed_author(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let reader = app.user("reader").await;
    let mut titles: Vec<String> = Vec::new();
    for number in 1..=12 {
        let author = app.user(&format!("author{number}")).await;
        for part in ["first", "second"] {
            titles.insert(0, format!("The {part} of {number}"));
            author.publish(&titles[0]).await;
        }
        reader.follow(&format!("author{number}")).await;
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();

        reader.get("/api/articles/feed?limit=100").await.assert_articles(&titles, 2 * number);
        let page = &titles[1..titles.len().min(5)];
        reader.get("/api/articles/feed?limit=4&offset=1").await.assert_articles(page, 2 * number);
    }
    reader.get("/api/articles/feed?limit=100&offset=24").await.assert_articles(&[], 24);
    reader.get("/api/articles/feed?offset=1000").await.assert_articles(&[], 24);
}

#[rstest]
#[actix_web::test]
async fn unfollowing_removes_the_articles_of_the_author(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    for (author, title) in [(&amy, "A1"), (&bob, "B1"), (&amy, "A2")] {
        author.publish(title).await;
    }
    cat.follow("amy").await;
    cat.follow("bob").await;
    cat.get("/api/articles/feed").await.assert_articles(&["A2", "B1", "A1"], 3);

    cat.delete("/api/profiles/amy/follow").await.assert_status(200);

    cat.get("/api/articles/feed").await.assert_articles(&["B1"], 1);
}

#[rstest]
#[actix_web::test]
async fn feed_shows_new_and_deleted_articles_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follow("amy").await;

    let one = amy.publish("One").await;
    bob.get("/api/articles/feed").await.assert_articles(&["One"], 1);
    amy.publish("Two").await;
    bob.get("/api/articles/feed").await.assert_articles(&["Two", "One"], 2);
    amy.delete(&format!("/api/articles/{one}")).await.assert_status(204);
    bob.get("/api/articles/feed").await.assert_articles(&["Two"], 1);
}

#[rstest]
#[actix_web::test]
async fn feed_depends_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    amy.publish("Of amy").await;
    bob.publish("Of bob").await;
    amy.follow("bob").await;
    bob.follow("amy").await;

    amy.get("/api/articles/feed").await.assert_articles(&["Of bob"], 1);
    bob.get("/api/articles/feed").await.assert_articles(&["Of amy"], 1);
    cat.get("/api/articles/feed").await.assert_articles(&[], 0);
    app.anonymous().get("/api/articles/feed").await.assert_error(401, "token", "is missing");
}
