//! `GET /api/articles/{slug}`

use rstest::rstest;
use serde_json::json;

use crate::{
    data::article,
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn everyone_reads_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes_tagged("Dragons", &["fire"]).await;

    for reader in [&amy, &bob, &app.anon()] {
        let reply = reader.get("/api/articles/dragons").await;
        let date = reply.date_at("/article/createdAt");
        let dragons = json!({
            "slug": "dragons", "title": "Dragons", "description": "About Dragons", "body": "Body of Dragons",
            "tagList": ["fire"], "createdAt": date, "updatedAt": date, "favorited": false, "favoritesCount": 0,
            "author": {"username": "amy", "bio": null, "image": null, "following": false},
        });
        reply.is(200, article(dragons));
    }
}

#[rstest]
#[actix_web::test]
async fn favorited_and_following_are_the_readers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publishes("Dragons").await;
    amy.favorites(&slug).await;
    bob.favorites(&slug).await;
    cat.follows("amy").await;
    amy.follows("bob").await;

    let readers = [(&amy, true, false), (&bob, true, false), (&cat, false, true), (&app.anon(), false, false)];
    for (reader, favorited, following) in readers {
        let reply = reader.get(&format!("/api/articles/{slug}")).await.status(200).has("/article/favoritesCount", 2);
        reply.has("/article/favorited", favorited).has("/article/author/following", following);
    }
}

#[rstest]
#[actix_web::test]
async fn what_is_no_articles_slug_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let odd =
        ["%00", "dragons%00", "%FF", "%", "dragons%2F", "..%2Farticles", "dragons%20", "*", "-", "1", "李", "_ragons"];
    for slug in ["nothing", "dragon", "dragons-", "dragonss"].iter().chain(&odd) {
        for reader in [&amy, &app.anon()] {
            reader.get(&format!("/api/articles/{slug}")).await.is_error(404, "article", "not found");
        }
    }
    let long = "dragons-".repeat(1000);
    amy.get(&format!("/api/articles/{long}")).await.is_error(404, "article", "not found");
}
