//! `POST /api/users`: names and addresses are unique, in whatever form they are given.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::registration,
    support::{Engine, Engine::*, TestApp},
};

const TAKEN: &str = "has already been taken";

#[rstest]
#[actix_web::test]
async fn a_username_is_taken_in_every_form_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let spellings = [
        ["amy", "AMY", "Amy", "ａｍｙ"],
        ["Straße", "STRASSE", "strasse", "Ｓtraße"],
        ["Ünï", "ünï", "u\u{308}ni\u{308}", "U\u{308}NI\u{308}"],
        ["①ﬁ", "1fi", "1FI", "１ﬁ"],
    ];
    for [first, others @ ..] in spellings {
        let user = registration(json!({"username": first, "email": format!("{first}@first.example")}));
        anon.post("/api/users", user).await.status(201);
        for other in others {
            let user = registration(json!({"username": other, "email": "other@example.com"}));
            anon.post("/api/users", user).await.is_error(409, "username", TAKEN);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn an_email_is_taken_in_every_form_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let amy = registration(json!({"email": "Amy.Straße@example.com"}));
    anon.post("/api/users", amy).await.status(201);
    for email in ["Amy.Straße@example.com", "AMY.STRASSE@EXAMPLE.COM", "ａｍｙ.strasse@example．com"] {
        let bob = registration(json!({"username": "bob", "email": email}));
        anon.post("/api/users", bob).await.is_error(409, "email", TAKEN);
    }
}

#[rstest]
#[actix_web::test]
async fn both_are_told_when_both_are_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (_amy, _bob) = (app.user("amy").await, app.user("bob").await);
    // By one user, and by two.
    for email in ["amy@example.com", "bob@example.com"] {
        let user = registration(json!({"username": "Amy", "email": email}));
        app.anon().post("/api/users", user).await.has_errors(409, &[("username", TAKEN), ("email", TAKEN)]);
    }
}

#[rstest]
#[actix_web::test]
async fn names_that_only_look_alike_are_different(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let cyrillic = "\u{430}my";
    for (number, name) in ["amy", cyrillic, "ámy", " amy", "a my", "amy1"].iter().enumerate() {
        let user = registration(json!({"username": name, "email": format!("{number}@example.com")}));
        anon.post("/api/users", user).await.status(201);
    }
}

#[rstest]
#[actix_web::test]
async fn a_refused_registration_takes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let taken = registration(json!({"username": "bob"}));
    app.anon().post("/api/users", taken).await.is_error(409, "email", TAKEN);

    app.anon().get("/api/profiles/bob").await.is_error(404, "profile", "not found");
    let _bob = app.user("bob").await;
}

#[rstest]
#[actix_web::test]
async fn a_name_that_its_user_gave_up_is_free(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": {"username": "ann", "email": "ann@example.com"}})).await.status(200);

    let _another_amy = app.user("amy").await;
}

#[rstest]
#[actix_web::test]
async fn what_is_invalid_is_told_before_what_is_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let _amy = app.user("amy").await;
    let user = registration(json!({"password": ""}));
    app.anon().post("/api/users", user).await.is_error(422, "password", "can't be blank");
}
