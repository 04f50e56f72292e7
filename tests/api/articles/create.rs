//! `POST /api/articles`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{BLANKS, article, new_article, profile, without};
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn publishing_returns_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);

    let response = amy.post("/api/articles", new_article(json!({"tagList": ["fire", "air"]}))).await;

    let date = response.date_at("/article/createdAt");
    let author = profile(json!({"bio": "I", "image": "i.png"}));
    let dragons = article(&date, json!({"tagList": ["air", "fire"], "author": author}));
    response.assert(201, json!({"article": dragons.clone()}));
    amy.get("/api/articles/dragons").await.assert(200, json!({"article": dragons}));
}

#[rstest]
#[actix_web::test]
async fn missing_tag_list_means_no_tags(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for body in [new_article(json!({})), new_article(json!({"tagList": []}))] {
        amy.post("/api/articles", body).await.assert_status(201).assert_at("/article/tagList", json!([]));
    }
}

#[rstest]
#[actix_web::test]
async fn tags_are_trimmed_sorted_and_deduplicated(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let tags = json!(["b", " a ", "", "Ünï", "b", "\u{a0}\t\n", "B", "two  words", "a\n", "🦄", "c++, \"d\" {e}"]);
    let stored = json!(["B", "a", "b", "c++, \"d\" {e}", "two  words", "Ünï", "🦄"]);

    let response = amy.post("/api/articles", new_article(json!({ "tagList": tags }))).await.assert_status(201);

    let slug = response.assert_at("/article/tagList", stored.clone()).text_at("/article/slug");
    amy.get(&format!("/api/articles/{slug}")).await.assert_at("/article/tagList", stored);
}

#[rstest]
#[actix_web::test]
async fn texts_are_stored_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let text = " \u{feff}Ünï\r\n\t\"quoted\" \\ </script> 🦄 %s $1 ' ; -- e\u{301}\u{202e} \u{1} \u{7f} ";
    let texts = json!({"title": text, "description": text, "body": text});

    let response = amy.post("/api/articles", new_article(texts)).await.assert_status(201);

    let path = format!("/api/articles/{}", response.text_at("/article/slug"));
    for response in [response, amy.get(&path).await] {
        response
            .assert_at("/article/title", text)
            .assert_at("/article/description", text)
            .assert_at("/article/body", text);
    }
}

#[rstest]
#[actix_web::test]
async fn title_description_and_body_are_required(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let blank = "can't be blank";
    for field in ["title", "description", "body"] {
        let fields = without(new_article(json!({}))["article"].clone(), field);
        amy.post("/api/articles", json!({"article": fields})).await.assert_error(422, field, blank);
        amy.post("/api/articles", new_article(json!({field: null}))).await.assert_error(422, field, blank);
        for text in BLANKS {
            amy.post("/api/articles", new_article(json!({field: text}))).await.assert_error(422, field, blank);
        }
    }
    let all = [("title", blank), ("description", blank), ("body", blank)];
    amy.post("/api/articles", json!({"article": {}})).await.assert_errors(422, &all);
    for body in [json!({}), json!({"article": null})] {
        amy.post("/api/articles", body).await.assert_error(422, "article", blank);
    }
    amy.get("/api/articles").await.assert_articles(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn field_of_wrong_type_or_with_nul_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for field in ["title", "description", "body"] {
        for wrong in [json!(1), json!(1e300), json!(true), json!([]), json!(["a"]), json!({"a": "b"}), json!("a\0")] {
            amy.post("/api/articles", new_article(json!({field: wrong}))).await.assert_error(422, field, "is invalid");
        }
    }
    let lists =
        [json!("a"), json!(1), json!(false), json!({}), json!([1]), json!([null]), json!([["a"]]), json!(["a\0b"])];
    for wrong in lists {
        amy.post("/api/articles", new_article(json!({ "tagList": wrong }))).await.assert_error(
            422,
            "tagList",
            "is invalid",
        );
    }
    amy.post("/api/articles", new_article(json!({"tagList": null}))).await.assert_error(
        422,
        "tagList",
        "can't be null",
    );
}

/// Limited fields: a value of the maximum length, one above it, and the message.
fn lengths() -> [(&'static str, Value, Value, &'static str); 4] {
    let long = |length| json!("ü".repeat(length));
    let tags = |count| (0..count).map(|number| json!(format!("tag {number}"))).collect::<Value>();
    let longest_tag = json!([format!("  {}  ", "ü".repeat(64))]);
    [
        ("title", long(256), long(257), "is too long (maximum is 256 characters)"),
        ("description", long(1024), long(1025), "is too long (maximum is 1024 characters)"),
        ("tagList", longest_tag, json!([long(65)]), "is too long (maximum is 64 characters)"),
        ("tagList", tags(32), tags(33), "has too many (maximum is 32)"),
    ]
}

#[rstest]
#[actix_web::test]
async fn lengths_of_texts_and_lists_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Changed").await;
    let path = format!("/api/articles/{slug}");
    for (field, longest, too_long, message) in lengths() {
        amy.post("/api/articles", new_article(json!({field: longest}))).await.assert_status(201);
        amy.post("/api/articles", new_article(json!({field: too_long}))).await.assert_error(422, field, message);
        amy.put(&path, json!({"article": {field: too_long}})).await.assert_error(422, field, message);
    }
    amy.get(&path).await.assert_status(200).assert_at("/article/title", "Changed");
}

#[rstest]
#[actix_web::test]
async fn body_is_limited_only_by_the_request_size(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = "x".repeat(1_000_000);
    let response = amy.post("/api/articles", new_article(json!({ "body": body }))).await.assert_status(201);
    response.assert_at("/article/body", body.as_str());
    amy.get("/api/articles/dragons").await.assert_at("/article/body", body);
}

#[rstest]
#[actix_web::test]
async fn all_violations_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let wrong = json!({"title": " ", "description": 1, "body": null, "tagList": "a"});
    let all = [
        ("title", "can't be blank"),
        ("description", "is invalid"),
        ("body", "can't be blank"),
        ("tagList", "is invalid"),
    ];
    amy.post("/api/articles", new_article(wrong)).await.assert_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn unknown_fields_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let fields = json!({
        "id": 1, "slug": "mine", "author": {"username": "bob"}, "favoritesCount": 9, "favorited": true,
        "createdAt": "1999-12-31T23:59:59.999Z", "updatedAt": 7, "tags": ["a"], "taglist": ["b"],
    });

    let response = amy.post("/api/articles", new_article(fields)).await.assert_status(201);

    assert!(response.date_at("/article/createdAt").as_str() > "2020");
    let response = response.assert_at("/article/slug", "dragons").assert_at("/article/author/username", "amy");
    response
        .assert_at("/article/favorited", false)
        .assert_at("/article/favoritesCount", 0)
        .assert_at("/article/tagList", json!([]));
}
