//! `/api/articles/{slug}/comments` and `/api/articles/{slug}/comments/{id}`

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{BLANKS, comment, profile};
use crate::support::{Client, Engine, TestApp};

/// Bodies of the comments in a list.
async fn bodies(reader: &Client, comments: &str) -> Vec<Value> {
    let list = reader.get(comments).await.assert_status(200).list_at("/comments");
    list.iter().map(|comment| comment["body"].clone()).collect()
}

#[rstest]
#[actix_web::test]
async fn commenting_returns_the_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let comments = format!("/api/articles/{}/comments", amy.publish("Dragons").await);
    bob.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);

    let response = bob.post(&comments, json!({"comment": {"body": "Mine"}})).await;

    let (id, date) = (response.at("/comment/id"), response.date_at("/comment/createdAt"));
    assert!(id.as_u64().is_some_and(|id| id < 1 << 53), "{id}");
    let bob = profile(json!({"username": "bob", "bio": "I", "image": "i.png"}));
    let mine = comment(&id, &date, json!({ "author": bob }));
    response.assert(201, json!({ "comment": mine }));
    app.anonymous().get(&comments).await.assert(200, json!({ "comments": [mine] }));
}

#[rstest]
#[actix_web::test]
async fn list_starts_empty(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let slug = app.user("amy").await.publish("Dragons").await;
    app.anonymous().get(&format!("/api/articles/{slug}/comments")).await.assert(200, json!({"comments": []}));
}

#[rstest]
#[actix_web::test]
async fn newest_comment_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish("Dragons").await;
    for (author, text) in [(&amy, "1"), (&bob, "2"), (&amy, "3"), (&amy, "3")] {
        author.comment(&slug, text).await;
    }
    assert_eq!(bodies(&app.anonymous(), &format!("/api/articles/{slug}/comments")).await, ["3", "3", "2", "1"]);
}

#[rstest]
#[actix_web::test]
async fn comment_belongs_to_one_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (one, two) = (amy.publish("One").await, amy.publish("Two").await);
    amy.comment(&one, "On one").await;
    amy.comment(&two, "On two").await;

    assert_eq!(bodies(&amy, &format!("/api/articles/{one}/comments")).await, ["On one"]);
    assert_eq!(bodies(&amy, &format!("/api/articles/{two}/comments")).await, ["On two"]);
}

#[rstest]
#[actix_web::test]
async fn following_depends_on_the_reader(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish("Dragons").await;
    amy.comment(&slug, "Of amy").await;
    bob.comment(&slug, "Of bob").await;
    bob.follow("amy").await;

    for (reader, follows_amy) in [(&bob, true), (&amy, false), (&app.anonymous(), false)] {
        let response = reader.get(&format!("/api/articles/{slug}/comments")).await.assert_status(200);
        response
            .assert_at("/comments/0/author/following", false)
            .assert_at("/comments/1/author/following", follows_amy);
    }
}

#[rstest]
#[actix_web::test]
async fn body_is_stored_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let comments = format!("/api/articles/{}/comments", amy.publish("Dragons").await);
    for text in [" Ünï\r\n\t\"q\" \\ <b> 🦄 $1 ' \u{1} ", &"x".repeat(1_000_000)] {
        let response = amy.post(&comments, json!({"comment": {"body": text}})).await.assert_status(201);
        response.assert_at("/comment/body", text);
        assert_eq!(bodies(&amy, &comments).await[0], text);
    }
}

#[rstest]
#[actix_web::test]
async fn body_is_required(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let comments = format!("/api/articles/{}/comments", amy.publish("Dragons").await);
    for text in BLANKS {
        amy.post(&comments, json!({"comment": {"body": text}})).await.assert_error(422, "body", "can't be blank");
    }
    for missing in [json!({}), json!({"body": null}), json!({"text": "Mine"})] {
        amy.post(&comments, json!({ "comment": missing })).await.assert_error(422, "body", "can't be blank");
    }
    for invalid in [json!(1), json!(true), json!([]), json!(["a"]), json!({}), json!("a\0b")] {
        amy.post(&comments, json!({"comment": {"body": invalid}})).await.assert_error(422, "body", "is invalid");
    }
    for missing in [json!({}), json!({"comment": null}), json!({"body": "Mine"})] {
        amy.post(&comments, missing).await.assert_error(422, "comment", "can't be blank");
    }
    assert!(bodies(&amy, &comments).await.is_empty());
}

#[rstest]
#[actix_web::test]
async fn author_deletes_a_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publish("Dragons").await;
    let comments = format!("/api/articles/{slug}/comments");
    let (_one, two, _three) =
        (amy.comment(&slug, "1").await, bob.comment(&slug, "2").await, bob.comment(&slug, "3").await);

    bob.delete(&format!("{comments}/{two}")).await.assert_text(204, "");

    assert_eq!(bodies(&amy, &comments).await, ["3", "1"]);
    bob.delete(&format!("{comments}/{two}")).await.assert_error(404, "comment", "not found");
}

#[rstest]
#[actix_web::test]
async fn only_the_author_deletes_a_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publish("Dragons").await;
    let path = format!("/api/articles/{slug}/comments/{}", bob.comment(&slug, "Mine").await);

    // The author of the article may not either.
    for other in [amy, cat] {
        other.delete(&path).await.assert_error(403, "comment", "forbidden");
    }
    app.anonymous().delete(&path).await.assert_error(401, "token", "is missing");
    assert_eq!(bodies(&bob, &format!("/api/articles/{slug}/comments")).await, ["Mine"]);
}

#[rstest]
#[actix_web::test]
async fn comment_is_not_found_under_another_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (one, two) = (amy.publish("One").await, amy.publish("Two").await);
    let id = amy.comment(&one, "On one").await;

    amy.delete(&format!("/api/articles/{two}/comments/{id}")).await.assert_error(404, "comment", "not found");

    assert_eq!(bodies(&amy, &format!("/api/articles/{one}/comments")).await, ["On one"]);
}

#[rstest]
#[actix_web::test]
async fn malformed_id_is_not_found(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    let id = amy.comment(&slug, "Mine").await;
    let (plus, zero) = (format!("+{id}"), format!("{id}.0"));
    let large = ["9007199254740992", "9223372036854775807", "9223372036854775808", "99999999999999999999"];
    let odd = ["0", "-1", "abc", "1e0", "0x1", "%00", "%FF", "1%2F2", "%D9%A1", "null", "%20", &plus, &zero];
    for other in large.iter().chain(&odd) {
        amy.delete(&format!("/api/articles/{slug}/comments/{other}")).await.assert_error(404, "comment", "not found");
    }
    assert_eq!(bodies(&amy, &format!("/api/articles/{slug}/comments")).await, ["Mine"]);
}

#[rstest]
#[actix_web::test]
async fn unknown_article_takes_precedence_over_an_invalid_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    let id = amy.comment(&slug, "Mine").await;
    for unknown in ["nothing", "feed", "%00", "a%2Fb"] {
        let comments = format!("/api/articles/{unknown}/comments");
        amy.get(&comments).await.assert_error(404, "article", "not found");
        amy.post(&comments, json!({"comment": {"body": "Mine"}})).await.assert_error(404, "article", "not found");
        for id in [&id.to_string(), "0", "abc"] {
            amy.delete(&format!("{comments}/{id}")).await.assert_error(404, "article", "not found");
        }
    }
}
