//! `PUT /api/articles/{slug}`. Changes of the slug are in `slugs.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{BLANKS, with, without};
use crate::support::{Client, Engine, TestApp};

const PATH: &str = "/api/articles/dragons";

/// Returns amy, who has published the article at [`PATH`].
async fn amy_with_dragons(app: &TestApp) -> Client {
    let amy = app.user("amy").await;
    amy.publish_tagged("Dragons", &["fire", "air"]).await;
    amy
}

/// Article without the time of its last update.
fn timeless(article: Value) -> Value {
    without(article, "updatedAt")
}

#[rstest]
#[actix_web::test]
async fn each_field_changes_on_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
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
        let response = amy.put(&path, json!({"article": change})).await.assert_status(200);
        assert_eq!(timeless(response.at("/article")), expected);
        path = format!("/api/articles/{slug}");
        assert_eq!(app.anonymous().get(&path).await.json(), response.json());
    }
}

#[rstest]
#[actix_web::test]
async fn updated_at_increases_and_created_at_stays(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let created = amy.get(PATH).await.date_at("/article/createdAt");

    let mut dates = vec![created.clone()];
    for number in 0..8 {
        let response =
            amy.put(PATH, json!({"article": {"body": format!("Version {}", number / 2)}})).await.assert_status(200);
        dates.push(response.date_at("/article/updatedAt"));
        assert_eq!(response.date_at("/article/createdAt"), created);
        assert_eq!(amy.get(PATH).await.at("/article"), response.at("/article"));
    }
    assert!(dates.is_sorted_by(|earlier, later| earlier < later), "{dates:?}");
}

#[rstest]
#[actix_web::test]
async fn missing_tag_list_keeps_tags_and_an_empty_one_removes_them(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    for (change, tags) in [
        (json!({"body": "Changed"}), json!(["air", "fire"])),
        (json!({"tagList": ["earth", "fire"]}), json!(["earth", "fire"])),
        (json!({"tagList": []}), json!([])),
        (json!({"body": "Changed again"}), json!([])),
    ] {
        amy.put(PATH, json!({"article": change})).await.assert_status(200).assert_at("/article/tagList", tags.clone());
        amy.get(PATH).await.assert_at("/article/tagList", tags);
    }
}

#[rstest]
#[actix_web::test]
async fn update_without_fields_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let before = timeless(amy.get(PATH).await.at("/article"));
    let ignored = json!({"slug": "mine", "createdAt": 1, "favoritesCount": 9, "author": null, "tags": ["x"]});
    for change in [json!({}), ignored] {
        let response = amy.put(PATH, json!({"article": change})).await.assert_status(200);
        assert_eq!(timeless(response.at("/article")), before);
    }
}

#[rstest]
#[actix_web::test]
async fn invalid_update_is_rejected_and_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let before = amy.get(PATH).await.json();

    let mut invalid = vec![("tagList", json!("fire"), "is invalid"), ("tagList", json!([1]), "is invalid")];
    invalid.extend(["title", "description", "body", "tagList"].map(|field| (field, json!(null), "can't be null")));
    for field in ["title", "description", "body"] {
        invalid.extend(BLANKS.map(|text| (field, json!(text), "can't be blank")));
        invalid.extend([json!(1), json!([]), json!({}), json!("a\0")].map(|wrong| (field, wrong, "is invalid")));
    }
    for (field, value, message) in invalid {
        // Valid fields beside the invalid one do not change either.
        let change = with(json!({"title": "Changed", "tagList": []}), json!({field: value}));
        amy.put(PATH, json!({"article": change})).await.assert_error(422, field, message);
    }
    for missing in [json!({}), json!({"article": null}), json!({"title": "Changed"})] {
        amy.put(PATH, missing).await.assert_error(422, "article", "can't be blank");
    }
    amy.get(PATH).await.assert(200, before);
}

#[rstest]
#[actix_web::test]
async fn all_violations_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = amy_with_dragons(&app).await;
    let change = json!({"title": null, "description": " ", "body": 1, "tagList": {}});
    let all = [
        ("title", "can't be null"),
        ("description", "can't be blank"),
        ("body", "is invalid"),
        ("tagList", "is invalid"),
    ];
    amy.put(PATH, json!({"article": change})).await.assert_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn only_the_author_updates_an_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, bob) = (amy_with_dragons(&app).await, app.user("bob").await);
    let before = app.anonymous().get(PATH).await.json();
    let change = json!({"article": {"body": "mine", "tagList": []}});

    bob.put(PATH, change.clone()).await.assert_error(403, "article", "forbidden");
    app.anonymous().put(PATH, change).await.assert_error(401, "token", "is missing");

    app.anonymous().get(PATH).await.assert(200, before);
}

#[rstest]
#[actix_web::test]
async fn unknown_article_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for slug in ["dragons", "feed!", "%00", "%FF", "a%2Fb"] {
        let path = format!("/api/articles/{slug}");
        amy.put(&path, json!({"article": {"body": "Changed"}})).await.assert_error(404, "article", "not found");
    }
}
