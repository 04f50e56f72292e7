//! `conduit copy`.

use serde_json::json;

use crate::{
    answers::{self, answers, assert_same},
    process::Program,
    support::{Database, Engine::*},
};

#[actix_web::test]
async fn ten_thousand_articles_move_up_and_back_and_every_answer_stays_the_same() {
    let [original, back] = [Database::create(Sqlite).await, Database::create_unmigrated(Sqlite).await];
    let up = Database::create_unmigrated(Postgres).await;
    let program = answers::program(&original);
    program.run(&["seed", "--demo", "--users", "1000", "--articles", "10000"]).await.succeeds();
    // What seeds do not have: a session that outlived a password, a number that is not given again, and gaps.
    let server = program.serve().await;
    let amy = server.anon().register("amy").await;
    let slug = amy.publish_tagged("Ünïcode \"and\" {quotes}", &["a,b", "\"c\""]).await;
    amy.comment(&slug, "first").await;
    amy.put("/api/user", json!({"user": {"password": "another one"}})).await.assert_status(200);
    amy.follow("johndoe").await;
    let offsets = [0, 5_000, 9_990];
    let before = answers(&amy, &offsets).await;
    server.stop().await.succeeds();
    original.execute("insert into users select 5000, 'x', 'x', 'x', 'x', '', null, null, 0, null, 0, 0, 0, 0").await;
    original.execute("delete from users where id = 5000").await;

    for (from, to) in [(&original, &up), (&up, &back)] {
        // Either end may be left to the settings, where others cannot read its password.
        let copied = answers::program(to).run(&["copy", "--from", &from.url()]).await.succeeds();
        assert!(copied.contains("\ncopied from ") && copied.contains(": 1004 users, "), "{copied}");
        assert!(copied.contains(" 10005 articles, "), "{copied}");
        let program = answers::program(to);
        program.run(&["doctor"]).await.succeeds();
        let server = program.serve().await;
        let reader = server.anon().with_token(amy.token.as_deref().unwrap());
        assert_same(&before, &answers(&reader, &offsets).await);
        server.stop().await.succeeds();
    }
    let program = answers::program(&up);
    let server = program.serve().await;
    let bob = server.anon().register("bob").await;
    bob.comment(&slug, "second").await;
    assert_eq!(up.select("select cast(id as text) from users where username = 'bob'").await, ["5001"]);
}

#[actix_web::test]
async fn what_is_there_already_is_kept() {
    let (from, to) = (Database::create(Sqlite).await, Database::create(Postgres).await);
    for database in [&from, &to] {
        Program::on(database).run(&["seed", "--users", "3", "--articles", "3"]).await.succeeds();
    }
    let line = Program::on(&from).run(&["copy", "--to", &to.url()]).await.fails();
    assert!(line.contains(": cannot fill the copy: it is not empty: it has 3 users, "), "{line}");
    assert!(!line.contains("cannot read"), "{line}");
}

#[actix_web::test]
async fn an_original_that_cannot_be_copied_is_named() {
    let (empty, target) = (Database::create_unmigrated(Sqlite).await, Database::create(Sqlite).await);
    let program = Program::on(&target);
    let line = program.run(&["copy", "--from", "sqlite://none.db"]).await.fails();
    assert_eq!(line, "--from is sqlite://none.db: there is no such file");
    assert!(!program.path("none.db").exists());

    empty.execute("select 1").await;
    let line = program.run(&["copy", "--from", &empty.url()]).await.fails();
    assert!(line.contains(": it needs conduit migrate first, for "), "{line}");
}

#[actix_web::test]
async fn a_url_is_judged_without_telling_its_password() {
    let program = Program::new();
    let line = program.run(&["copy", "--from", "postgres://me:hun@ter2@db/conduit"]).await.fails();
    assert!(line.starts_with("--from is \"postgres://…\": expected "), "{line}");
    let line = program.run(&["copy", "--from", "postgres://me:hunter2@127.0.0.1:1/conduit"]).await.fails();
    assert!(line.starts_with("--from is postgres://me:***@127.0.0.1:1/conduit: cannot "), "{line}");
}
