//! `POST /api/users`: usernames and e-mail addresses are unique, however they are spelled.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::registration;
use crate::support::{Engine, TestApp};

const TAKEN: &str = "has already been taken";

#[rstest]
#[actix_web::test]
async fn username_is_taken_in_every_spelling(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let spellings = [
        ["amy", "AMY", "Amy", "ａｍｙ"],
        ["Straße", "STRASSE", "strasse", "Ｓtraße"],
        ["Ünï", "ünï", "u\u{308}ni\u{308}", "U\u{308}NI\u{308}"],
        ["①ﬁ", "1fi", "1FI", "１ﬁ"],
    ];
    for [first, others @ ..] in spellings {
        let user = registration(json!({"username": first, "email": format!("{first}@first.example")}));
        anonymous.post("/api/users", user).await.assert_status(201);
        for other in others {
            let user = registration(json!({"username": other, "email": "other@example.com"}));
            anonymous.post("/api/users", user).await.assert_error(409, "username", TAKEN);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn email_is_taken_in_every_spelling(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let amy = registration(json!({"email": "Amy.Straße@example.com"}));
    anonymous.post("/api/users", amy).await.assert_status(201);
    for email in ["Amy.Straße@example.com", "AMY.STRASSE@EXAMPLE.COM", "ａｍｙ.strasse@example．com"] {
        let bob = registration(json!({"username": "bob", "email": email}));
        anonymous.post("/api/users", bob).await.assert_error(409, "email", TAKEN);
    }
}

#[rstest]
#[actix_web::test]
async fn taken_username_and_email_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, _bob) = (app.user("amy").await, app.user("bob").await);
    // Taken by one user, and by two.
    for email in ["amy@example.com", "bob@example.com"] {
        let user = registration(json!({"username": "Amy", "email": email}));
        app.anonymous().post("/api/users", user).await.assert_errors(409, &[("username", TAKEN), ("email", TAKEN)]);
    }
}

#[rstest]
#[actix_web::test]
async fn similar_usernames_are_different(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let cyrillic = "\u{430}my";
    for (number, name) in ["amy", cyrillic, "ámy", " amy", "a my", "amy1"].iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        anonymous.post("/api/users", user).await.assert_status(201);
    }
}

#[rstest]
#[actix_web::test]
async fn rejected_registration_reserves_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let taken = registration(json!({"username": "bob"}));
    app.anonymous().post("/api/users", taken).await.assert_error(409, "email", TAKEN);

    app.anonymous().get("/api/profiles/bob").await.assert_error(404, "profile", "not found");
    let _bob = app.user("bob").await;
}

#[rstest]
#[actix_web::test]
async fn abandoned_username_and_email_are_free(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": {"username": "ann", "email": "ann@example.com"}})).await.assert_status(200);

    let _new_amy = app.user("amy").await;
}

#[rstest]
#[actix_web::test]
async fn invalid_field_takes_precedence_over_a_conflict(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let user = registration(json!({"password": ""}));
    app.anonymous().post("/api/users", user).await.assert_error(422, "password", "can't be blank");
}
