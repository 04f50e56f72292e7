//! `POST /api/articles`

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{BLANKS, article, draft, user, without},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn publishing_answers_with_the_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);

    let reply = amy.post("/api/articles", draft(json!({"tagList": ["fire", "air"]}))).await;

    let date = reply.date_at("/article/createdAt");
    let dragons = json!({
        "slug": "dragons", "title": "Dragons", "description": "About Dragons", "body": "Body of Dragons",
        "tagList": ["air", "fire"], "createdAt": date, "updatedAt": date, "favorited": false, "favoritesCount": 0,
        "author": {"username": "amy", "bio": "I", "image": "i.png", "following": false},
    });
    reply.is(201, article(dragons.clone()));
    amy.get("/api/articles/dragons").await.is(200, article(dragons));
}

#[rstest]
#[actix_web::test]
async fn without_a_list_of_tags_there_are_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for body in [draft(json!({})), draft(json!({"tagList": []}))] {
        amy.post("/api/articles", body).await.status(201).has("/article/tagList", json!([]));
    }
}

#[rstest]
#[actix_web::test]
async fn tags_are_trimmed_sorted_and_told_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let given = json!(["b", " a ", "", "Ünï", "b", "\u{a0}\t\n", "B", "two  words", "a\n", "🦄", "c++, \"d\" {e}"]);
    let kept = json!(["B", "a", "b", "c++, \"d\" {e}", "two  words", "Ünï", "🦄"]);

    let reply = amy.post("/api/articles", draft(json!({ "tagList": given }))).await.status(201);

    let slug = reply.has("/article/tagList", kept.clone()).text_at("/article/slug");
    amy.get(&format!("/api/articles/{slug}")).await.has("/article/tagList", kept);
}

#[rstest]
#[actix_web::test]
async fn texts_are_kept_as_they_are(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let text = " \u{feff}Ünï\r\n\t\"quoted\" \\ </script> 🦄 %s $1 ' ; -- e\u{301}\u{202e} \u{1} \u{7f} ";
    let texts = json!({"title": text, "description": text, "body": text});

    let reply = amy.post("/api/articles", draft(texts)).await.status(201);

    let path = format!("/api/articles/{}", reply.text_at("/article/slug"));
    for reply in [reply, amy.get(&path).await] {
        reply.has("/article/title", text).has("/article/description", text).has("/article/body", text);
    }
}

#[rstest]
#[actix_web::test]
async fn title_description_and_body_cant_be_blank(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let blank = "can't be blank";
    for field in ["title", "description", "body"] {
        let fields = without(draft(json!({}))["article"].clone(), field);
        amy.post("/api/articles", article(fields)).await.is_error(422, field, blank);
        amy.post("/api/articles", draft(json!({field: null}))).await.is_error(422, field, blank);
        for text in BLANKS {
            amy.post("/api/articles", draft(json!({field: text}))).await.is_error(422, field, blank);
        }
    }
    let all = [("title", blank), ("description", blank), ("body", blank)];
    amy.post("/api/articles", article(json!({}))).await.has_errors(422, &all);
    for body in [json!({}), article(json!(null))] {
        amy.post("/api/articles", body).await.is_error(422, "article", blank);
    }
    amy.get("/api/articles").await.lists(&[], 0);
}

#[rstest]
#[actix_web::test]
async fn a_field_of_the_wrong_type_or_with_nul_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for field in ["title", "description", "body"] {
        for wrong in [json!(1), json!(1e300), json!(true), json!([]), json!(["a"]), json!({"a": "b"}), json!("a\0")] {
            amy.post("/api/articles", draft(json!({field: wrong}))).await.is_error(422, field, "is invalid");
        }
    }
    let lists =
        [json!("a"), json!(1), json!(false), json!({}), json!([1]), json!([null]), json!([["a"]]), json!(["a\0b"])];
    for wrong in lists {
        amy.post("/api/articles", draft(json!({ "tagList": wrong }))).await.is_error(422, "tagList", "is invalid");
    }
    amy.post("/api/articles", draft(json!({"tagList": null}))).await.is_error(422, "tagList", "can't be null");
}

/// The longest that a field may be, something longer, and what is said about that.
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
async fn texts_and_lists_are_bounded(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Changed").await;
    let path = format!("/api/articles/{slug}");
    for (field, longest, longer, message) in lengths() {
        amy.post("/api/articles", draft(json!({field: longest}))).await.status(201);
        amy.post("/api/articles", draft(json!({field: longer}))).await.is_error(422, field, message);
        amy.put(&path, article(json!({field: longer}))).await.is_error(422, field, message);
    }
    amy.get(&path).await.status(200).has("/article/title", "Changed");
}

#[rstest]
#[actix_web::test]
async fn a_body_is_bounded_by_the_request_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let body = "x".repeat(1_000_000);
    amy.post("/api/articles", draft(json!({ "body": body }))).await.status(201).has("/article/body", body.as_str());
    amy.get("/api/articles/dragons").await.has("/article/body", body);
}

#[rstest]
#[actix_web::test]
async fn all_that_is_wrong_is_told_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let wrong = json!({"title": " ", "description": 1, "body": null, "tagList": "a"});
    let all = [
        ("title", "can't be blank"),
        ("description", "is invalid"),
        ("body", "can't be blank"),
        ("tagList", "is invalid"),
    ];
    amy.post("/api/articles", draft(wrong)).await.has_errors(422, &all);
}

#[rstest]
#[actix_web::test]
async fn fields_that_nobody_named_are_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let fields = json!({
        "id": 1, "slug": "mine", "author": {"username": "bob"}, "favoritesCount": 9, "favorited": true,
        "createdAt": "1999-12-31T23:59:59.999Z", "updatedAt": 7, "tags": ["a"], "taglist": ["b"],
    });

    let reply = amy.post("/api/articles", draft(fields)).await.status(201);

    assert!(reply.date_at("/article/createdAt").as_str() > "2020");
    let reply = reply.has("/article/slug", "dragons").has("/article/author/username", "amy");
    reply.has("/article/favorited", false).has("/article/favoritesCount", 0).has("/article/tagList", json!([]));
}
