//! Every counter against the rows that it counts.

use diesel::{
    QueryableByName, RunQueryDsl,
    sql_types::{BigInt, Text},
};

use super::database::Database;

/// What is counted, and how many rows have it wrong. `{tags}` is the engine's way to take a tag list apart.
const WRONG: &str = "
    select 'users.articles_count' as counter, count(*) as wrong from users u
    where articles_count <> (select count(*) from articles a where a.author_id = u.id)
    union all select 'users.favorites_count', count(*) from users u
    where favorites_count <> (select count(*) from favorites f where f.user_id = u.id)
    union all select 'articles.favorites_count', count(*) from articles a
    where favorites_count <> (select count(*) from favorites f where f.article_id = a.id)
    union all select 'tags.articles_count', count(*) from tags t
    where articles_count <> (select count(*) from article_tags x where x.tag = t.name)
    union all select 'tags without a counter', count(*) from article_tags where tag not in (select name from tags)
    union all select 'links without a tag', count(*) from article_tags x
    where not exists (select 1 from articles a where a.id = x.article_id and x.tag in (select {tags}))
    union all select 'tags without a link', count(*) from articles a
    where exists (select 1 from (select {tags}) as t (tag)
        where not exists (select 1 from article_tags x where x.article_id = a.id and x.tag = t.tag))
    union all select 'article_totals', abs((select count(*) from articles) - (select sum(articles) from article_totals))";

#[derive(Debug, QueryableByName)]
struct Counter {
    #[diesel(sql_type = Text)]
    counter: String,
    #[diesel(sql_type = BigInt)]
    wrong: i64,
}

impl Database {
    /// Fails with the names of the counters that are wrong.
    pub async fn assert_counters_match_the_rows(&self) {
        let wrong: Vec<_> = self.counters().await.into_iter().filter(|counter| counter.wrong != 0).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[expect(clippy::disallowed_methods, reason = "a question that only tests ask")]
    async fn counters(&self) -> Vec<Counter> {
        match self {
            Self::Sqlite(_) => {
                let text = WRONG
                    .replace("(select {tags}) as t (tag)", "(select value as tag from json_each(a.tag_list)) t")
                    .replace("select {tags}", "select value from json_each(a.tag_list)");
                diesel::sql_query(text).load(&mut self.sqlite()).expect("a look at the counters")
            }
            Self::Postgres(_) => {
                let text = WRONG.replace("{tags}", "unnest(a.tag_list)").replace("abs(", "cast(abs(") + " as bigint)";
                let rows = self.postgres().await.query(&text, &[]).await.expect("a look at the counters");
                rows.iter().map(|row| Counter { counter: row.get(0), wrong: row.get(1) }).collect()
            }
        }
    }
}
