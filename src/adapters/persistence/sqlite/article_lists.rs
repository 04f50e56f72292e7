//! Article lists on SQLite.

use std::sync::LazyLock;

use crate::adapters::persistence::sql::article_lists::{Authors, FEED_TOTAL, ListParts, ListSql};
use crate::adapters::persistence::sql::rows::{article_summary, null_article_summary};
use crate::adapters::persistence::sql::statement::live_session;

pub static LISTS: LazyLock<ListSql> = LazyLock::new(|| ListSql::new(page));

/// Selects the feed. Parameters: the identity, `$4` the end of the page, offset, limit.
pub static FEED: LazyLock<String> = LazyLock::new(|| {
    page(ListParts { total: FEED_TOTAL, ids: &candidates("follows x", 4), authors: Authors::Followed, offset: 5 })
});

/// Selects the feed of a reader who follows at most `$4` authors; for any other reader the total is
/// `NULL`. Parameters: the identity, `$4`, the end of the page, offset, limit.
pub static CHEAP_FEED: LazyLock<String> = LazyLock::new(|| {
    let few = "(select count(*) from (select 1 from follows where follower_id = $1 limit $4 + 1)) <= $4";
    let total = format!("case when {few} then coalesce(({FEED_TOTAL}), 0) end");
    // Evaluated once, before the first follow.
    let follows = format!("(select 1 where {few}) cross join follows x");
    rows(ListParts { total: &total, ids: &candidates(&follows, 5), authors: Authors::Followed, offset: 6 })
});

/// Selects the articles that a page of the feed may contain, given a table `x` of follows and the
/// parameter that holds the end of the page. Without lateral joins, each author's articles are read
/// from the first that the page cannot contain. Served by follows_pkey and articles_by_author.
fn candidates(follows: &str, end: u8) -> String {
    format!(
        "select c.id from {follows} cross join articles c on c.author_id = x.followed_id
        where x.follower_id = $1 and c.id > coalesce((
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit 1 offset ${end}
        ), 0)"
    )
}

/// Selects a list whose total is 0 if the select of the total has no row.
fn page(ListParts { total, ids, authors, offset }: ListParts<'_>) -> String {
    rows(ListParts { total: &format!("coalesce(({total}), 0)"), ids, authors, offset })
}

/// Selects one row with the reader and the total, also for an empty page, then one row for each
/// article in the order of the page. To join the two, SQLite would buffer and sort rows again, a
/// third of its time.
///
/// The page is cut out of the ids alone, along an index that ends in them, so that a skipped
/// article costs one index entry. Served by users_pkey, articles_pkey, favorites_pkey and
/// follows_pkey, and for one author by articles_listed_by_author, which SQLite has to be forced to.
fn rows(ListParts { total, ids, authors, offset }: ListParts<'_>) -> String {
    let reader = concat!("(select v.id from users v where ", live_session!(), ")");
    let articles = match authors {
        Authors::One(author) => {
            &format!("articles a indexed by articles_listed_by_author on a.author_id = {author} and")
        }
        Authors::Any | Authors::Followed => "articles a on",
    };
    let favorited = format!(
        "$1 is not null and exists (select 1 from favorites f where f.user_id = {reader} and f.article_id = a.id)"
    );
    let following = match authors {
        Authors::Followed => "1",
        Authors::Any | Authors::One(_) => &format!(
            "$1 is not null and exists (select 1 from follows w where w.follower_id = {reader} and w.followed_id = u.id)"
        ),
    };
    format!(
        "
    select {reader}, {total}, null, {nulls}
    union all
    select null, null, a.id, {article}
    from ({ids} order by id desc limit ${offset}, ${limit}) page
    cross join {articles} a.id = page.id
    join users u on u.id = a.author_id",
        nulls = null_article_summary(),
        article = article_summary(&favorited, following),
        limit = offset + 1,
    )
}
