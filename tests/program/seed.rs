//! `conduit seed` and `conduit reset`.

use rstest::rstest;
use serde_json::json;

use crate::{
    answers::{self, answers},
    process::Program,
    support::{Client, Database, Engine, Engine::*},
};

const PROD: [(&str, &str); 2] = [("CONDUIT_PROFILE", "prod"), ("JWT_SECRET", "0123456789abcdef0123456789abcdef")];

async fn log_in(client: &Client, name: &str) -> Client {
    let user = json!({"user": {"email": format!("{name}@example.com"), "password": "password123"}});
    let reply = client.post("/api/users/login", user).await.assert_status(200).assert_at("/user/username", name);
    client.with_token(&reply.text_at("/user/token"))
}

#[rstest]
#[actix_web::test]
async fn a_demo_has_users_to_log_in_as_and_something_to_look_at(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let said = program.run(&["seed", "--demo", "--users", "20", "--articles", "60"]).await.succeeds();
    assert!(said.contains("users: 23\n") && said.contains("articles: 64\n"), "{said}");
    assert!(said.contains("log in as johndoe, janedoe, samlee"), "{said}");
    program.run(&["doctor"]).await.succeeds();

    let server = program.serve().await;
    let john = log_in(&server.anon(), "johndoe").await;
    log_in(&server.anon(), "samlee").await;
    let list = john.get("/api/articles").await.assert_at("/articlesCount", 64);
    assert_eq!(list.titles()[0], "How to read an API before you call it");
    let comments = john.get("/api/articles/welcome-to-conduit/comments").await.at("/comments");
    assert_eq!(comments.as_array().unwrap().len(), 3);
    assert!(john.get("/api/articles/feed").await.at("/articlesCount").as_u64().unwrap() > 0);

    // What is real comes first, under numbers of its own.
    let amy = server.anon().register("amy").await;
    let slug = amy.publish("Welcome to Conduit").await;
    assert_ne!(slug, "welcome-to-conduit");
    assert_eq!(john.get("/api/articles").await.titles()[0], "Welcome to Conduit");
    amy.comment(&slug, "mine").await;
    server.stop().await.succeeds();
    program.run(&["doctor"]).await.succeeds();
}

#[actix_web::test]
async fn the_same_seed_makes_the_same_site_on_either_engine() {
    let (sqlite, postgres) = (Database::create(Sqlite).await, Database::create(Postgres).await);
    let mut seen = Vec::new();
    for (database, seed) in [(&sqlite, "7"), (&postgres, "7"), (&sqlite, "8")] {
        let program = answers::program(database);
        program.run(&["reset"]).await.succeeds();
        program.run(&["seed", "--seed", seed, "--users", "30", "--articles", "150"]).await.succeeds();
        seen.push(answers(&program.serve().await.anon(), &[0, 100]).await);
    }
    let [sqlite, postgres, other] = &seen[..] else { panic!("three sites") };
    answers::assert_same(sqlite, postgres);
    assert!(sqlite != other);
}

#[rstest]
#[actix_web::test]
async fn a_reset_removes_everything_and_nobody_is_logged_in_as_another(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = answers::program(&database);
    program.run(&["seed", "--demo", "--users", "5", "--articles", "5"]).await.succeeds();
    let server = program.serve().await;
    let john = log_in(&server.anon(), "johndoe").await;
    server.stop().await.succeeds();

    let said = program.run(&["reset"]).await.succeeds();
    assert!(
        said.starts_with("removed from ") && said.contains(": 8 users, ") && said.contains(" 9 articles, "),
        "{said}"
    );
    program.run(&["seed", "--demo", "--users", "5", "--articles", "5"]).await.succeeds();

    let server = program.serve().await;
    server.anon().with_token(&john.token.unwrap()).get("/api/user").await.assert_status(401);
    log_in(&server.anon(), "johndoe").await;
}

#[rstest]
#[actix_web::test]
async fn what_is_there_already_is_kept(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let program = Program::on(&database);
    let server = program.serve().await;
    server.anon().register("amy").await;
    server.stop().await.succeeds();

    let line = program.run(&["seed", "--users", "5", "--articles", "5"]).await.fails();
    assert!(line.starts_with("DATABASE_URL is ") && line.ends_with(": it is not empty: it has 1 users"), "{line}");
    let users = database.select("select username from users").await;
    assert_eq!(users, ["amy"]);
}

#[actix_web::test]
async fn prod_has_to_be_asked_twice() {
    let database = Database::create(Sqlite).await;
    let program = PROD.iter().fold(Program::on(&database), |program, (name, value)| program.with(name, value));
    for command in ["seed", "reset"] {
        let line = program.run(&[command]).await.fails();
        assert!(line.starts_with(&format!("CONDUIT_PROFILE is prod: conduit {command} ")), "{line}");
    }
    program.run(&["seed", "--users", "2", "--articles", "2", "--force"]).await.succeeds();
    let said = program.run(&["reset", "--force"]).await.succeeds();
    assert!(said.contains(": 2 users, "), "{said}");
}
