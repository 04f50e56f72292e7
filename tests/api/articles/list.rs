//! `GET /api/articles`: what a list is.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{article, user, without},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn at_first_there_are_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    anon.get("/api/articles").await.is(200, json!({"articles": [], "articlesCount": 0}));
}

#[rstest]
#[actix_web::test]
async fn an_item_is_the_article_without_its_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);
    let slug = amy.publishes_tagged("Dragons", &["fire", "air"]).await;
    bob.favorites(&slug).await;
    bob.follows("amy").await;

    for reader in [&amy, &bob, &app.anon()] {
        let dragons = reader.get(&format!("/api/articles/{slug}")).await.status(200).at("/article");
        let item = without(dragons, "body");
        reader.get("/api/articles").await.is(200, json!({"articles": [item], "articlesCount": 1}));
    }
}

#[rstest]
#[actix_web::test]
async fn the_most_recent_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    for (author, title) in [(&amy, "1"), (&bob, "2"), (&amy, "3"), (&amy, "4"), (&bob, "5")] {
        author.publishes(title).await;
    }

    let reply = app.anon().get("/api/articles").await.lists(&["5", "4", "3", "2", "1"], 5);

    let dates: Vec<String> = (0..5).map(|place| reply.date_at(&format!("/articles/{place}/createdAt"))).collect();
    assert!(dates.is_sorted_by(|later, earlier| later >= earlier), "{dates:?}");
}

#[rstest]
#[actix_web::test]
async fn an_update_moves_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let first = amy.publishes("First").await;
    amy.publishes("Second").await;

    amy.put(&format!("/api/articles/{first}"), article(json!({"title": "Changed"}))).await.status(200);

    amy.get("/api/articles").await.lists(&["Second", "Changed"], 2);
}

#[rstest]
#[actix_web::test]
async fn favorited_and_following_are_the_readers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let (of_amy, _of_cat) = (amy.publishes("Of amy").await, cat.publishes("Of cat").await);
    bob.favorites(&of_amy).await;
    bob.follows("cat").await;

    for (reader, favorited, following) in [(&bob, true, true), (&cat, false, false), (&app.anon(), false, false)] {
        let reply = reader.get("/api/articles").await.lists(&["Of cat", "Of amy"], 2);
        let reply = reply.has("/articles/0/favorited", false).has("/articles/0/author/following", following);
        let reply = reply.has("/articles/1/favorited", favorited).has("/articles/1/author/following", false);
        reply.has("/articles/0/favoritesCount", 0).has("/articles/1/favoritesCount", 1);
    }
}

#[rstest]
#[actix_web::test]
async fn parameters_that_nobody_named_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    for query in ["page=-1", "sort=x&order[]=", "Tag=a", "feed", "&&=&", "%FF=%FF", "q=%00", "limits=0"] {
        amy.get(&format!("/api/articles?{query}")).await.lists(&["Dragons"], 1);
    }
}

#[rstest]
#[actix_web::test]
async fn the_count_goes_up_and_down_with_the_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two) = (amy.publishes("One").await, bob.publishes("Two").await);
    app.anon().get("/api/articles").await.lists(&["Two", "One"], 2);

    amy.delete(&format!("/api/articles/{one}")).await.status(204);
    app.anon().get("/api/articles").await.lists(&["Two"], 1);
    bob.delete(&format!("/api/articles/{two}")).await.status(204);
    app.anon().get("/api/articles").await.lists(&[], 0);
}
