//! `/api/articles/{slug}/favorite`

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{article, with},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn favoriting_answers_with_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes_tagged("Dragons", &["fire", "air"]).await;
    let (path, favorite) = (format!("/api/articles/{slug}"), format!("/api/articles/{slug}/favorite"));
    bob.follows("amy").await;
    let dragons = bob.get(&path).await.at("/article");

    let favorited = article(with(dragons.clone(), json!({"favorited": true, "favoritesCount": 1})));
    bob.post(&favorite, json!({})).await.is(200, favorited.clone());
    bob.get(&path).await.is(200, favorited);

    bob.delete(&favorite).await.is(200, article(dragons.clone()));
    bob.get(&path).await.is(200, article(dragons));
}

#[rstest]
#[actix_web::test]
async fn favoriting_twice_is_favoriting_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let favorite = format!("/api/articles/{}/favorite", amy.publishes("Dragons").await);

    for _ in 0..2 {
        let reply = bob.post(&favorite, json!({})).await.status(200);
        reply.has("/article/favorited", true).has("/article/favoritesCount", 1);
    }
    bob.get("/api/articles?favorited=bob").await.lists(&["Dragons"], 1);
    for _ in 0..2 {
        let reply = bob.delete(&favorite).await.status(200);
        reply.has("/article/favorited", false).has("/article/favoritesCount", 0);
    }
    bob.get("/api/articles?favorited=bob").await.lists(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn every_fan_counts_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publishes("Dragons").await;
    // One may like one's own.
    for (fan, count) in [(&bob, 1), (&amy, 2), (&cat, 3)] {
        let reply = fan.post(&format!("/api/articles/{slug}/favorite"), json!({})).await.status(200);
        reply.has("/article/favoritesCount", count);
    }

    bob.delete(&format!("/api/articles/{slug}/favorite")).await.has("/article/favoritesCount", 2);

    for (reader, favorited) in [(&amy, true), (&bob, false), (&cat, true), (&app.anon(), false)] {
        let reply = reader.get(&format!("/api/articles/{slug}")).await;
        reply.has("/article/favorited", favorited).has("/article/favoritesCount", 2);
    }
}

#[rstest]
#[actix_web::test]
async fn favorites_are_listed_by_the_age_of_the_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two, three) = (amy.publishes("1").await, amy.publishes("2").await, amy.publishes("3").await);
    for slug in [&two, &three, &one] {
        bob.favorites(slug).await;
    }
    app.anon().get("/api/articles?favorited=bob").await.lists(&["3", "2", "1"], 3);

    bob.delete(&format!("/api/articles/{two}/favorite")).await.status(200);
    app.anon().get("/api/articles?favorited=bob").await.lists(&["3", "1"], 2);
}

#[rstest]
#[actix_web::test]
async fn a_favorite_is_no_update(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes("Dragons").await;
    let date = amy.get(&format!("/api/articles/{slug}")).await.date_at("/article/updatedAt");

    let reply = bob.post(&format!("/api/articles/{slug}/favorite"), json!({})).await;

    assert_eq!(reply.date_at("/article/updatedAt"), date);
}

#[rstest]
#[actix_web::test]
async fn an_article_that_does_not_exist_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["nothing", "feed", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/articles/{slug}/favorite");
        amy.post(&path, json!({})).await.is_error(404, "article", "not found");
        amy.delete(&path).await.is_error(404, "article", "not found");
    }
}
