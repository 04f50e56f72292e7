//! `conduit migrate`: forwards, backwards, a look, and many at once.

use futures_util::future::join_all;
use rstest::rstest;

use crate::{
    process::Program,
    support::{Database, Engine, Engine::*},
};

/// How many of its lines begin so.
fn count(said: &str, beginning: &str) -> usize {
    said.lines().filter(|line| line.starts_with(beginning)).count()
}

#[rstest]
#[actix_web::test]
async fn migrations_go_forwards_and_backwards(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    for (arguments, lines, last) in [
        (&["migrate", "--status"][..], ("pending ", 4), "0 applied, 4 pending"),
        (&["migrate"], ("applied ", 4), "4 applied, 0 pending"),
        (&["migrate"], ("applied ", 0), "4 applied, 0 pending"),
        (&["migrate", "--status"], ("applied ", 4), "4 applied, 0 pending"),
        (&["migrate", "--revert", "1"], ("reverted ", 1), "3 applied, 1 pending"),
        (&["migrate"], ("applied ", 1), "4 applied, 0 pending"),
        (&["migrate", "--revert", "9"], ("reverted ", 4), "0 applied, 4 pending"),
        (&["migrate"], ("applied ", 4), "4 applied, 0 pending"),
    ] {
        let said = program.run(arguments).await.succeeds();
        assert_eq!((count(&said, lines.0), said.lines().count()), (lines.1, lines.1 + 1), "{arguments:?}: {said}");
        assert_eq!(said.lines().last(), Some(last), "{arguments:?}");
    }
}

#[rstest]
#[actix_web::test]
async fn a_migration_has_one_name(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let pending = program.run(&["migrate", "--status"]).await.succeeds();
    let applied = program.run(&["migrate"]).await.succeeds();
    let names = |said: &str| -> Vec<String> {
        said.lines().take(3).filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect()
    };
    assert_eq!(names(&pending), names(&applied));
}

#[rstest]
#[actix_web::test]
async fn of_four_that_migrate_at_once_one_does_and_all_succeed(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let program = Program::on(&database);
    let ended = join_all((0..4).map(|_| program.run(&["migrate"]))).await;
    let said: Vec<String> = ended.into_iter().map(|ended| ended.succeeds()).collect();
    assert_eq!(count(&said.concat(), "applied "), 4, "{said:?}");
    assert_eq!(count(&said.concat(), "4 applied, 0 pending"), 4, "{said:?}");
}

#[rstest]
#[actix_web::test]
async fn a_start_migrates_only_where_it_is_set(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    for (setting, state) in [("false", "0 applied, 4 pending\n"), ("true", "4 applied, 0 pending\n")] {
        let program = Program::on(&database).with("MIGRATE_ON_START", setting);
        let server = program.serve().await;
        assert!(program.run(&["migrate", "--status"]).await.succeeds().ends_with(state));
        drop(server);
    }
}
