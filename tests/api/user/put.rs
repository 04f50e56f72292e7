//! `PUT /api/user`; what the fields may be is in `users/rules.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{user, with, without},
    support::{Client, Engine, Engine::*, TestApp, client::password_of},
};

const TAKEN: &str = "has already been taken";

/// Oneself, without the token.
async fn account(user: &Client) -> Value {
    without(user.get("/api/user").await.status(200).at("/user"), "token")
}

#[rstest]
#[actix_web::test]
async fn each_field_changes_alone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let mut expected = json!({"username": "amy", "email": "amy@example.com", "bio": null, "image": null});

    for change in [
        json!({"bio": "Ünï\n\t \"bio\" 🦄"}),
        json!({"image": "https://example.com/amy.png"}),
        json!({"username": "Ann"}),
        json!({"email": "Ann@example.com"}),
        json!({"bio": " "}),
    ] {
        expected = with(expected, change.clone());
        let reply = amy.put("/api/user", user(change)).await.status(200);
        assert_eq!(without(reply.at("/user"), "token"), expected);
        assert_eq!(account(&amy).await, expected);
    }
}

#[rstest]
#[actix_web::test]
async fn all_fields_change_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let shown = json!({"username": "ann", "email": "ann@example.com", "bio": "I", "image": "i.png"});

    amy.put("/api/user", user(with(shown.clone(), json!({"password": password_of("ann")})))).await.status(200);

    assert_eq!(account(&amy).await, shown);
    let credentials = json!({"email": "ann@example.com", "password": password_of("ann")});
    amy.post("/api/users/login", user(credentials)).await.status(200);
}

#[rstest]
#[actix_web::test]
async fn without_a_field_nothing_changes(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", user(json!({"bio": "I", "image": "i.png"}))).await.status(200);
    let before = account(&amy).await;

    amy.put("/api/user", user(json!({}))).await.status(200);
    amy.put("/api/user", user(json!({"id": 7, "following": true, "createdAt": null}))).await.status(200);

    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn null_or_nothing_clears_bio_and_image(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for nothing in [json!(null), json!("")] {
        for field in ["bio", "image"] {
            amy.put("/api/user", user(json!({field: "something"}))).await.status(200);
            amy.put("/api/user", user(json!({field: nothing}))).await.status(200);
            assert_eq!(account(&amy).await[field], json!(null));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn null_does_not_clear_what_everyone_has(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let before = account(&amy).await;
    for field in ["username", "email", "password"] {
        amy.put("/api/user", user(json!({field: null, "bio": "I"}))).await.is_error(422, field, "can't be null");
    }
    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn bio_and_image_are_texts_of_some_length(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, maximum) in [("bio", 4096), ("image", 2048)] {
        let longest = "ü".repeat(maximum);
        amy.put("/api/user", user(json!({field: longest}))).await.status(200).has(&format!("/user/{field}"), longest);

        let message = format!("is too long (maximum is {maximum} characters)");
        let longer = "x".repeat(maximum + 1);
        amy.put("/api/user", user(json!({field: longer}))).await.is_error(422, field, &message);
        for wrong in [json!(1), json!(true), json!([]), json!({}), json!("a\0b")] {
            amy.put("/api/user", user(json!({field: wrong}))).await.is_error(422, field, "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn an_image_is_never_judged_as_a_url(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for image in
        ["not a url", "javascript:alert(1)", "\"><script>alert(1)</script>", "http://[::1", "data:,", " ", "🦄"]
    {
        amy.put("/api/user", user(json!({ "image": image }))).await.status(200).has("/user/image", image);
        amy.get("/api/profiles/amy").await.has("/profile/image", image);
    }
}

#[rstest]
#[actix_web::test]
async fn what_belongs_to_another_is_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob, _cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let before = account(&amy).await;

    for name in ["bob", "BOB", "ｂｏｂ"] {
        let both = json!({"username": name, "email": format!("{name}@example.com"), "bio": "I"});
        amy.put("/api/user", user(without(both.clone(), "email"))).await.is_error(422, "username", TAKEN);
        amy.put("/api/user", user(without(both.clone(), "username"))).await.is_error(422, "email", TAKEN);
        amy.put("/api/user", user(both)).await.has_errors(422, &[("username", TAKEN), ("email", TAKEN)]);
    }
    let of_two = json!({"username": "bob", "email": "cat@example.com"});
    amy.put("/api/user", user(of_two)).await.has_errors(422, &[("username", TAKEN), ("email", TAKEN)]);
    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn what_is_ones_own_is_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    for name in ["amy", "Amy", "ＡＭＹ"] {
        let own = json!({"username": name, "email": format!("{name}@example.com")});
        amy.put("/api/user", user(own.clone())).await.status(200);
        assert_eq!(account(&amy).await, with(own, json!({"bio": null, "image": null})));
    }
    let anothers = json!({"username": "amy", "email": "bob@example.com"});
    amy.put("/api/user", user(anothers)).await.is_error(422, "email", TAKEN);
}

#[rstest]
#[actix_web::test]
async fn all_that_is_wrong_is_told_at_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let wrong = json!({"username": "", "email": null, "password": "short", "bio": 1, "image": []});
    let all = [
        ("username", "can't be blank"),
        ("email", "can't be null"),
        ("password", "is too short (minimum is 8 characters)"),
        ("bio", "is invalid"),
        ("image", "is invalid"),
    ];
    amy.put("/api/user", user(wrong)).await.has_errors(422, &all);
    amy.put("/api/user", json!({})).await.is_error(422, "user", "can't be blank");
}

#[rstest]
#[actix_web::test]
async fn a_new_name_is_seen_everywhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publishes("Dragons").await;
    amy.comments(&slug, "Mine").await;

    amy.put("/api/user", user(json!({"username": "ann", "bio": "I"}))).await.status(200);

    let ann = json!({"username": "ann", "bio": "I", "image": null, "following": false});
    let anon = app.anon();
    anon.get("/api/profiles/amy").await.is_error(404, "profile", "not found");
    anon.get("/api/profiles/ann").await.is(200, json!({ "profile": ann }));
    anon.get(&format!("/api/articles/{slug}")).await.has("/article/author", ann.clone());
    anon.get(&format!("/api/articles/{slug}/comments")).await.has("/comments/0/author", ann);
    anon.get("/api/articles?author=ann").await.lists(&["Dragons"], 1);
    anon.get("/api/articles?author=amy").await.lists(&[], 0);
}
