//! How PostgreSQL puts lists of articles together.

use std::sync::LazyLock;

use crate::{
    adapters::persistence::sql::{
        article_lists::{self, Authors, FEED_TOTAL, List, Texts},
        rows::following,
        statement::live_session,
    },
    domain::model::values::Page,
};

/// Every list but the feed.
pub static LISTS: LazyLock<Texts> = LazyLock::new(|| article_lists::texts(list));

/// The feed, of the newest of each author by a lateral join. Of each only so many are looked at as the page could show, so the
/// cost depends on the page and on how many one follows, not on how much they wrote.
///
/// Parameters: the reader, `$4` the end of the page, offset and limit. Served by follows_pkey and articles_by_author.
pub static FEED: LazyLock<String> = LazyLock::new(|| {
    let ids = "select c.id from follows x cross join lateral (
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit $4
        ) c where x.follower_id = $1";
    list(List { total: FEED_TOTAL, ids, authors: Authors::Followed, offset: 5 })
});

/// The page is cut out of the ids alone, along an index that ends in them, so what is skipped costs an entry of an
/// index. There is always one row, so that an empty page has its total. What depends on the reader is looked up for the
/// rows of the page alone. Served by users_pkey, articles_pkey, favorites_pkey and follows_pkey.
///
/// The largest page stands in the text as a number beside the bound limit: PostgreSQL takes a limit that it does not
/// see for a tenth of the table, and reads whole tables to join so many rows.
fn list(List { total, ids, authors, offset }: List<'_>) -> String {
    let following = match authors {
        Authors::Followed => "true",
        Authors::Any | Authors::One(_) => following!(),
    };
    format!(
        "
    select v.id, t.total,
        a.id, a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.favorites_count,
        exists (select 1 from favorites f where f.user_id = v.id and f.article_id = a.id),
        u.username, u.bio, u.image, {following}
    from (select 1) as always
    left join users v on {live_session}
    cross join (select cast(coalesce(({total}), 0) as bigint) as total) t
    left join (
        select id from ({ids} order by id desc limit {max} offset ${offset}) largest order by id desc limit ${limit}
    ) page on true
    left join articles a on a.id = page.id
    left join users u on u.id = a.author_id
    order by a.id desc",
        live_session = live_session!(),
        max = Page::MAX_LIMIT,
        limit = offset + 1,
    )
}
