//! `PUT /api/articles/{slug}`; what becomes of the slug is in `slugs.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{BLANKS, article, with, without},
    support::{Client, Engine, Engine::*, TestApp},
};

const PATH: &str = "/api/articles/dragons";

/// Amy, who has published [`PATH`].
async fn amy_with_dragons(app: &TestApp) -> Client {
    let amy = app.user("amy").await;
    amy.publishes_tagged("Dragons", &["fire", "air"]).await;
    amy
}

/// An article but for when it was updated.
fn timeless(article: Value) -> Value {
    without(article, "updatedAt")
}

#[rstest]
#[actix_web::test]
async fn each_field_changes_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let mut path = PATH.to_owned();
    let mut expected = timeless(amy.get(PATH).await.at("/article"));

    for (change, slug) in [
        (json!({"description": "Ünï \"about\" 🦄"}), "dragons"),
        (json!({"body": "Changed\n"}), "dragons"),
        (json!({"title": "Unicorns"}), "unicorns"),
        (json!({"tagList": [" b ", "a", "b", ""]}), "unicorns"),
    ] {
        expected = with(with(expected, change.clone()), json!({ "slug": slug }));
        if change.get("tagList").is_some() {
            expected["tagList"] = json!(["a", "b"]);
        }
        let reply = amy.put(&path, article(change)).await.status(200);
        assert_eq!(timeless(reply.at("/article")), expected);
        path = format!("/api/articles/{slug}");
        assert_eq!(app.anon().get(&path).await.json(), reply.json());
    }
}

#[rstest]
#[actix_web::test]
async fn updated_at_grows_and_created_at_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let created = amy.get(PATH).await.date_at("/article/createdAt");

    let mut dates = vec![created.clone()];
    for number in 0..8 {
        let reply = amy.put(PATH, article(json!({"body": format!("Version {}", number / 2)}))).await.status(200);
        dates.push(reply.date_at("/article/updatedAt"));
        assert_eq!(reply.date_at("/article/createdAt"), created);
        assert_eq!(amy.get(PATH).await.at("/article"), reply.at("/article"));
    }
    assert!(dates.is_sorted_by(|earlier, later| earlier < later), "{dates:?}");
}

#[rstest]
#[actix_web::test]
async fn an_absent_list_of_tags_keeps_them_and_an_empty_one_removes_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    for (change, tags) in [
        (json!({"body": "Changed"}), json!(["air", "fire"])),
        (json!({"tagList": ["earth", "fire"]}), json!(["earth", "fire"])),
        (json!({"tagList": []}), json!([])),
        (json!({"body": "Changed again"}), json!([])),
    ] {
        amy.put(PATH, article(change)).await.status(200).has("/article/tagList", tags.clone());
        amy.get(PATH).await.has("/article/tagList", tags);
    }
}

#[rstest]
#[actix_web::test]
async fn without_a_field_nothing_changes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let before = timeless(amy.get(PATH).await.at("/article"));
    let ignored = json!({"slug": "mine", "createdAt": 1, "favoritesCount": 9, "author": null, "tags": ["x"]});
    for change in [json!({}), ignored] {
        let reply = amy.put(PATH, article(change)).await.status(200);
        assert_eq!(timeless(reply.at("/article")), before);
    }
}

#[rstest]
#[actix_web::test]
async fn what_is_wrong_is_refused_and_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let before = amy.get(PATH).await.json();

    let mut refused = vec![("tagList", json!("fire"), "is invalid"), ("tagList", json!([1]), "is invalid")];
    refused.extend(["title", "description", "body", "tagList"].map(|field| (field, json!(null), "can't be null")));
    for field in ["title", "description", "body"] {
        refused.extend(BLANKS.map(|text| (field, json!(text), "can't be blank")));
        refused.extend([json!(1), json!([]), json!({}), json!("a\0")].map(|wrong| (field, wrong, "is invalid")));
    }
    for (field, value, message) in refused {
        // What is right beside it is not changed either.
        let change = with(json!({"title": "Changed", "tagList": []}), json!({field: value}));
        amy.put(PATH, article(change)).await.is_error(422, field, message);
    }
    for missing in [json!({}), article(json!(null)), json!({"title": "Changed"})] {
        amy.put(PATH, missing).await.is_error(422, "article", "can't be blank");
    }
    amy.get(PATH).await.is(200, before);
}

#[rstest]
#[actix_web::test]
async fn all_that_is_wrong_is_told_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let change = json!({"title": null, "description": " ", "body": 1, "tagList": {}});
    let all = [
        ("title", "can't be null"),
        ("description", "can't be blank"),
        ("body", "is invalid"),
        ("tagList", "is invalid"),
    ];
    amy.put(PATH, article(change)).await.has_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn only_the_author_updates_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (amy_with_dragons(&app).await, app.user("bob").await);
    let before = app.anon().get(PATH).await.json();
    let change = article(json!({"body": "mine", "tagList": []}));

    bob.put(PATH, change.clone()).await.is_error(403, "article", "forbidden");
    app.anon().put(PATH, change).await.is_error(401, "token", "is missing");

    app.anon().get(PATH).await.is(200, before);
}

#[rstest]
#[actix_web::test]
async fn an_article_that_does_not_exist_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["dragons", "feed!", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/articles/{slug}");
        amy.put(&path, article(json!({"body": "Changed"}))).await.is_error(404, "article", "not found");
    }
}
