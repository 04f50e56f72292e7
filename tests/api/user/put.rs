//! `PUT /api/user`: which fields change, the rules for bio and image, and conflicts with other
//! users. The rules for username, e-mail address and password are in `users/rules.rs`, new
//! passwords in `password.rs`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::client::password_of;
use crate::support::fixtures::{profile, user, with, without};
use crate::support::{Client, Engine, TestApp};

const TAKEN: &str = "has already been taken";

/// Current user, without the token.
async fn account(client: &Client) -> Value {
    without(client.get("/api/user").await.assert_status(200).at("/user"), "token")
}

#[rstest]
#[actix_web::test]
async fn each_field_changes_on_its_own(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let mut expected = user(json!({}));

    for change in [
        json!({"bio": "Ünï\n\t \"bio\" 🦄"}),
        json!({"image": "https://example.com/amy.png"}),
        json!({"username": "Ann"}),
        json!({"email": "Ann@example.com"}),
        json!({"bio": " "}),
    ] {
        expected = with(expected, change.clone());
        let response = amy.put("/api/user", json!({"user": change})).await.assert_status(200);
        assert_eq!(without(response.at("/user"), "token"), expected);
        assert_eq!(account(&amy).await, expected);
    }
}

#[rstest]
#[actix_web::test]
async fn all_fields_change_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let changes = json!({"username": "ann", "email": "ann@example.com", "bio": "I", "image": "i.png"});

    let with_password = with(changes.clone(), json!({"password": password_of("ann")}));
    amy.put("/api/user", json!({ "user": with_password })).await.assert_status(200);

    assert_eq!(account(&amy).await, user(changes));
    amy.log_in("ann@example.com", &password_of("ann")).await.assert_status(200);
}

#[rstest]
#[actix_web::test]
async fn update_without_fields_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.put("/api/user", json!({"user": {"bio": "I", "image": "i.png"}})).await.assert_status(200);
    let before = account(&amy).await;

    amy.put("/api/user", json!({"user": {}})).await.assert_status(200);
    amy.put("/api/user", json!({"user": {"id": 7, "following": true, "createdAt": null}})).await.assert_status(200);

    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn null_or_empty_clears_bio_and_image(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for empty in [json!(null), json!("")] {
        for field in ["bio", "image"] {
            amy.put("/api/user", json!({"user": {field: "something"}})).await.assert_status(200);
            amy.put("/api/user", json!({"user": {field: empty}})).await.assert_status(200);
            assert_eq!(account(&amy).await[field], json!(null));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn null_is_rejected_for_required_fields(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let before = account(&amy).await;
    for field in ["username", "email", "password"] {
        amy.put("/api/user", json!({"user": {field: null, "bio": "I"}})).await.assert_error(
            422,
            field,
            "can't be null",
        );
    }
    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn lengths_of_bio_and_image_are_limited(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, maximum) in [("bio", 4096), ("image", 2048)] {
        let longest = "ü".repeat(maximum);
        let response = amy.put("/api/user", json!({"user": {field: longest}})).await.assert_status(200);
        response.assert_at(&format!("/user/{field}"), longest);

        let message = format!("is too long (maximum is {maximum} characters)");
        let longer = "x".repeat(maximum + 1);
        amy.put("/api/user", json!({"user": {field: longer}})).await.assert_error(422, field, &message);
        for wrong in [json!(1), json!(true), json!([]), json!({}), json!("a\0b")] {
            amy.put("/api/user", json!({"user": {field: wrong}})).await.assert_error(422, field, "is invalid");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn image_is_not_validated_as_a_url(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for image in
        ["not a url", "javascript:alert(1)", "\"><script>alert(1)</script>", "http://[::1", "data:,", " ", "🦄"]
    {
        let response = amy.put("/api/user", json!({"user": {"image": image}})).await.assert_status(200);
        response.assert_at("/user/image", image);
        amy.get("/api/profiles/amy").await.assert_at("/profile/image", image);
    }
}

#[rstest]
#[actix_web::test]
async fn username_and_email_of_another_user_are_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob, _cat) = (app.user("amy").await, app.user("bob").await, app.user("cat").await);
    let before = account(&amy).await;

    let both = &[("username", TAKEN), ("email", TAKEN)];
    for name in ["bob", "BOB", "ｂｏｂ"] {
        let email = format!("{name}@example.com");
        let update = async |fields| amy.put("/api/user", json!({ "user": fields })).await;
        update(json!({"username": name, "bio": "I"})).await.assert_error(422, "username", TAKEN);
        update(json!({"email": email, "bio": "I"})).await.assert_error(422, "email", TAKEN);
        update(json!({"username": name, "email": email, "bio": "I"})).await.assert_errors(422, both);
    }
    let of_two_users = json!({"username": "bob", "email": "cat@example.com"});
    amy.put("/api/user", json!({ "user": of_two_users })).await.assert_errors(422, both);
    assert_eq!(account(&amy).await, before);
}

#[rstest]
#[actix_web::test]
async fn own_username_and_email_are_not_taken(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, _bob) = (app.user("amy").await, app.user("bob").await);
    for name in ["amy", "Amy", "ＡＭＹ"] {
        let own = json!({"username": name, "email": format!("{name}@example.com")});
        amy.put("/api/user", json!({"user": own.clone()})).await.assert_status(200);
        assert_eq!(account(&amy).await, user(own));
    }
    let taken = json!({"username": "amy", "email": "bob@example.com"});
    amy.put("/api/user", json!({"user": taken})).await.assert_error(422, "email", TAKEN);
}

#[rstest]
#[actix_web::test]
async fn all_violations_are_reported_together(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let invalid = json!({"username": "", "email": null, "password": "short", "bio": 1, "image": []});
    let all = [
        ("username", "can't be blank"),
        ("email", "can't be null"),
        ("password", "is too short (minimum is 8 characters)"),
        ("bio", "is invalid"),
        ("image", "is invalid"),
    ];
    amy.put("/api/user", json!({"user": invalid})).await.assert_errors(422, &all);
    amy.put("/api/user", json!({})).await.assert_error(422, "user", "can't be blank");
}

#[rstest]
#[actix_web::test]
async fn new_username_shows_everywhere(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let slug = amy.publish("Dragons").await;
    amy.comment(&slug, "Mine").await;

    amy.put("/api/user", json!({"user": {"username": "ann", "bio": "I"}})).await.assert_status(200);

    let ann = profile(json!({"username": "ann", "bio": "I"}));
    let anonymous = app.anonymous();
    anonymous.get("/api/profiles/amy").await.assert_error(404, "profile", "not found");
    anonymous.get("/api/profiles/ann").await.assert(200, json!({ "profile": ann }));
    anonymous.get(&format!("/api/articles/{slug}")).await.assert_at("/article/author", ann.clone());
    anonymous.get(&format!("/api/articles/{slug}/comments")).await.assert_at("/comments/0/author", ann);
    anonymous.get("/api/articles?author=ann").await.assert_articles(&["Dragons"], 1);
    anonymous.get("/api/articles?author=amy").await.assert_articles(&[], 0);
}
