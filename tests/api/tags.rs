//! `/api/tags`

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{article, draft},
    support::{Client, Engine, Engine::*, TestApp},
};

/// Asserts the tags, in order.
async fn tags_are(app: &TestApp, tags: &[&str]) {
    app.anon().get("/api/tags").await.is(200, json!({ "tags": tags }));
}

async fn retag(author: &Client, slug: &str, tags: Value) {
    let change = article(json!({ "tagList": tags }));
    author.put(&format!("/api/articles/{slug}"), change).await.status(200);
}

#[rstest]
#[actix_web::test]
async fn at_first_there_are_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publishes("Without tags").await;
    tags_are(&app, &[]).await;
}

#[rstest]
#[actix_web::test]
async fn the_most_used_come_first_then_by_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publishes_tagged("One", &["zoo", "b", "c", "Ünï"]).await;
    bob.publishes_tagged("Two", &["zoo", "c"]).await;
    bob.publishes_tagged("Three", &["zoo", "a", "B"]).await;

    tags_are(&app, &["zoo", "c", "B", "a", "b", "Ünï"]).await;
}

#[rstest]
#[actix_web::test]
async fn a_tag_is_there_as_soon_as_its_article_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for number in 0..5 {
        amy.publishes_tagged("Dragons", &[&format!("tag {number}")]).await;
        assert_eq!(app.anon().get("/api/tags").await.list_at("/tags").len(), number + 1);
    }
}

#[rstest]
#[actix_web::test]
async fn a_tag_that_no_article_carries_any_more_is_gone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let one = amy.publishes_tagged("One", &["both", "of one"]).await;
    let two = amy.publishes_tagged("Two", &["both", "of two"]).await;

    amy.delete(&format!("/api/articles/{one}")).await.status(204);
    tags_are(&app, &["both", "of two"]).await;
    retag(&amy, &two, json!([])).await;
    tags_are(&app, &[]).await;
    retag(&amy, &two, json!(["both"])).await;
    tags_are(&app, &["both"]).await;
}

#[rstest]
#[actix_web::test]
async fn changing_the_tags_of_an_article_changes_how_often_they_are_used(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let one = amy.publishes_tagged("One", &["a", "b"]).await;
    amy.publishes_tagged("Two", &["a"]).await;
    tags_are(&app, &["a", "b"]).await;

    retag(&amy, &one, json!(["b", "c"])).await;
    amy.publishes_tagged("Three", &["c"]).await;

    tags_are(&app, &["c", "a", "b"]).await;
    app.anon().get("/api/articles?tag=a").await.lists(&["Two"], 1);
    app.anon().get("/api/articles?tag=b").await.lists(&["One"], 1);
    app.anon().get("/api/articles?tag=c").await.lists(&["Three", "One"], 2);
}

#[rstest]
#[actix_web::test]
async fn a_refused_article_leaves_no_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.post("/api/articles", draft(json!({"title": "", "tagList": ["a"]}))).await.status(422);
    tags_are(&app, &[]).await;
}
