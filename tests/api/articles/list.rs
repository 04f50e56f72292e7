//! `GET /api/articles`: items, order and total. Filters and pages are in files of their own.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::without;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn list_starts_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    anonymous.get("/api/articles").await.assert(200, json!({"articles": [], "articlesCount": 0}));
}

#[rstest]
#[actix_web::test]
async fn list_item_is_the_article_without_its_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);
    let slug = amy.publish_tagged("Dragons", &["fire", "air"]).await;
    bob.favorite(&slug).await;
    bob.follow("amy").await;

    for reader in [&amy, &bob, &app.anonymous()] {
        let dragons = reader.get(&format!("/api/articles/{slug}")).await.assert_status(200).at("/article");
        let item = without(dragons, "body");
        reader.get("/api/articles").await.assert(200, json!({"articles": [item], "articlesCount": 1}));
    }
}

#[rstest]
#[actix_web::test]
async fn newest_article_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    for (author, title) in [(&amy, "1"), (&bob, "2"), (&amy, "3"), (&amy, "4"), (&bob, "5")] {
        author.publish(title).await;
    }

    let response = app.anonymous().get("/api/articles").await.assert_articles(&["5", "4", "3", "2", "1"], 5);

    let dates: Vec<String> = (0..5).map(|place| response.date_at(&format!("/articles/{place}/createdAt"))).collect();
    assert!(dates.is_sorted_by(|later, earlier| later >= earlier), "{dates:?}");
}

#[rstest]
#[actix_web::test]
async fn update_keeps_the_order(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let first = amy.publish("First").await;
    amy.publish("Second").await;

    amy.put(&format!("/api/articles/{first}"), json!({"article": {"title": "Changed"}})).await.assert_status(200);

    amy.get("/api/articles").await.assert_articles(&["Second", "Changed"], 2);
}

#[rstest]
#[actix_web::test]
async fn favorited_and_following_depend_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let (of_amy, _of_cat) = (amy.publish("Of amy").await, cat.publish("Of cat").await);
    bob.favorite(&of_amy).await;
    bob.follow("cat").await;

    for (reader, favorited, following) in [(&bob, true, true), (&cat, false, false), (&app.anonymous(), false, false)] {
        let response = reader.get("/api/articles").await.assert_articles(&["Of cat", "Of amy"], 2);
        let response =
            response.assert_at("/articles/0/favorited", false).assert_at("/articles/0/author/following", following);
        let response =
            response.assert_at("/articles/1/favorited", favorited).assert_at("/articles/1/author/following", false);
        response.assert_at("/articles/0/favoritesCount", 0).assert_at("/articles/1/favoritesCount", 1);
    }
}

#[rstest]
#[actix_web::test]
async fn unknown_parameters_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    for query in ["page=-1", "sort=x&order[]=", "Tag=a", "feed", "&&=&", "%FF=%FF", "q=%00", "limits=0"] {
        amy.get(&format!("/api/articles?{query}")).await.assert_articles(&["Dragons"], 1);
    }
}

#[rstest]
#[actix_web::test]
async fn total_follows_publishing_and_deleting(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two) = (amy.publish("One").await, bob.publish("Two").await);
    app.anonymous().get("/api/articles").await.assert_articles(&["Two", "One"], 2);

    amy.delete(&format!("/api/articles/{one}")).await.assert_status(204);
    app.anonymous().get("/api/articles").await.assert_articles(&["Two"], 1);
    bob.delete(&format!("/api/articles/{two}")).await.assert_status(204);
    app.anonymous().get("/api/articles").await.assert_articles(&[], 0);
}
