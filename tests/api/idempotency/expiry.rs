//! How long an answer is kept.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::draft,
    support::{Engine, Engine::*, TestApp},
};

/// Lets time pass for what is kept.
async fn pass(app: &TestApp, engine: Engine, seconds: u32) {
    let aged = match engine {
        Sqlite => format!("created_at - {seconds} * 1000"),
        Postgres => format!("created_at - {seconds} * interval '1 second'"),
    };
    app.database.execute(&format!("update idempotency_keys set created_at = {aged}")).await;
}

#[rstest]
#[actix_web::test]
async fn an_answer_is_kept_for_a_day(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let (line, body) = ("POST /api/articles", draft(json!({})));
    let first = amy.ask_with_key("one", line, &body).await.status(201);
    pass(&app, engine, 24 * 3600 - 60).await;
    amy.ask_with_key("one", line, &body).await.repeats(&first);

    pass(&app, engine, 60).await;
    let second = amy.ask_with_key("one", line, draft(json!({"title": "Wyverns"}))).await.status(201);
    assert_eq!(second.header("Idempotent-Replayed"), "");
    amy.ask_with_key("one", line, &body).await.is_error(422, "Idempotency-Key", "belongs to another request");
}

#[rstest]
#[actix_web::test]
async fn what_is_too_old_makes_room_for_what_is_new(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let (amy, bob) = (app.user("amy").await, app.user("bob").await);
    for key in ["one", "two", "three"] {
        amy.ask_with_key(key, "POST /api/profiles/bob/follow", "").await.status(200);
    }
    pass(&app, engine, 24 * 3600).await;
    bob.ask_with_key("four", "POST /api/profiles/amy/follow", "").await.status(200);
    assert_eq!(app.database.select("select key from idempotency_keys").await, ["four"]);
}
