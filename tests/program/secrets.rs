//! What is never told, however talkative the log. [`process`](crate::process) looks for keys and tokens in every test.

use rstest::rstest;
use serde_json::json;

use crate::{
    process::Program,
    support::{Database, Engine, Engine::*, client::password_of},
};

#[rstest]
#[actix_web::test]
async fn not_even_a_trace_tells_a_secret(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program =
        Program::on(&database).with("RUST_LOG", "trace").with("JWT_SECRET", "a key of this test and of no other");
    let server = program.serve().await;
    let amy = server.anon().register("amy").await;
    let credentials = json!({"user": {"email": "amy@example.com", "password": password_of("amy")}});
    server.anon().post("/api/users/login", credentials).await.status(200);
    amy.get("/api/user").await.status(200);

    let ended = server.stop().await;
    ended.keeps(&password_of("amy"));
    ended.keeps("$argon2");
    ended.succeeds();
}
