//! What is overlooked about a request.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::{
    data::registration,
    support::{Engine, Engine::*, Reply, TestApp},
};

#[rstest]
#[actix_web::test]
async fn the_body_is_judged_and_not_its_content_type(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    let kinds = [
        "application/json",
        "application/json, application/json",
        "application/json; charset=latin1",
        "text/plain",
        "text/html; charset=utf-16",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "rubbish",
        "/;=,",
        "",
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let user = registration(json!({"username": number.to_string(), "email": format!("{number}@example.com")}));
        let request = anon.request(Method::POST, "/api/users").header("Content-Type", kind).body(user.to_string());
        Reply::of(request).await.status(201);
    }
    let request = anon.request(Method::POST, "/api/users").body(registration(json!({})).to_string());
    Reply::of(request).await.status(201);
}

#[rstest]
#[actix_web::test]
async fn an_answer_is_json_whatever_the_client_accepts(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anon = app.anon();
    for kind in ["text/html", "application/xml;q=0.9", "image/*", "rubbish", ""] {
        let request = anon.request(Method::GET, "/api/tags").header("Accept", kind);
        Reply::of(request).await.is(200, json!({"tags": []}));
    }
}

#[rstest]
#[actix_web::test]
async fn a_body_where_none_is_taken_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let bodies: [&[u8]; 5] = [b"{", b"\xff\0", b"null", b"", br#"{"user": 1, "article": []}"#];
    for (number, body) in bodies.into_iter().enumerate() {
        let slug = amy.publishes(&format!("Dragons {number}")).await;
        let comment = bob.comments(&slug, "Mine").await;
        let path = format!("/api/articles/{slug}");
        for (asker, line, status) in [
            (&bob, "GET /api/user", 200),
            (&bob, "POST /api/profiles/amy/follow", 200),
            (&bob, "DELETE /api/profiles/amy/follow", 200),
            (&bob, &format!("POST {path}/favorite"), 200),
            (&bob, &format!("DELETE {path}/favorite"), 200),
            (&bob, &format!("DELETE {path}/comments/{comment}"), 204),
            (&amy, &format!("DELETE {path}"), 204),
            (&bob, "GET /api/tags", 200),
        ] {
            asker.ask(line, body).await.status(status);
        }
    }
    amy.get("/api/articles").await.lists(&[], 0);
}
