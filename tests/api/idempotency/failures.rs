//! A failed request leaves its key free.

use rstest::rstest;
use serde_json::json;

use crate::support::Engine::*;
use crate::support::fixtures::new_article;
use crate::support::{Engine, TestApp};

#[rstest]
#[actix_web::test]
async fn rejected_request_leaves_the_key_free(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for invalid in ["rubbish".to_owned(), new_article(json!({"title": ""})).to_string()] {
        amy.call_with_key("one", "POST /api/articles", invalid).await.assert_error_shape(422);
    }
    let first = amy.call_with_key("one", "POST /api/articles", new_article(json!({}))).await.assert_status(201);
    amy.call_with_key("one", "POST /api/articles", new_article(json!({}))).await.assert_replays(&first);
}

#[rstest]
#[actix_web::test]
async fn not_found_is_not_replayed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let favorite = "POST /api/articles/dragons/favorite";
    for _ in 0..2 {
        let response = amy.call_with_key("one", favorite, "").await.assert_error(404, "article", "not found");
        assert_eq!(response.header("Idempotent-Replayed"), "");
    }
    amy.publish("Dragons").await;
    amy.call_with_key("one", favorite, "").await.assert_status(200).assert_at("/article/favorited", true);
}

#[rstest]
#[actix_web::test]
async fn internal_error_is_not_replayed(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publish("Dragons").await;
    let endpoint = "POST /api/articles/dragons/comments";
    app.database.execute("alter table comments rename to comments_away").await;
    amy.call_with_key("one", endpoint, json!({"comment": {"body": "Nice"}})).await.assert_error(
        500,
        "server",
        "internal error",
    );
    app.database.execute("alter table comments_away rename to comments").await;
    let first = amy.call_with_key("one", endpoint, json!({"comment": {"body": "Nice"}})).await.assert_status(201);
    amy.call_with_key("one", endpoint, json!({"comment": {"body": "Nice"}})).await.assert_replays(&first);
    amy.get("/api/articles/dragons/comments").await.assert_at("/comments/0/body", "Nice").assert_status(200);
    assert_eq!(app.database.select("select body from comments").await, ["Nice"]);
}

#[rstest]
#[actix_web::test]
async fn effect_is_rolled_back_if_its_response_cannot_be_stored(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let reject = match engine {
        Sqlite => "create trigger reject before insert on idempotency_keys begin select raise(abort, 'rejected'); end",
        Postgres => {
            "create function reject() returns trigger language plpgsql as $$ begin raise 'rejected'; end $$;
             create trigger reject before insert on idempotency_keys for each row execute function reject()"
        }
    };
    app.database.execute(reject).await;
    let (endpoint, body) = ("POST /api/articles", new_article(json!({})));
    amy.call_with_key("one", endpoint, &body).await.assert_error(500, "server", "internal error");
    assert_eq!(app.database.select("select slug from articles").await, Vec::<String>::new());

    let allow = if engine == Sqlite { "drop trigger reject" } else { "drop trigger reject on idempotency_keys" };
    app.database.execute(allow).await;
    amy.call_with_key("one", endpoint, &body).await.assert_status(201).assert_at("/article/slug", "dragons");
    app.database.assert_counters_match_the_rows().await;
}
