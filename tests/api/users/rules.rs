//! What usernames, e-mail addresses and passwords may be; `POST /api/users` and `PUT /api/user` judge alike.

use rstest::rstest;
use serde_json::{Value, json};

use crate::{
    data::{BLANKS, registration, user},
    support::{Engine, Engine::*, TestApp},
};

const BLANK: &str = "can't be blank";
const INVALID: &str = "is invalid";

/// A text of so many characters, which are more bytes.
fn long(length: usize) -> String {
    "ü".repeat(length)
}

/// An address of so many characters.
fn address(length: usize) -> String {
    let host = "@example.com";
    long(length - host.len()) + host
}

/// What is refused of each field, and in which words.
fn refused() -> Vec<(&'static str, Value, &'static str)> {
    let wrong_types = [json!(1), json!(-0.5), json!(true), json!([]), json!(["amy"]), json!({"amy": "amy"})];
    let mut refused = Vec::new();
    for field in ["username", "email", "password"] {
        refused.extend(wrong_types.iter().map(|value| (field, value.clone(), INVALID)));
        refused.extend(BLANKS.map(|text| (field, json!(text), BLANK)));
    }
    let not_in_urls = ["a/b", "/", "a?b", "a#b", "a%b", "%41"];
    let control = ["a\0b", "a\nb", "\ta", "a\u{7f}", "a\u{85}b"];
    let unseen = ["a\u{200b}b", "a\u{200c}b", "a\u{200d}b", "a\u{feff}b"];
    let bidirectional = ["a\u{200e}b", "a\u{200f}b", "a\u{202e}b", "a\u{2066}b", "a\u{2069}b", "a\u{61c}b"];
    for names in [&not_in_urls[..], &control, &unseen, &bidirectional] {
        refused.extend(names.iter().map(|name| ("username", json!(name), INVALID)));
    }
    let addresses =
        ["amy", "@", "@example.com", "amy@", "a@b@c", "a@@b", "a b@c", "a@b c", " a@b", "a@b\n", "a@\u{a0}b"];
    refused.extend(addresses.map(|address| ("email", json!(address), INVALID)));
    refused.extend([
        ("username", json!(long(65)), "is too long (maximum is 64 characters)"),
        ("email", json!(address(255)), "is too long (maximum is 254 characters)"),
        ("password", json!("1234567"), "is too short (minimum is 8 characters)"),
        ("password", json!(long(7)), "is too short (minimum is 8 characters)"),
        ("password", json!(long(129)), "is too long (maximum is 128 characters)"),
        ("password", json!("1234567\0"), INVALID),
    ]);
    refused
}

/// What is accepted of each field, in pairwise different forms.
fn accepted() -> Vec<(&'static str, Value)> {
    let names = ["a", "a b", "a+b", "Ünï", "李龍", "O'Neil", "🦄", "a.b-c_d~e", "a&b=c;d", "\"\\<script>"];
    let addresses = ["a@b", "amy+tag@example.com", "Ünï@例え.jp", "!#$%&'*@[127.0.0.1]", "a@b.c.d.e"];
    let passwords = ["aaaaaaaa", "12345678", " 1 2 3 4 ", "pass/?#%\n", "🦄🦄🦄🦄🦄🦄🦄🦄"];
    let mut accepted = vec![("username", json!(long(64))), ("email", json!(address(254)))];
    accepted.extend([8, 128].map(|length| ("password", json!(long(length)))));
    accepted.extend(names.map(|text| ("username", json!(text))));
    accepted.extend(addresses.map(|text| ("email", json!(text))));
    accepted.extend(passwords.map(|text| ("password", json!(text))));
    accepted
}

#[rstest]
#[actix_web::test]
async fn registering_refuses_what_breaks_a_rule(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for (field, value, message) in refused() {
        anon.post("/api/users", registration(json!({field: value}))).await.is_error(422, field, message);
    }
}

#[rstest]
#[actix_web::test]
async fn updating_refuses_what_breaks_a_rule(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, value, message) in refused() {
        amy.put("/api/user", user(json!({field: value}))).await.is_error(422, field, message);
    }
    amy.get("/api/user").await.has("/user/username", "amy").has("/user/email", "amy@example.com");
}

#[rstest]
#[actix_web::test]
async fn registering_takes_all_else_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for (number, (field, value)) in accepted().into_iter().enumerate() {
        let mut fields = json!({"username": format!("amy{number}"), "email": format!("amy{number}@example.com")});
        fields[field] = value.clone();
        let reply = anon.post("/api/users", registration(fields)).await.status(201);
        if field != "password" {
            reply.has(&format!("/user/{field}"), value);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn updating_takes_all_else_as_it_is(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for (field, value) in accepted() {
        amy.put("/api/user", user(json!({field: value}))).await.status(200);
        let reply = amy.get("/api/user").await.status(200);
        if field != "password" {
            reply.has(&format!("/user/{field}"), value);
        }
    }
}
