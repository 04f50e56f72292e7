//! `conduit seed` and `conduit reset`.

use conduit::app::cli::seed::Plan;
use conduit::domain::model::records::{Kind, Sequences};
use conduit::domain::model::user::PasswordHash;
use conduit::domain::model::values::{CommentId, UserId};
use rstest::rstest;

use crate::process::Program;
use crate::snapshot;
use crate::support::Engine::*;
use crate::support::{Client, Database, Engine};

/// Returns the counts of a seed with a demo, whose own users and articles come on top.
fn demo_counts(users: u32, articles: u32) -> (u64, u64) {
    let hash = PasswordHash::new(String::new());
    let after = Sequences { user: UserId::new(0), comment: CommentId::new(0) };
    let plan = Plan { users, articles, seed: 0, locked: hash.clone(), demo: Some(hash), after };
    let count = |kind| plan.count(kind).expect("a count that is known in advance");
    (count(Kind::Users), count(Kind::Articles))
}

async fn log_in(client: &Client, name: &str) -> Client {
    let response = client.log_in(&format!("{name}@example.com"), "password123").await;
    client.with_token(&response.assert_status(200).assert_at("/user/username", name).text_at("/user/token"))
}

#[rstest]
#[actix_web::test]
async fn demo_has_users_who_log_in_and_articles(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let (users, articles) = demo_counts(20, 60);
    let output = program.run(&["seed", "--demo", "--users", "20", "--articles", "60"]).await.assert_success();
    assert!(
        output.contains(&format!("users: {users}\n")) && output.contains(&format!("articles: {articles}\n")),
        "{output}"
    );
    assert!(output.contains("log in as johndoe, janedoe, samlee"), "{output}");
    program.run(&["doctor"]).await.assert_success();

    let server = program.serve().await;
    let john = log_in(&server.anonymous(), "johndoe").await;
    log_in(&server.anonymous(), "samlee").await;
    let list = john.get("/api/articles").await.assert_at("/articlesCount", articles);
    assert_eq!(list.titles()[0], "How to read an API before you call it");
    let comments = john.get("/api/articles/welcome-to-conduit/comments").await.list_at("/comments");
    assert_eq!(comments.len(), 3);
    assert!(john.get("/api/articles/feed").await.at("/articlesCount").as_u64().unwrap() > 0);

    // A new article is newer than every seeded one, and its slug differs.
    let amy = server.anonymous().register("amy").await;
    let slug = amy.publish("Welcome to Conduit").await;
    assert_ne!(slug, "welcome-to-conduit");
    assert_eq!(john.get("/api/articles").await.titles()[0], "Welcome to Conduit");
    amy.comment(&slug, "mine").await;
    server.stop().await.assert_success();
    program.run(&["doctor"]).await.assert_success();
}

#[actix_web::test]
async fn one_seed_makes_the_same_records_on_both_engines() {
    let (sqlite, postgres) = (Database::create(Sqlite).await, Database::create(Postgres).await);
    let mut snapshots = Vec::new();
    for (database, seed) in [(&sqlite, "7"), (&postgres, "7"), (&sqlite, "8")] {
        let program = Program::on(database).with_jwt_secret();
        program.run(&["reset"]).await.assert_success();
        program.run(&["seed", "--seed", seed, "--users", "30", "--articles", "150"]).await.assert_success();
        snapshots.push(snapshot::fetch(&program.serve().await.anonymous(), &[0, 100]).await);
    }
    let [on_sqlite, on_postgres, other_seed] = &snapshots[..] else { panic!("three snapshots") };
    snapshot::assert_equal(on_sqlite, on_postgres);
    assert!(on_sqlite != other_seed);
}

#[rstest]
#[actix_web::test]
async fn reset_removes_all_records_and_invalidates_tokens(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database).with_jwt_secret();
    let (users, articles) = demo_counts(5, 5);
    program.run(&["seed", "--demo", "--users", "5", "--articles", "5"]).await.assert_success();
    let server = program.serve().await;
    let john = log_in(&server.anonymous(), "johndoe").await;
    server.stop().await.assert_success();

    let output = program.run(&["reset"]).await.assert_success();
    assert!(output.starts_with("removed from ") && output.contains(&format!(": {users} users, ")), "{output}");
    assert!(output.contains(&format!(" {articles} articles, ")), "{output}");
    program.run(&["seed", "--demo", "--users", "5", "--articles", "5"]).await.assert_success();

    let server = program.serve().await;
    server.anonymous().with_token(john.token()).get("/api/user").await.assert_status(401);
    log_in(&server.anonymous(), "johndoe").await;
}

#[rstest]
#[actix_web::test]
async fn seed_of_a_database_with_records_is_rejected(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    server.anonymous().register("amy").await;
    server.stop().await.assert_success();

    let line = program.run(&["seed", "--users", "5", "--articles", "5"]).await.assert_failure();
    assert!(line.starts_with("DATABASE_URL is ") && line.ends_with(": it is not empty: it has 1 users"), "{line}");
    let users = database.select("select username from users").await;
    assert_eq!(users, ["amy"]);
}

#[actix_web::test]
async fn prod_profile_requires_force() {
    let database = Database::create(Sqlite).await;
    let program = Program::on(&database).with_prod_profile();
    for command in ["seed", "reset"] {
        let line = program.run(&[command]).await.assert_failure();
        assert!(line.starts_with(&format!("CONDUIT_PROFILE is prod: conduit {command} ")), "{line}");
    }
    program.run(&["seed", "--users", "2", "--articles", "2", "--force"]).await.assert_success();
    let output = program.run(&["reset", "--force"]).await.assert_success();
    assert!(output.contains(": 2 users, "), "{output}");
}
