//! Malformed and hostile bodies: none causes a 5xx.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::{Client, Engine, Response, TestApp};

/// A route that reads a body, a client that may call it, the key of the body's object and one of
/// its text fields.
struct Route {
    client: Client,
    endpoint: &'static str,
    key: &'static str,
    field: &'static str,
}

impl Route {
    /// All routes that read a body.
    async fn all(app: &TestApp) -> [Self; 6] {
        let (anonymous, amy) = (app.anonymous(), app.user("amy").await);
        amy.publish("Dragons").await;
        [
            (&anonymous, "POST /api/users", "user", "username"),
            (&anonymous, "POST /api/users/login", "user", "email"),
            (&amy, "PUT /api/user", "user", "bio"),
            (&amy, "POST /api/articles", "article", "title"),
            (&amy, "PUT /api/articles/dragons", "article", "body"),
            (&amy, "POST /api/articles/dragons/comments", "comment", "body"),
        ]
        .map(|(client, endpoint, key, field)| Self { client: client.clone(), endpoint, key, field })
    }

    async fn send(&self, body: impl Into<Vec<u8>>) -> Response {
        self.client.call(self.endpoint, body).await
    }
}

/// Body whose field has this raw JSON as its value.
fn body_with(route: &Route, value: &[u8]) -> Vec<u8> {
    let start = format!(r#"{{"{}": {{"{}": "#, route.key, route.field);
    [start.as_bytes(), value, b"}}"].concat()
}

#[rstest]
#[actix_web::test]
async fn malformed_json_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let deep = "[".repeat(100_000);
    let texts = [
        "",
        " ",
        "{",
        "}",
        r#"{"user""#,
        r#"{"user": {}"#,
        r#"{"user": {}}}"#,
        r#"{"user": {},}"#,
        r#"{"user": {}} {}"#,
        "{'user': {}}",
        "{user: {}}",
        "user[email]=amy",
        "<user/>",
        "nonsense",
        "undefined",
        "NaN",
        "+1",
        "01",
        "\u{feff}{}",
        r#"{"user": /* me */ {}}"#,
        "\0",
        "{}\0",
        &deep,
    ];
    for route in Route::all(&app).await {
        for text in texts {
            route.send(text).await.assert_error(422, "body", "is not valid JSON");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn malformed_value_makes_the_body_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let unfinished: [&[u8]; 3] = [b"", b"\"a", b"\"\\"];
    let not_utf8: [&[u8]; 5] =
        [b"\"\xff\"", b"\"\xc3\x28\"", b"\"\xed\xa0\x80\"", b"\"\xc0\x80\"", b"\"\xf5\x80\x80\x80\""];
    let not_json: [&[u8]; 7] = [b"NaN", b"Infinity", b"0x10", b".5", b"\"\\x41\"", b"\"a\nb\"", b"\"a\0b\""];
    let lone_surrogates: [&[u8]; 4] = [br#""\ud800""#, br#""\udc00""#, br#""\ud800\ud800""#, br#""\udc00\ud800""#];
    for route in Route::all(&app).await {
        for value in [&unfinished[..], &not_utf8, &not_json, &lone_surrogates].concat() {
            let body = body_with(&route, value);
            route.send(body).await.assert_error(422, "body", "is not valid JSON");
        }
        // Invalid UTF-8 is invalid in an ignored field too.
        let elsewhere = [br#"{"ignored": ""#, &b"\xff\"}"[..]].concat();
        route.send(elsewhere).await.assert_error(422, "body", "is not valid JSON");
    }
}

#[rstest]
#[actix_web::test]
async fn value_of_wrong_type_is_reported_by_its_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let huge = format!("1{}", "0".repeat(300));
    let wrong =
        ["true", "0", "-1", "1.5", "1e300", "-1E-300", "18446744073709551616", &huge, "[]", r#"["a"]"#, "[[[]]]"];
    for route in Route::all(&app).await {
        for value in wrong {
            route.send(value).await.assert_error(422, "body", "is invalid");
            route.send(format!(r#"{{"{}": {value}}}"#, route.key)).await.assert_error(422, route.key, "is invalid");
        }
        for value in [r#""a""#, "null"] {
            route.send(value).await.assert_error(422, "body", "is invalid");
        }
        route.send(format!(r#"{{"{}": "a"}}"#, route.key)).await.assert_error(422, route.key, "is invalid");
        for value in wrong.iter().chain(&["{}"]) {
            let response = route.send(body_with(&route, value.as_bytes())).await.assert_error_shape(422);
            response.assert_at(&format!("/errors/{}", route.field), json!(["is invalid"]));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn escaped_nul_is_invalid(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for route in Route::all(&app).await {
        for value in [&br#""\u0000""#[..], br#""a\u0000b""#] {
            let response = route.send(body_with(&route, value)).await.assert_error_shape(422);
            response.assert_at(&format!("/errors/{}", route.field), json!(["is invalid"]));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn duplicate_key_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for route in Route::all(&app).await {
        let Route { key, field, .. } = route;
        let escaped = format!("\\u{:04x}{}", field.as_bytes()[0], &field[1..]);
        for body in [
            format!(r#"{{"{key}": {{}}, "{key}": {{}}}}"#),
            format!(r#"{{"{key}": {{"{field}": "one", "{field}": "two"}}}}"#),
            format!(r#"{{"{key}": {{"{field}": "one", "{escaped}": "one"}}}}"#),
        ] {
            route.send(body).await.assert_error_shape(422);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn deeply_nested_body_is_not_valid_json(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for route in Route::all(&app).await {
        let Route { key, field, .. } = route;
        for body in [
            format!(r#"{{"{key}": {{"{field}": "text"}}, "ignored": {deep}}}"#),
            format!(r#"{{"{key}": {{"{field}": "text", "ignored": {deep}}}}}"#),
            format!(r#"{{"{key}": {{"{field}": {deep}}}}}"#),
        ] {
            route.send(body).await.assert_error(422, "body", "is not valid JSON");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn number_out_of_range_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let long = "9".repeat(100_000);
    for route in Route::all(&app).await {
        for number in ["1e999", "-1e999", "1e99999999999999999999", long.as_str()] {
            route.send(body_with(&route, number.as_bytes())).await.assert_error_shape(422);
            route.send(format!(r#"{{"{}": {number}}}"#, route.key)).await.assert_error_shape(422);
            route.send(number).await.assert_error_shape(422);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn extreme_nesting_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let arrays = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for route in Route::all(&app).await {
        for deep in [&arrays, &objects] {
            route.send(body_with(&route, deep.as_bytes())).await.assert_error_shape(422);
            route.send(format!(r#"{{"ignored": {deep}}}"#)).await.assert_error_shape(422);
            route.send(deep.as_bytes()).await.assert_error_shape(422);
        }
    }
}
