//! `/api/articles/{slug}/comments` and `/api/articles/{slug}/comments/{id}`

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{BLANKS, comment, user},
    support::{Client, Engine, Engine::*, TestApp},
};

/// The texts of the comments in a list.
async fn texts(reader: &Client, comments: &str) -> Vec<Value> {
    let list = reader.get(comments).await.status(200).list_at("/comments");
    list.iter().map(|comment| comment["body"].clone()).collect()
}

#[rstest]
#[actix_web::test]
async fn commenting_answers_with_the_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let comments = format!("/api/articles/{}/comments", amy.publishes("Dragons").await);
    bob.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);

    let reply = bob.post(&comments, comment("Mine")).await;

    let (id, date) = (reply.at("/comment/id"), reply.date_at("/comment/createdAt"));
    assert!(id.as_u64().is_some_and(|id| id < 1 << 53), "{id}");
    let bob = json!({"username": "bob", "bio": "I", "image": "i.png", "following": false});
    let mine = json!({"id": id, "createdAt": date, "updatedAt": date, "body": "Mine", "author": bob});
    reply.is(201, json!({ "comment": mine }));
    app.anon().get(&comments).await.is(200, json!({ "comments": [mine] }));
}

#[rstest]
#[actix_web::test]
async fn at_first_there_are_none(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let slug = app.user("amy").await.publishes("Dragons").await;
    app.anon().get(&format!("/api/articles/{slug}/comments")).await.is(200, json!({"comments": []}));
}

#[rstest]
#[actix_web::test]
async fn the_most_recent_comes_first(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes("Dragons").await;
    for (author, text) in [(&amy, "1"), (&bob, "2"), (&amy, "3"), (&amy, "3")] {
        author.comments(&slug, text).await;
    }
    assert_eq!(texts(&app.anon(), &format!("/api/articles/{slug}/comments")).await, ["3", "3", "2", "1"]);
}

#[rstest]
#[actix_web::test]
async fn each_article_has_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (one, two) = (amy.publishes("One").await, amy.publishes("Two").await);
    amy.comments(&one, "On one").await;
    amy.comments(&two, "On two").await;

    assert_eq!(texts(&amy, &format!("/api/articles/{one}/comments")).await, ["On one"]);
    assert_eq!(texts(&amy, &format!("/api/articles/{two}/comments")).await, ["On two"]);
}

#[rstest]
#[actix_web::test]
async fn following_is_the_readers(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes("Dragons").await;
    amy.comments(&slug, "Of amy").await;
    bob.comments(&slug, "Of bob").await;
    bob.follows("amy").await;

    for (reader, follows_amy) in [(&bob, true), (&amy, false), (&app.anon(), false)] {
        let reply = reader.get(&format!("/api/articles/{slug}/comments")).await.status(200);
        reply.has("/comments/0/author/following", false).has("/comments/1/author/following", follows_amy);
    }
}

#[rstest]
#[actix_web::test]
async fn a_text_is_kept_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let comments = format!("/api/articles/{}/comments", amy.publishes("Dragons").await);
    for text in [" Ünï\r\n\t\"q\" \\ <b> 🦄 $1 ' \u{1} ", &"x".repeat(1_000_000)] {
        amy.post(&comments, comment(text)).await.status(201).has("/comment/body", text);
        assert_eq!(texts(&amy, &comments).await[0], text);
    }
}

#[rstest]
#[actix_web::test]
async fn a_text_is_needed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let comments = format!("/api/articles/{}/comments", amy.publishes("Dragons").await);
    for text in BLANKS {
        amy.post(&comments, comment(text)).await.is_error(422, "body", "can't be blank");
    }
    for missing in [json!({}), json!({"body": null}), json!({"text": "Mine"})] {
        amy.post(&comments, json!({ "comment": missing })).await.is_error(422, "body", "can't be blank");
    }
    for wrong in [json!(1), json!(true), json!([]), json!(["a"]), json!({}), json!("a\0b")] {
        amy.post(&comments, json!({"comment": {"body": wrong}})).await.is_error(422, "body", "is invalid");
    }
    for missing in [json!({}), json!({"comment": null}), json!({"body": "Mine"})] {
        amy.post(&comments, missing).await.is_error(422, "comment", "can't be blank");
    }
    assert!(texts(&amy, &comments).await.is_empty());
}

#[rstest]
#[actix_web::test]
async fn its_author_deletes_a_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let slug = amy.publishes("Dragons").await;
    let comments = format!("/api/articles/{slug}/comments");
    let (_one, two, _three) =
        (amy.comments(&slug, "1").await, bob.comments(&slug, "2").await, bob.comments(&slug, "3").await);

    bob.delete(&format!("{comments}/{two}")).await.has_text(204, "");

    assert_eq!(texts(&amy, &comments).await, ["3", "1"]);
    bob.delete(&format!("{comments}/{two}")).await.is_error(404, "comment", "not found");
}

#[rstest]
#[actix_web::test]
async fn nobody_else_does(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob, cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let slug = amy.publishes("Dragons").await;
    let path = format!("/api/articles/{slug}/comments/{}", bob.comments(&slug, "Mine").await);

    // Not even the author of the article.
    for other in [amy, cat] {
        other.delete(&path).await.is_error(403, "comment", "forbidden");
    }
    app.anon().delete(&path).await.is_error(401, "token", "is missing");
    assert_eq!(texts(&bob, &format!("/api/articles/{slug}/comments")).await, ["Mine"]);
}

#[rstest]
#[actix_web::test]
async fn a_comment_does_not_exist_under_another_article(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (one, two) = (amy.publishes("One").await, amy.publishes("Two").await);
    let id = amy.comments(&one, "On one").await;

    amy.delete(&format!("/api/articles/{two}/comments/{id}")).await.is_error(404, "comment", "not found");

    assert_eq!(texts(&amy, &format!("/api/articles/{one}/comments")).await, ["On one"]);
}

#[rstest]
#[actix_web::test]
async fn an_id_that_can_be_none_is_that_of_no_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    let id = amy.comments(&slug, "Mine").await;
    let (plus, zero) = (format!("+{id}"), format!("{id}.0"));
    let large = ["9007199254740992", "9223372036854775807", "9223372036854775808", "99999999999999999999"];
    let odd = ["0", "-1", "abc", "1e0", "0x1", "%00", "%FF", "1%2F2", "%D9%A1", "null", "%20", &plus, &zero];
    for other in large.iter().chain(&odd) {
        amy.delete(&format!("/api/articles/{slug}/comments/{other}")).await.is_error(404, "comment", "not found");
    }
    assert_eq!(texts(&amy, &format!("/api/articles/{slug}/comments")).await, ["Mine"]);
}

#[rstest]
#[actix_web::test]
async fn an_unknown_article_is_told_before_anything_about_the_comment(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    let id = amy.comments(&slug, "Mine").await;
    for unknown in ["nothing", "feed", "%00", "a%2Fb"] {
        let comments = format!("/api/articles/{unknown}/comments");
        amy.get(&comments).await.is_error(404, "article", "not found");
        amy.post(&comments, comment("Mine")).await.is_error(404, "article", "not found");
        for id in [&id.to_string(), "0", "abc"] {
            amy.delete(&format!("{comments}/{id}")).await.is_error(404, "article", "not found");
        }
    }
}
