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
    let all = engine.migrations();
    let (none, but_one) = (format!("0 applied, {all} pending"), format!("{} applied, 1 pending", all - 1));
    let whole = format!("{all} applied, 0 pending");
    for (arguments, lines, last) in [
        (&["migrate", "--status"][..], ("pending ", all), &none),
        (&["migrate"], ("applied ", all), &whole),
        (&["migrate"], ("applied ", 0), &whole),
        (&["migrate", "--status"], ("applied ", all), &whole),
        (&["migrate", "--revert", "1"], ("reverted ", 1), &but_one),
        (&["migrate"], ("applied ", 1), &whole),
        (&["migrate", "--revert", "9"], ("reverted ", all), &none),
        (&["migrate"], ("applied ", all), &whole),
    ] {
        let said = program.run(arguments).await.succeeds();
        assert_eq!((count(&said, lines.0), said.lines().count()), (lines.1, lines.1 + 1), "{arguments:?}: {said}");
        assert_eq!(said.lines().last(), Some(last.as_str()), "{arguments:?}");
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
    let all = engine.migrations();
    assert_eq!(count(&said.concat(), "applied "), all, "{said:?}");
    assert_eq!(count(&said.concat(), &format!("{all} applied, 0 pending")), 4, "{said:?}");
}

#[rstest]
#[actix_web::test]
async fn a_start_migrates_only_where_it_is_set(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let all = engine.migrations();
    let (none, whole) = (format!("0 applied, {all} pending\n"), format!("{all} applied, 0 pending\n"));
    for (setting, state) in [("false", none), ("true", whole)] {
        let program = Program::on(&database).with("MIGRATE_ON_START", setting);
        let server = program.serve().await;
        assert!(program.run(&["migrate", "--status"]).await.succeeds().ends_with(&state));
        drop(server);
    }
}
