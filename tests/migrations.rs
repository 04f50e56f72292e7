//! Migrations: applied, reverted and concurrent, on both engines.

mod support;

use conduit::adapters::persistence::maintenance::migrate::{Report, Step, migrate};
use futures_util::future::join_all;
use rstest::rstest;
use support::Engine::*;
use support::{Database, Engine};

/// SQLite's catalogue, without SQLite's and diesel's own tables.
const SQLITE_SCHEMA: &str = "
    select type || ' ' || name || coalesce(': ' || sql, '') from sqlite_master
    where name not like 'sqlite%' and name not like '%diesel%'
    order by 1";

/// PostgreSQL's catalogue, without diesel's table.
const POSTGRES_SCHEMA: &str = "
    select line from (
        select concat_ws(' ', 'column', table_name, ordinal_position, column_name, data_type, collation_name,
            is_nullable, column_default, identity_generation) as line, table_name as name
        from information_schema.columns where table_schema = 'public'
        union all select 'index ' || indexdef, tablename from pg_indexes where schemaname = 'public'
        union all select concat_ws(' ', 'constraint', cast(conrelid as regclass), conname, pg_get_constraintdef(oid)),
            cast(cast(conrelid as regclass) as text)
        from pg_constraint where connamespace = cast('public' as regnamespace)
        union all select 'trigger ' || pg_get_triggerdef(oid), tgname from pg_trigger where not tgisinternal
        union all select 'function ' || pg_get_functiondef(oid), proname
        from pg_proc where pronamespace = cast('public' as regnamespace)
        union all select concat_ws(' ', 'sequence', sequencename, data_type, start_value, max_value), sequencename
        from pg_sequences where schemaname = 'public'
    ) catalogue
    where name not like '%diesel%'
    order by 1";

/// Rows that the migrations insert.
const TOTALS: &str = "select slot || ': ' || articles from article_totals order by slot";

async fn schema(database: &Database) -> Vec<String> {
    match database {
        Database::Sqlite(_) => database.select(SQLITE_SCHEMA).await,
        Database::Postgres(_) => database.select(POSTGRES_SCHEMA).await,
    }
}

async fn run(step: Step, database: &Database) -> Report {
    migrate(&database.target(), step).await.expect("migrations")
}

/// Reverts the migration with this suffix and all after it.
async fn revert_to(suffix: &str, database: &Database) {
    let applied = run(Step::Inspect, database).await.applied;
    let before = applied.iter().position(|name| name.ends_with(suffix)).expect("an applied migration");
    run(Step::Revert(applied.len() - before), database).await;
}

const USERS: &str = "
    insert into users (id, username, username_key, email, email_key, password_hash, created_at, updated_at)
    values (1, 'amy', 'amy', 'a@b', 'a@b', 'hash', {now}, {now}), (2, 'bob', 'bob', 'b@b', 'b@b', 'hash', {now}, {now});
    insert into follows (follower_id, followed_id) values (1, 2);";
const ARTICLES: &str = "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (1 << 20, 'dragons', 'Dragons', 'About', {tags}, 1, {now}, {now}, 'Body');
    insert into favorites (user_id, article_id) values (2, 1 << 20);";
const COMMENTS: &str = "
    insert into comments (article_id, author_id, created_at, body) values (1 << 20, 2, {now}, 'Nice');";

const RESPONSES: &str = "
    insert into idempotency_keys values (1, 'key', 'fingerprint', 201, '{}', {now});";
const ALL: [&str; 4] = [USERS, ARTICLES, COMMENTS, RESPONSES];

/// Inserts rows, a millisecond after the epoch.
async fn fill(database: &Database, statements: &[&str]) {
    let (now, tags) = match database {
        Database::Sqlite(_) => ("1", r#"'["fire"]'"#),
        Database::Postgres(_) => ("'1970-01-01 00:00:00.001Z'", "'{fire}'"),
    };
    database.execute(&statements.concat().replace("{now}", now).replace("{tags}", tags)).await;
}

#[rstest]
#[tokio::test]
async fn reverting_and_applying_restores_the_schema(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    run(Step::Apply, &database).await;
    let (before, totals) = (schema(&database).await, database.select(TOTALS).await);
    assert!(before.len() > 10 && !totals.is_empty());
    fill(&database, &ALL).await;

    run(Step::Revert(usize::MAX), &database).await;
    assert_eq!(schema(&database).await, Vec::<String>::new());
    run(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, before);
    assert_eq!(database.select(TOTALS).await, totals);
    fill(&database, &ALL).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn every_migration_is_reported(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let initial = run(Step::Inspect, &database).await;
    let all = initial.pending.clone();
    assert_eq!(all.len(), engine.migrations());
    assert_eq!(initial, Report { done: vec![], applied: vec![], pending: all.clone() });
    let complete = Report { done: vec![], applied: all.clone(), pending: vec![] };

    assert_eq!(run(Step::Apply, &database).await, Report { done: all.clone(), ..complete.clone() });
    assert_eq!(run(Step::Inspect, &database).await, complete);
    let (first, last) = all.split_at(1);
    let done = last.iter().rev().cloned().collect();
    let reverted = Report { done, applied: first.to_vec(), pending: last.to_vec() };
    assert_eq!(run(Step::Revert(last.len()), &database).await, reverted);
    assert_eq!(run(Step::Inspect, &database).await, Report { done: vec![], ..reverted });
    assert_eq!(run(Step::Revert(usize::MAX), &database).await, Report { done: first.to_vec(), ..initial });
}

#[rstest]
#[tokio::test]
async fn inspection_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    run(Step::Inspect, &database).await;
    assert_eq!(schema(&database).await, Vec::<String>::new());
}

#[rstest]
#[tokio::test]
async fn migrated_database_stays_unchanged(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    fill(&database, &ALL).await;
    let before = schema(&database).await;

    assert_eq!(run(Step::Apply, &database).await.done, Vec::<String>::new());
    assert_eq!(schema(&database).await, before);
    assert_eq!(database.select("select body from comments").await, ["Nice"]);
}

#[rstest]
#[tokio::test]
async fn comments_migration_reverts_with_data_present(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    let before = schema(&database).await;
    fill(&database, &ALL).await;

    revert_to("_comments", &database).await;
    assert_eq!(database.select("select slug from articles").await, ["dragons"]);
    run(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, before);
    fill(&database, &[COMMENTS, RESPONSES]).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn articles_migration_reverts_with_data_present(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create(engine).await;
    fill(&database, &ALL).await;

    revert_to("_articles", &database).await;
    assert_eq!(database.select("select username from users order by id").await, ["amy", "bob"]);
    run(Step::Apply, &database).await;
    database.assert_counters_match_the_rows().await;
    fill(&database, &[ARTICLES, COMMENTS]).await;
    database.assert_counters_match_the_rows().await;
}

#[rstest]
#[tokio::test]
async fn concurrent_runs_migrate_once(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let reports = join_all((0..4).map(|_| run(Step::Apply, &database))).await;

    let mut done: Vec<usize> = reports.iter().map(|report| report.done.len()).collect();
    done.sort_unstable();
    let all = engine.migrations();
    assert_eq!(done, [0, 0, 0, all]);
    assert!(reports.iter().all(|report| report.applied.len() == all && report.pending.is_empty()));
    assert_eq!(schema(&database).await, schema(&Database::create(engine).await).await);
}

#[rstest]
#[tokio::test]
async fn failed_migration_is_rolled_back(#[values(Sqlite, Postgres)] engine: Engine) {
    let database = Database::create_unmigrated(engine).await;
    let all = run(Step::Inspect, &database).await.pending;
    // The second migration fails on this table, after some of its statements.
    database.execute("create table favorites (conflict integer)").await;

    migrate(&database.target(), Step::Apply).await.unwrap_err();
    // On SQLite all migrations share a transaction, so the first is rolled back too.
    let kept = if engine == Sqlite { 0 } else { 1 };
    assert_eq!(run(Step::Inspect, &database).await.pending, all[kept..]);
    assert!(!schema(&database).await.iter().any(|line| line.contains("articles_slug")));

    database.execute("drop table favorites").await;
    run(Step::Apply, &database).await;
    assert_eq!(schema(&database).await, schema(&Database::create(engine).await).await);
}
