//! Bodies that nobody should send; whatever they are, they never make the server fail.

use rstest::rstest;
use serde_json::json;

use crate::support::{Client, Engine, Engine::*, Reply, TestApp};

/// A route that takes a body, who may send one, and how the body's object and one of its texts are called.
struct Route {
    client: Client,
    line: &'static str,
    key: &'static str,
    field: &'static str,
}

impl Route {
    /// All of them.
    async fn all(app: &TestApp) -> [Self; 6] {
        let (anon, amy) = (app.anon(), app.user("amy").await);
        amy.publishes("Dragons").await;
        [
            (&anon, "POST /api/users", "user", "username"),
            (&anon, "POST /api/users/login", "user", "email"),
            (&amy, "PUT /api/user", "user", "bio"),
            (&amy, "POST /api/articles", "article", "title"),
            (&amy, "PUT /api/articles/dragons", "article", "body"),
            (&amy, "POST /api/articles/dragons/comments", "comment", "body"),
        ]
        .map(|(client, line, key, field)| Self { client: client.clone(), line, key, field })
    }

    async fn send(&self, body: impl Into<Vec<u8>>) -> Reply {
        self.client.ask(self.line, body).await
    }
}

/// Bytes around the raw JSON of a field's value.
fn around(route: &Route, value: &[u8]) -> Vec<u8> {
    let start = format!(r#"{{"{}": {{"{}": "#, route.key, route.field);
    [start.as_bytes(), value, b"}}"].concat()
}

#[rstest]
#[actix_web::test]
async fn what_is_no_json_is_told_so(#[values(Sqlite, Postgres)] engine: Engine) {
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
            route.send(text).await.is_error(422, "body", "is not valid JSON");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_value_that_json_does_not_know_spoils_the_body(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let unfinished: [&[u8]; 3] = [b"", b"\"a", b"\"\\"];
    let not_utf8: [&[u8]; 5] =
        [b"\"\xff\"", b"\"\xc3\x28\"", b"\"\xed\xa0\x80\"", b"\"\xc0\x80\"", b"\"\xf5\x80\x80\x80\""];
    let not_json: [&[u8]; 7] = [b"NaN", b"Infinity", b"0x10", b".5", b"\"\\x41\"", b"\"a\nb\"", b"\"a\0b\""];
    let lone_surrogates: [&[u8]; 4] = [br#""\ud800""#, br#""\udc00""#, br#""\ud800\ud800""#, br#""\udc00\ud800""#];
    for route in Route::all(&app).await {
        for value in [&unfinished[..], &not_utf8, &not_json, &lone_surrogates].concat() {
            let body = around(&route, value);
            route.send(body).await.is_error(422, "body", "is not valid JSON");
        }
        // Invalid UTF-8 where nobody looks is invalid too.
        let elsewhere = [br#"{"ignored": ""#, &b"\xff\"}"[..]].concat();
        route.send(elsewhere).await.is_error(422, "body", "is not valid JSON");
    }
}

#[rstest]
#[actix_web::test]
async fn a_value_of_the_wrong_type_is_named(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let huge = format!("1{}", "0".repeat(300));
    let wrong =
        ["true", "0", "-1", "1.5", "1e300", "-1E-300", "18446744073709551616", &huge, "[]", r#"["a"]"#, "[[[]]]"];
    for route in Route::all(&app).await {
        for value in wrong {
            route.send(value).await.is_error(422, "body", "is invalid");
            route.send(format!(r#"{{"{}": {value}}}"#, route.key)).await.is_error(422, route.key, "is invalid");
        }
        for value in [r#""a""#, "null"] {
            route.send(value).await.is_error(422, "body", "is invalid");
        }
        route.send(format!(r#"{{"{}": "a"}}"#, route.key)).await.is_error(422, route.key, "is invalid");
        for value in wrong.iter().chain(&["{}"]) {
            let reply = route.send(around(&route, value.as_bytes())).await.has_shape(422);
            reply.has(&format!("/errors/{}", route.field), json!(["is invalid"]));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn nul_is_invalid_however_it_is_written(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for route in Route::all(&app).await {
        for value in [&br#""\u0000""#[..], br#""a\u0000b""#] {
            let reply = route.send(around(&route, value)).await.has_shape(422);
            reply.has(&format!("/errors/{}", route.field), json!(["is invalid"]));
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_key_that_comes_twice_is_refused(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    for route in Route::all(&app).await {
        let Route { key, field, .. } = route;
        let escaped = format!("\\u{:04x}{}", field.as_bytes()[0], &field[1..]);
        for body in [
            format!(r#"{{"{key}": {{}}, "{key}": {{}}}}"#),
            format!(r#"{{"{key}": {{"{field}": "one", "{field}": "two"}}}}"#),
            format!(r#"{{"{key}": {{"{field}": "one", "{escaped}": "one"}}}}"#),
        ] {
            route.send(body).await.has_shape(422);
        }
    }
}

/// Whatever else is right with the body, and wherever the depth is.
#[rstest]
#[actix_web::test]
async fn a_body_that_is_nested_too_deep_is_no_json(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    for route in Route::all(&app).await {
        let Route { key, field, .. } = route;
        for body in [
            format!(r#"{{"{key}": {{"{field}": "text"}}, "ignored": {deep}}}"#),
            format!(r#"{{"{key}": {{"{field}": "text", "ignored": {deep}}}}}"#),
            format!(r#"{{"{key}": {{"{field}": {deep}}}}}"#),
        ] {
            route.send(body).await.is_error(422, "body", "is not valid JSON");
        }
    }
}

#[rstest]
#[actix_web::test]
async fn a_number_that_nothing_holds_is_refused_or_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let long = "9".repeat(100_000);
    for route in Route::all(&app).await {
        for number in ["1e999", "-1e999", "1e99999999999999999999", long.as_str()] {
            route.send(around(&route, number.as_bytes())).await.has_shape(422);
            route.send(format!(r#"{{"{}": {number}}}"#, route.key)).await.has_shape(422);
            route.send(number).await.has_shape(422);
        }
    }
}

#[rstest]
#[actix_web::test]
async fn depth_does_no_harm(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let arrays = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    for route in Route::all(&app).await {
        for deep in [&arrays, &objects] {
            route.send(around(&route, deep.as_bytes())).await.has_shape(422);
            route.send(format!(r#"{{"ignored": {deep}}}"#)).await.has_shape(422);
            route.send(deep.as_bytes()).await.has_shape(422);
        }
    }
}
