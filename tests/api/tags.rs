//! `/api/tags`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::new_article;
use crate::support::{Client, Engine, TestApp};

/// Asserts the tags, in order.
async fn assert_tags(app: &TestApp, tags: &[&str]) {
    app.anonymous().get("/api/tags").await.assert(200, json!({ "tags": tags }));
}

async fn retag(author: &Client, slug: &str, tags: Value) {
    let change = json!({"article": {"tagList": tags}});
    author.put(&format!("/api/articles/{slug}"), change).await.assert_status(200);
}

#[rstest]
#[actix_web::test]
async fn list_starts_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    app.user("amy").await.publish("Without tags").await;
    assert_tags(&app, &[]).await;
}

#[rstest]
#[actix_web::test]
async fn tags_are_sorted_by_use_then_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    amy.publish_tagged("One", &["zoo", "b", "c", "Ünï"]).await;
    bob.publish_tagged("Two", &["zoo", "c"]).await;
    bob.publish_tagged("Three", &["zoo", "a", "B"]).await;

    assert_tags(&app, &["zoo", "c", "B", "a", "b", "Ünï"]).await;
}

#[rstest]
#[actix_web::test]
async fn tag_appears_with_its_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for number in 0..5 {
        amy.publish_tagged("Dragons", &[&format!("tag {number}")]).await;
        assert_eq!(app.anonymous().get("/api/tags").await.list_at("/tags").len(), number + 1);
    }
}

#[rstest]
#[actix_web::test]
async fn unused_tag_disappears(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let one = amy.publish_tagged("One", &["both", "of one"]).await;
    let two = amy.publish_tagged("Two", &["both", "of two"]).await;

    amy.delete(&format!("/api/articles/{one}")).await.assert_status(204);
    assert_tags(&app, &["both", "of two"]).await;
    retag(&amy, &two, json!([])).await;
    assert_tags(&app, &[]).await;
    retag(&amy, &two, json!(["both"])).await;
    assert_tags(&app, &["both"]).await;
}

#[rstest]
#[actix_web::test]
async fn retagging_changes_the_counts(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let one = amy.publish_tagged("One", &["a", "b"]).await;
    amy.publish_tagged("Two", &["a"]).await;
    assert_tags(&app, &["a", "b"]).await;

    retag(&amy, &one, json!(["b", "c"])).await;
    amy.publish_tagged("Three", &["c"]).await;

    assert_tags(&app, &["c", "a", "b"]).await;
    app.anonymous().get("/api/articles?tag=a").await.assert_articles(&["Two"], 1);
    app.anonymous().get("/api/articles?tag=b").await.assert_articles(&["One"], 1);
    app.anonymous().get("/api/articles?tag=c").await.assert_articles(&["Three", "One"], 2);
}

#[rstest]
#[actix_web::test]
async fn rejected_article_leaves_no_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.post("/api/articles", new_article(json!({"title": "", "tagList": ["a"]}))).await.assert_status(422);
    assert_tags(&app, &[]).await;
}
