//! Parts of a request that are ignored.

use reqwest::Method;
use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::registration;
use crate::support::{Engine, Response, TestApp};

#[rstest]
#[actix_web::test]
async fn content_type_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    let content_types = [
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
    for (number, content_type) in content_types.into_iter().enumerate() {
        let user = registration(json!({"username": number.to_string(), "email": format!("{number}@example.com")}));
        let request =
            anonymous.request(Method::POST, "/api/users").header("Content-Type", content_type).body(user.to_string());
        Response::fetch(request).await.assert_status(201);
    }
    let request = anonymous.request(Method::POST, "/api/users").body(registration(json!({})).to_string());
    Response::fetch(request).await.assert_status(201);
}

#[rstest]
#[actix_web::test]
async fn accept_header_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let anonymous = app.anonymous();
    for accept in ["text/html", "application/xml;q=0.9", "image/*", "rubbish", ""] {
        let request = anonymous.request(Method::GET, "/api/tags").header("Accept", accept);
        Response::fetch(request).await.assert(200, json!({"tags": []}));
    }
}

#[rstest]
#[actix_web::test]
async fn unexpected_body_is_ignored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    let bodies: [&[u8]; 5] = [b"{", b"\xff\0", b"null", b"", br#"{"user": 1, "article": []}"#];
    for (number, body) in bodies.into_iter().enumerate() {
        let slug = amy.publish(&format!("Dragons {number}")).await;
        let comment = bob.comment(&slug, "Mine").await;
        let path = format!("/api/articles/{slug}");
        for (client, endpoint, status) in [
            (&bob, "GET /api/user", 200),
            (&bob, "POST /api/profiles/amy/follow", 200),
            (&bob, "DELETE /api/profiles/amy/follow", 200),
            (&bob, &format!("POST {path}/favorite"), 200),
            (&bob, &format!("DELETE {path}/favorite"), 200),
            (&bob, &format!("DELETE {path}/comments/{comment}"), 204),
            (&amy, &format!("DELETE {path}"), 204),
            (&bob, "GET /api/tags", 200),
        ] {
            client.call(endpoint, body).await.assert_status(status);
        }
    }
    amy.get("/api/articles").await.assert_articles(&[], 0);
}
