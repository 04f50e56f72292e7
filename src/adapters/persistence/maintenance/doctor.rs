//! Checks what triggers derive against the facts that it is derived from, and sets it right.
//!
//! Nothing goes wrong as long as the triggers are in place. This is for afterwards: a restored dump, a hand that
//! disabled them.

use tokio::time::sleep;

use crate::{
    adapters::persistence::sql::{
        dialect::Dialect, error::QueryError, executor::Executor, retry::Retries, statement::Statement,
    },
    ports::{
        repositories::RepositoryError,
        unit_of_work::{UnitOfWork, Verdict},
    },
};

/// How much of something derived is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub name: &'static str,
    /// In how many rows it is wrong.
    pub wrong: i64,
}

/// Something derived: a text that counts the rows in which it is wrong, and the texts that set it right.
struct Derived {
    name: &'static str,
    wrong: String,
    repair: Vec<String>,
}

/// A column that counts rows of another table.
fn counter(name: &'static str, table: &str, column: &str, counted: &str) -> Derived {
    let right = format!("(select count(*) from {counted})");
    Derived {
        name,
        wrong: format!("select count(*) from {table} t where t.{column} <> {right}"),
        repair: vec![format!("update {table} as t set {column} = {right} where t.{column} <> {right}")],
    }
}

/// Everything derived, in the order in which it must be repaired: what is counted comes before its counter.
fn derived<D: Dialect>() -> [Derived; 6] {
    // The tags that articles carry, as rows of `c`.
    let carried = D::CARRIED_TAGS;
    let total = "(select count(*) from articles)";
    [
        Derived {
            name: "article_tags",
            wrong: format!(
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
            Derived { wrong: format!("select ({}) + ({missing})", tags.wrong), ..tags }
        },
        counter("users.articles_count", "users", "articles_count", "articles a where a.author_id = t.id"),
        counter("users.favorites_count", "users", "favorites_count", "favorites f where f.user_id = t.id"),
        counter("articles.favorites_count", "articles", "favorites_count", "favorites f where f.article_id = t.id"),
        Derived {
            name: "article_totals",
            wrong: format!(
                "select cast(abs({total} - (select coalesce(sum(articles), 0) from article_totals)) as bigint)"
            ),
            repair: vec![format!(
                "update article_totals set articles = case when slot = 0 then {total} else 0 end"
            )],
        },
    ]
}

/// What is wrong. Each kind is counted in one statement, so writers that go on meanwhile do not disturb it.
///
/// # Errors
/// When the database cannot be asked.
pub async fn check<E: Executor>(executor: &E) -> Result<Vec<Finding>, RepositoryError> {
    let mut findings = Vec::new();
    for Derived { name, wrong, .. } in derived::<E::Dialect>() {
        let wrong = executor.first::<i64>(Statement::read("doctor.check", wrong)).await?.unwrap_or_default();
        findings.push(Finding { name, wrong });
    }
    Ok(findings)
}

/// Sets everything right, in one unit of work that keeps other writers waiting. It may meet one of them in a deadlock and
/// lose, and then begins again.
///
/// # Errors
/// When the database cannot be asked or the changes are not all stored: then none are.
pub async fn repair<E: Executor + UnitOfWork>(executor: &E) -> Result<(), RepositoryError> {
    let mut retries = Retries::ON_CONFLICT;
    loop {
        let mut outcome = Ok(());
        let work = async {
            outcome = set_right(executor).await;
            if outcome.is_ok() { Verdict::Commit } else { Verdict::Rollback }
        };
        executor.run(Box::pin(work)).await?;
        match retries.pause_after(&outcome) {
            Some(pause) => sleep(pause).await,
            None => return Ok(outcome?),
        }
    }
}

async fn set_right<E: Executor>(executor: &E) -> Result<(), QueryError> {
    for text in E::Dialect::LOCK_OUT_WRITERS {
        executor.execute(Statement::write("doctor.lock", *text)).await?;
    }
    derive(executor).await
}

/// Derives anew whatever is wrong, in a unit of work that keeps other writers out.
pub(super) async fn derive<E: Executor>(executor: &E) -> Result<(), QueryError> {
    for text in derived::<E::Dialect>().into_iter().flat_map(|derived| derived.repair) {
        executor.execute(Statement::write("doctor.repair", text)).await?;
    }
    Ok(())
}
