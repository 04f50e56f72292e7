//! `/api/articles/feed`; its pages are in `articles/pages.rs`.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::without,
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn who_follows_nobody_has_an_empty_feed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes("Of amy").await;
    bob.publishes("Of bob").await;

    bob.get("/api/articles/feed").await.is(200, json!({"articles": [], "articlesCount": 0}));
}

#[rstest]
#[actix_web::test]
async fn an_item_is_the_article_without_its_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes_tagged("Dragons", &["fire", "air"]).await;
    bob.follows("amy").await;
    bob.favorites(&slug).await;

    let dragons = bob.get(&format!("/api/articles/{slug}")).await.at("/article");
    assert_eq!((&dragons["favorited"], &dragons["author"]["following"]), (&json!(true), &json!(true)));
    let feed = json!({"articles": [without(dragons, "body")], "articlesCount": 1});
    bob.get("/api/articles/feed").await.is(200, feed);
}

#[rstest]
#[actix_web::test]
async fn the_most_recent_of_all_followed_authors_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let dan = app.user("dan").await;
    for (author, title) in [(&amy, "A1"), (&bob, "B1"), (&cat, "C1"), (&amy, "A2"), (&dan, "D1"), (&bob, "B2")] {
        author.publishes(title).await;
    }
    dan.follows("bob").await;
    dan.follows("amy").await;

    dan.get("/api/articles/feed").await.lists(&["B2", "A2", "B1", "A1"], 4);
    dan.get("/api/articles/feed?limit=2&offset=1").await.lists(&["A2", "B1"], 4);
    dan.get("/api/articles/feed?limit=2&offset=3").await.lists(&["A1"], 4);
    cat.get("/api/articles/feed").await.lists(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn as_many_as_one_follows_are_in_the_feed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let reader = app.user("reader").await;
    let mut titles: Vec<String> = Vec::new();
    for number in 1..=12 {
        let author = app.user(&format!("author{number}")).await;
        for part in ["first", "second"] {
            titles.insert(0, format!("The {part} of {number}"));
            author.publishes(&titles[0]).await;
        }
        reader.follows(&format!("author{number}")).await;
        let titles: Vec<&str> = titles.iter().map(String::as_str).collect();

        reader.get("/api/articles/feed?limit=100").await.lists(&titles, 2 * number);
        let page = &titles[1..titles.len().min(5)];
        reader.get("/api/articles/feed?limit=4&offset=1").await.lists(page, 2 * number);
    }
    reader.get("/api/articles/feed?limit=100&offset=24").await.lists(&[], 24);
    reader.get("/api/articles/feed?offset=1000").await.lists(&[], 24);
}

#[rstest]
#[actix_web::test]
async fn unfollowing_takes_the_authors_articles_out(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    for (author, title) in [(&amy, "A1"), (&bob, "B1"), (&amy, "A2")] {
        author.publishes(title).await;
    }
    cat.follows("amy").await;
    cat.follows("bob").await;
    cat.get("/api/articles/feed").await.lists(&["A2", "B1", "A1"], 3);

    cat.delete("/api/profiles/amy/follow").await.status(200);

    cat.get("/api/articles/feed").await.lists(&["B1"], 1);
}

#[rstest]
#[actix_web::test]
async fn what_is_published_or_deleted_shows_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    bob.follows("amy").await;

    let one = amy.publishes("One").await;
    bob.get("/api/articles/feed").await.lists(&["One"], 1);
    amy.publishes("Two").await;
    bob.get("/api/articles/feed").await.lists(&["Two", "One"], 2);
    amy.delete(&format!("/api/articles/{one}")).await.status(204);
    bob.get("/api/articles/feed").await.lists(&["Two"], 1);
}

#[rstest]
#[actix_web::test]
async fn the_feed_of_each_is_their_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    amy.publishes("Of amy").await;
    bob.publishes("Of bob").await;
    amy.follows("bob").await;
    bob.follows("amy").await;

    amy.get("/api/articles/feed").await.lists(&["Of bob"], 1);
    bob.get("/api/articles/feed").await.lists(&["Of amy"], 1);
    cat.get("/api/articles/feed").await.lists(&[], 0);
    app.anon().get("/api/articles/feed").await.is_error(401, "token", "is missing");
}
