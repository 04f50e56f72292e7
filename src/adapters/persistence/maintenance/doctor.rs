//! Checks and repairs the rows that triggers derive. They can only be wrong after the triggers were
//! bypassed, for example while a dump was restored.

use tokio::time::sleep;

use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::retry::Retries;
use crate::adapters::persistence::sql::statement::Statement;
use crate::ports::repositories::RepositoryError;
use crate::ports::unit_of_work::{TxOutcome, UnitOfWork};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub name: &'static str,
    pub wrong_rows: i64,
}

struct Derived {
    name: &'static str,
    count_wrong: String,
    repair: Vec<String>,
}

fn counter(name: &'static str, table: &str, column: &str, counted: &str) -> Derived {
    let count = format!("(select count(*) from {counted})");
    Derived {
        name,
        count_wrong: format!("select count(*) from {table} t where t.{column} <> {count}"),
        repair: vec![format!("update {table} as t set {column} = {count} where t.{column} <> {count}")],
    }
}

/// In the order of repair: rows before the column that counts them.
fn derived<D: Dialect>() -> [Derived; 6] {
    let carried = D::CARRIED_TAGS;
    let total = "(select count(*) from articles)";
    [
        Derived {
            name: "article_tags",
            count_wrong: format!(
                "select (select count(*) from {carried} where not exists (
                    select 1 from article_tags x where x.article_id = c.article_id and x.tag = c.tag
                )) + (select count(*) from article_tags x where not exists (
                    select 1 from {carried} where c.article_id = x.article_id and c.tag = x.tag
                ))"
            ),
            repair: vec![
                format!(
                    "delete from article_tags as x where not exists (
                        select 1 from {carried} where c.article_id = x.article_id and c.tag = x.tag
                    )"
                ),
                format!(
                    "insert into article_tags (tag, article_id) select c.tag, c.article_id from {carried} where not exists (
                        select 1 from article_tags x where x.article_id = c.article_id and x.tag = c.tag
                    )"
                ),
                String::from(
                    "insert into tags (name, articles_count) select distinct tag, 0 from article_tags where true
                    on conflict (name) do nothing",
                ),
            ],
        },
        {
            let tags = counter("tags.articles_count", "tags", "articles_count", "article_tags x where x.tag = t.name");
            let missing = "select count(distinct tag) from article_tags where tag not in (select name from tags)";
            Derived { count_wrong: format!("select ({}) + ({missing})", tags.count_wrong), ..tags }
        },
        counter("users.articles_count", "users", "articles_count", "articles a where a.author_id = t.id"),
        counter("users.favorites_count", "users", "favorites_count", "favorites f where f.user_id = t.id"),
        counter("articles.favorites_count", "articles", "favorites_count", "favorites f where f.article_id = t.id"),
        Derived {
            name: "article_totals",
            count_wrong: format!(
                "select cast(abs({total} - (select coalesce(sum(articles), 0) from article_totals)) as bigint)"
            ),
            repair: vec![format!(
                "update article_totals set articles = case when slot = 0 then {total} else 0 end"
            )],
        },
    ]
}

/// Counts wrong rows, each kind in one statement, so that concurrent writers do not distort it.
pub async fn check<E: Executor>(executor: &E) -> Result<Vec<Finding>, RepositoryError> {
    let mut findings = Vec::new();
    for Derived { name, count_wrong, .. } in derived::<E::Dialect>() {
        let wrong_rows = executor.first(Statement::<i64>::read("doctor.check", count_wrong)).await?.unwrap_or_default();
        findings.push(Finding { name, wrong_rows });
    }
    Ok(findings)
}

/// Repairs everything in one unit of work, for which other writers wait. Starts again after a lost
/// deadlock.
pub async fn repair<E: Executor + UnitOfWork>(executor: &E) -> Result<(), RepositoryError> {
    let mut retries = Retries::ON_CONFLICT;
    loop {
        let mut outcome = Ok(());
        let work = async {
            outcome = lock_and_rederive(executor).await;
            if outcome.is_ok() { TxOutcome::Commit } else { TxOutcome::Rollback }
        };
        executor.run(Box::pin(work)).await?;
        match retries.pause_after(&outcome) {
            Some(pause) => sleep(pause).await,
            None => return Ok(outcome?),
        }
    }
}

async fn lock_and_rederive<E: Executor>(executor: &E) -> Result<(), QueryError> {
    for sql in E::Dialect::LOCK_OUT_WRITERS {
        executor.execute(Statement::write("doctor.lock", *sql)).await?;
    }
    rederive(executor).await
}

/// Repairs everything. Must run in a unit of work that has locked out other writers.
pub(super) async fn rederive<E: Executor>(executor: &E) -> Result<(), QueryError> {
    for sql in derived::<E::Dialect>().into_iter().flat_map(|derived| derived.repair) {
        executor.execute(Statement::write("doctor.repair", sql)).await?;
    }
    Ok(())
}
