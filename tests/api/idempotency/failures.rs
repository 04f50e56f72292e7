//! Requests that failed leave their key free.

use rstest::rstest;
use serde_json::json;

use crate::{
    data::{comment, draft},
    support::{Engine, Engine::*, TestApp},
};

#[rstest]
#[actix_web::test]
async fn a_mistake_may_be_set_right_under_the_same_key(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    for wrong in ["rubbish".to_owned(), draft(json!({"title": ""})).to_string()] {
        amy.ask_with_key("one", "POST /api/articles", wrong).await.has_shape(422);
    }
    let first = amy.ask_with_key("one", "POST /api/articles", draft(json!({}))).await.status(201);
    amy.ask_with_key("one", "POST /api/articles", draft(json!({}))).await.repeats(&first);
}

#[rstest]
#[actix_web::test]
async fn what_was_missing_is_looked_for_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let favorite = "POST /api/articles/dragons/favorite";
    for _ in 0..2 {
        let reply = amy.ask_with_key("one", favorite, "").await.is_error(404, "article", "not found");
        assert_eq!(reply.header("Idempotent-Replayed"), "");
    }
    amy.publishes("Dragons").await;
    amy.ask_with_key("one", favorite, "").await.status(200).has("/article/favorited", true);
}

#[rstest]
#[actix_web::test]
async fn an_outage_is_not_told_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    amy.publishes("Dragons").await;
    let line = "POST /api/articles/dragons/comments";
    app.database.execute("alter table comments rename to comments_away").await;
    amy.ask_with_key("one", line, comment("Nice")).await.is_error(500, "server", "internal error");
    app.database.execute("alter table comments_away rename to comments").await;
    let first = amy.ask_with_key("one", line, comment("Nice")).await.status(201);
    amy.ask_with_key("one", line, comment("Nice")).await.repeats(&first);
    amy.get("/api/articles/dragons/comments").await.has("/comments/0/body", "Nice").status(200);
    assert_eq!(app.database.select("select body from comments").await, ["Nice"]);
}

/// The article is written, and then the answer cannot be kept: neither stands.
#[rstest]
#[actix_web::test]
async fn an_effect_whose_answer_cannot_be_kept_is_undone(#[values(Sqlite, Postgres)] engine: Engine) {
    let app = TestApp::start(engine).await;
    let amy = app.user("amy").await;
    let refuse = match engine {
        Sqlite => "create trigger refuse before insert on idempotency_keys begin select raise(abort, 'refused'); end",
        Postgres => {
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'refused'; end $$;
             create trigger refuse before insert on idempotency_keys for each row execute function refuse()"
        }
    };
    app.database.execute(refuse).await;
    let (line, body) = ("POST /api/articles", draft(json!({})));
    amy.ask_with_key("one", line, &body).await.is_error(500, "server", "internal error");
    assert_eq!(app.database.select("select slug from articles").await, Vec::<String>::new());

    let allow = if engine == Sqlite { "drop trigger refuse" } else { "drop trigger refuse on idempotency_keys" };
    app.database.execute(allow).await;
    amy.ask_with_key("one", line, &body).await.status(201).has("/article/slug", "dragons");
    app.database.assert_counters_match_the_rows().await;
}
