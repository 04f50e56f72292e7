//! Validation of usernames, e-mail addresses and passwords, equal for `POST /api/users` and `PUT
//! /api/user`.

use rstest::rstest;
use serde_json::{Value, json};

use crate::support::Engine::*;
use crate::support::fixtures::{BLANKS, registration};
use crate::support::{Engine, TestApp};

const BLANK: &str = "can't be blank";
const INVALID: &str = "is invalid";

/// String with this number of characters, and more bytes.
fn long(length: usize) -> String {
    "ü".repeat(length)
}

/// E-mail address with this number of characters.
fn address(length: usize) -> String {
    let host = "@example.com";
    long(length - host.len()) + host
}

/// Invalid values by field, with the messages.
fn invalid() -> Vec<(&'static str, Value, &'static str)> {
    let wrong_types = [json!(1), json!(-0.5), json!(true), json!([]), json!(["amy"]), json!({"amy": "amy"})];
    let mut invalid = Vec::new();
    for field in ["username", "email", "password"] {
        invalid.extend(wrong_types.iter().map(|value| (field, value.clone(), INVALID)));
        invalid.extend(BLANKS.map(|text| (field, json!(text), BLANK)));
    }
    let not_in_urls = ["a/b", "/", "a?b", "a#b", "a%b", "%41"];
    let control = ["a\0b", "a\nb", "\ta", "a\u{7f}", "a\u{85}b"];
    let unseen = ["a\u{200b}b", "a\u{200c}b", "a\u{200d}b", "a\u{feff}b"];
    let bidirectional = ["a\u{200e}b", "a\u{200f}b", "a\u{202e}b", "a\u{2066}b", "a\u{2069}b", "a\u{61c}b"];
    for names in [&not_in_urls[..], &control, &unseen, &bidirectional] {
        invalid.extend(names.iter().map(|name| ("username", json!(name), INVALID)));
    }
    let addresses =
        ["amy", "@", "@example.com", "amy@", "a@b@c", "a@@b", "a b@c", "a@b c", " a@b", "a@b\n", "a@\u{a0}b"];
    invalid.extend(addresses.map(|address| ("email", json!(address), INVALID)));
    invalid.extend([
        ("username", json!(long(65)), "is too long (maximum is 64 characters)"),
        ("email", json!(address(255)), "is too long (maximum is 254 characters)"),
        ("password", json!("1234567"), "is too short (minimum is 8 characters)"),
        ("password", json!(long(7)), "is too short (minimum is 8 characters)"),
        ("password", json!(long(129)), "is too long (maximum is 128 characters)"),
        ("password", json!("1234567\0"), INVALID),
    ]);
    invalid
}

/// Valid values by field. No two have the same canonical form.
fn valid() -> Vec<(&'static str, Value)> {
    let names = ["a", "a b", "a+b", "Ünï", "李龍", "O'Neil", "🦄", "a.b-c_d~e", "a&b=c;d", "\"\\<script>"];
    let addresses = ["a@b", "amy+tag@example.com", "Ünï@例え.jp", "!#$%&'*@[127.0.0.1]", "a@b.c.d.e"];
    let passwords = ["aaaaaaaa", "12345678", " 1 2 3 4 ", "pass/?#%\n", "🦄🦄🦄🦄🦄🦄🦄🦄"];
    let mut valid = vec![("username", json!(long(64))), ("email", json!(address(254)))];
    valid.extend([8, 128].map(|length| ("password", json!(long(length)))));
    valid.extend(names.map(|text| ("username", json!(text))));
    valid.extend(addresses.map(|text| ("email", json!(text))));
    valid.extend(passwords.map(|text| ("password", json!(text))));
    valid
}

#[rstest]
#[actix_web::test]
async fn registering_rejects_invalid_values(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for (field, value, message) in invalid() {
        anonymous.post("/api/users", registration(json!({field: value}))).await.assert_error(422, field, message);
    }
}

#[rstest]
#[actix_web::test]
async fn updating_rejects_invalid_values(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, value, message) in invalid() {
        amy.put("/api/user", json!({"user": {field: value}})).await.assert_error(422, field, message);
    }
    amy.get("/api/user").await.assert_at("/user/username", "amy").assert_at("/user/email", "amy@example.com");
}

#[rstest]
#[actix_web::test]
async fn registering_stores_valid_values_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for (number, (field, value)) in valid().into_iter().enumerate() {
        let mut fields = json!({"username": format!("amy{number}"), "email": format!("amy{number}@example.com")});
        fields[field] = value.clone();
        let response = anonymous.post("/api/users", registration(fields)).await.assert_status(201);
        if field != "password" {
            response.assert_at(&format!("/user/{field}"), value);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn updating_stores_valid_values_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, value) in valid() {
        amy.put("/api/user", json!({"user": {field: value}})).await.assert_status(200);
        let response = amy.get("/api/user").await.assert_status(200);
        if field != "password" {
            response.assert_at(&format!("/user/{field}"), value);
        }
    }
}
