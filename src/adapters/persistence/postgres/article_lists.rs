//! Article lists on PostgreSQL.

use std::sync::LazyLock;

use crate::adapters::persistence::sql::article_lists::{Authors, FEED_TOTAL, ListParts, ListSql};
use crate::adapters::persistence::sql::rows::{FAVORITED, FOLLOWING, article_summary};
use crate::adapters::persistence::sql::statement::live_session;
use crate::domain::model::values::Page;

pub static LISTS: LazyLock<ListSql> = LazyLock::new(|| ListSql::new(page));

/// Reads at most as many articles of each author as the page could show: the cost depends on the
/// page and on the number of authors, not on how much they wrote.
///
/// Parameters: the identity, `$4` the end of the page, offset, limit. Served by follows_pkey and
/// articles_by_author.
pub static FEED: LazyLock<String> = LazyLock::new(|| {
    let ids = "select c.id from follows x cross join lateral (
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit $4
        ) c where x.follower_id = $1";
    page(ListParts { total: FEED_TOTAL, ids, authors: Authors::Followed, offset: 5 })
});

/// Selects the ids of the page first, so that a skipped article costs one index entry. Always
/// returns a row, so that an empty page has its total. Served by users_pkey, articles_pkey,
/// favorites_pkey and follows_pkey.
///
/// The maximum page size is a literal: PostgreSQL estimates a bound limit as a tenth of the table,
/// and would read whole tables to join that many rows.
fn page(ListParts { total, ids, authors, offset }: ListParts<'_>) -> String {
    let following = match authors {
        Authors::Followed => "true",
        Authors::Any | Authors::One(_) => FOLLOWING,
    };
    format!(
        "
    select v.id, t.total, a.id, {article}
    from (select 1) as always
    left join users v on {live_session}
    cross join (select cast(coalesce(({total}), 0) as bigint) as total) t
    left join (
        select id from ({ids} order by id desc limit {max} offset ${offset}) largest order by id desc limit ${limit}
    ) page on true
    left join articles a on a.id = page.id
    left join users u on u.id = a.author_id
    order by a.id desc",
        article = article_summary(FAVORITED, following),
        live_session = live_session!(),
        max = Page::MAX_LIMIT,
        limit = offset + 1,
    )
}
