//! `/api/articles/{slug}/favorite`

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::with;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn favoriting_returns_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish_tagged("Dragons", &["fire", "air"]).await;
    let (path, favorite) = (format!("/api/articles/{slug}"), format!("/api/articles/{slug}/favorite"));
    bob.follow("amy").await;
    let dragons = bob.get(&path).await.at("/article");

    let favorited = json!({"article": with(dragons.clone(), json!({"favorited": true, "favoritesCount": 1}))});
    bob.post(&favorite, json!({})).await.assert(200, favorited.clone());
    bob.get(&path).await.assert(200, favorited);

    bob.delete(&favorite).await.assert(200, json!({"article": dragons.clone()}));
    bob.get(&path).await.assert(200, json!({"article": dragons}));
}

#[rstest]
#[actix_web::test]
async fn favoriting_is_idempotent(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let favorite = format!("/api/articles/{}/favorite", amy.publish("Dragons").await);

    for _ in 0..2 {
        let response = bob.post(&favorite, json!({})).await.assert_status(200);
        response.assert_at("/article/favorited", true).assert_at("/article/favoritesCount", 1);
    }
    bob.get("/api/articles?favorited=bob").await.assert_articles(&["Dragons"], 1);
    for _ in 0..2 {
        let response = bob.delete(&favorite).await.assert_status(200);
        response.assert_at("/article/favorited", false).assert_at("/article/favoritesCount", 0);
    }
    bob.get("/api/articles?favorited=bob").await.assert_articles(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn each_user_counts_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publish("Dragons").await;
    // The author may add their own article.
    for (user, count) in [(&bob, 1), (&amy, 2), (&cat, 3)] {
        let response = user.post(&format!("/api/articles/{slug}/favorite"), json!({})).await.assert_status(200);
        response.assert_at("/article/favoritesCount", count);
    }

    bob.delete(&format!("/api/articles/{slug}/favorite")).await.assert_at("/article/favoritesCount", 2);

    for (reader, favorited) in [(&amy, true), (&bob, false), (&cat, true), (&app.anonymous(), false)] {
        let response = reader.get(&format!("/api/articles/{slug}")).await;
        response.assert_at("/article/favorited", favorited).assert_at("/article/favoritesCount", 2);
    }
}

#[rstest]
#[actix_web::test]
async fn favorites_are_listed_by_age_of_the_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let (one, two, three) = (amy.publish("1").await, amy.publish("2").await, amy.publish("3").await);
    for slug in [&two, &three, &one] {
        bob.favorite(slug).await;
    }
    app.anonymous().get("/api/articles?favorited=bob").await.assert_articles(&["3", "2", "1"], 3);

    bob.delete(&format!("/api/articles/{two}/favorite")).await.assert_status(200);
    app.anonymous().get("/api/articles?favorited=bob").await.assert_articles(&["3", "1"], 2);
}

#[rstest]
#[actix_web::test]
async fn favoriting_keeps_the_update_time(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish("Dragons").await;
    let date = amy.get(&format!("/api/articles/{slug}")).await.date_at("/article/updatedAt");

    let response = bob.post(&format!("/api/articles/{slug}/favorite"), json!({})).await;

    assert_eq!(response.date_at("/article/updatedAt"), date);
}

#[rstest]
#[actix_web::test]
async fn unknown_article_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["nothing", "feed", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/articles/{slug}/favorite");
        amy.post(&path, json!({})).await.assert_error(404, "article", "not found");
        amy.delete(&path).await.assert_error(404, "article", "not found");
    }
}
