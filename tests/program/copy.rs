//! `conduit copy`.

use serde_json::json;

use crate::process::Program;
use crate::snapshot;
use crate::support::Database;
use crate::support::Engine::*;

async fn count(database: &Database, table: &str) -> String {
    let rows = database.select(format!("select cast(count(*) as text) from {table}")).await;
    rows.concat()
}

#[actix_web::test]
async fn ten_thousand_articles_survive_a_copy_to_postgresql_and_back() {
    let [original, back] = [Database::create(Sqlite).await, Database::create_unmigrated(Sqlite).await];
    let postgres = Database::create_unmigrated(Postgres).await;
    let program = Program::on(&original).with_jwt_secret();
    program.run(&["seed", "--demo", "--users", "1000", "--articles", "10000"]).await.assert_success();
    // Adds what seeds lack: a session that is exempt from a password change, and deleted ids.
    let server = program.serve().await;
    let amy = server.anonymous().register("amy").await;
    let slug = amy.publish_tagged("Ünïcode \"and\" {quotes}", &["a,b", "\"c\""]).await;
    amy.comment(&slug, "first").await;
    amy.put("/api/user", json!({"user": {"password": "another one"}})).await.assert_status(200);
    amy.follow("johndoe").await;
    let offsets = [0, 5_000, 9_990];
    let before = snapshot::fetch(&amy, &offsets).await;
    server.stop().await.assert_success();
    original
        .execute(
            "insert into users (id, username, username_key, email, email_key, password_hash, created_at, updated_at)
            values (5000, 'x', 'x', 'x', 'x', '', 0, 0);
            delete from users where id = 5000",
        )
        .await;
    let (users, articles) = (count(&original, "users").await, count(&original, "articles").await);

    for (from, to) in [(&original, &postgres), (&postgres, &back)] {
        // Either URL may be a setting, since other users of the machine can read arguments.
        let program = Program::on(to).with_jwt_secret();
        let output = program.run(&["copy", "--from", &from.url()]).await.assert_success();
        assert!(output.contains("\ncopied from ") && output.contains(&format!(": {users} users, ")), "{output}");
        assert!(output.contains(&format!(" {articles} articles, ")), "{output}");
        program.run(&["doctor"]).await.assert_success();
        let server = program.serve().await;
        let reader = server.anonymous().with_token(amy.token());
        snapshot::assert_equal(&before, &snapshot::fetch(&reader, &offsets).await);
        server.stop().await.assert_success();
    }
    let program = Program::on(&postgres).with_jwt_secret();
    let server = program.serve().await;
    let bob = server.anonymous().register("bob").await;
    bob.comment(&slug, "second").await;
    assert_eq!(postgres.select("select cast(id as text) from users where username = 'bob'").await, ["5001"]);
}

#[actix_web::test]
async fn copy_into_a_database_with_records_is_rejected() {
    let (from, to) = (Database::create(Sqlite).await, Database::create(Postgres).await);
    for database in [&from, &to] {
        Program::on(database).run(&["seed", "--users", "3", "--articles", "3"]).await.assert_success();
    }
    let line = Program::on(&from).run(&["copy", "--to", &to.url()]).await.assert_failure();
    assert!(line.contains(": cannot fill the copy: it is not empty: it has 3 users, "), "{line}");
    assert!(!line.contains("cannot read"), "{line}");
}

#[actix_web::test]
async fn message_names_an_original_that_cannot_be_copied() {
    let (empty, target) = (Database::create_unmigrated(Sqlite).await, Database::create(Sqlite).await);
    let program = Program::on(&target);
    let line = program.run(&["copy", "--from", "sqlite://none.db"]).await.assert_failure();
    assert_eq!(line, "--from is sqlite://none.db: there is no such file");
    assert!(!program.path("none.db").exists());

    empty.execute("select 1").await;
    let line = program.run(&["copy", "--from", &empty.url()]).await.assert_failure();
    assert!(line.contains(": it needs conduit migrate first, for "), "{line}");
}

#[actix_web::test]
async fn message_about_a_url_omits_its_password() {
    let program = Program::new();
    let line = program.run(&["copy", "--from", "postgres://me:hun@ter2@db/conduit"]).await.assert_failure();
    assert!(line.starts_with("--from is \"postgres://…\": expected "), "{line}");
    let line = program.run(&["copy", "--from", "postgres://me:hunter2@127.0.0.1:1/conduit"]).await.assert_failure();
    assert!(line.starts_with("--from is postgres://me:***@127.0.0.1:1/conduit: cannot "), "{line}");
}
