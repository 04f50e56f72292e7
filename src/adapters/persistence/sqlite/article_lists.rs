//! How SQLite puts lists of articles together.

use std::sync::LazyLock;

use crate::adapters::persistence::sql::{
    article_lists::{self, Authors, FEED_TOTAL, List, Texts},
    statement::live_session,
};

/// Every list but the feed.
pub static LISTS: LazyLock<Texts> = LazyLock::new(|| article_lists::texts(list));

/// The feed. Parameters: the reader, `$4` the end of the page, offset and limit.
pub static FEED: LazyLock<String> = LazyLock::new(|| {
    list(List { total: FEED_TOTAL, ids: &candidates("follows x", 4), authors: Authors::Followed, offset: 5 })
});

/// The feed of a reader who follows `$4` authors at the most; for any other there is no total. Parameters: the reader, `$4`, the
/// end of the page, offset and limit.
pub static FEED_OF_FEW: LazyLock<String> = LazyLock::new(|| {
    let few = "(select count(*) from (select 1 from follows where follower_id = $1 limit $4 + 1)) <= $4";
    let total = format!("case when {few} then coalesce(({FEED_TOTAL}), 0) end");
    // Looked at once, before the first of them.
    let follows = format!("(select 1 where {few}) cross join follows x");
    rows(List { total: &total, ids: &candidates(&follows, 5), authors: Authors::Followed, offset: 6 })
});

/// What the feed may show, given a table `x` of the follows to look at and the parameter that is the end of the page. SQLite has no
/// lateral joins: each author's articles are read from the first one that the page cannot show, so the cost depends on the
/// page and on how many one follows, not on how much they wrote. Served by follows_pkey and articles_by_author.
fn candidates(follows: &str, end: u8) -> String {
    format!(
        "select c.id from {follows} cross join articles c on c.author_id = x.followed_id
        where x.follower_id = $1 and c.id > coalesce((
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit 1 offset ${end}
        ), 0)"
    )
}

/// A list whose total is never missing: where nothing is summed up it is 0.
fn list(List { total, ids, authors, offset }: List<'_>) -> String {
    rows(List { total: &format!("coalesce(({total}), 0)"), ids, authors, offset })
}

/// One row for the reader and the total, which an empty page has as well, and then one for each article: to join the two SQLite
/// would keep rows aside and sort them once more, a third of its time.
///
/// The page is cut out of the ids alone, along an index that ends in them, so what is skipped costs an entry of an
/// index. The rows come in the order of the page, though SQLite promises none. What depends on the reader is looked up for the
/// rows of the page alone, and only where there is a reader. Served by users_pkey, articles_pkey, favorites_pkey and
/// follows_pkey, and by articles_listed_by_author where all are of one author: SQLite would go by the id alone.
fn rows(List { total, ids, authors, offset }: List<'_>) -> String {
    let reader = concat!("(select v.id from users v where ", live_session!(), ")");
    let articles = match authors {
        Authors::One(author) => {
            &format!("articles a indexed by articles_listed_by_author on a.author_id = {author} and")
        }
        Authors::Any | Authors::Followed => "articles a on",
    };
    let following = match authors {
        Authors::Followed => "1",
        Authors::Any | Authors::One(_) => &format!(
            "$1 is not null and exists (select 1 from follows w where w.follower_id = {reader} and w.followed_id = u.id)"
        ),
    };
    format!(
        "
    select {reader}, {total}, {nulls}
    union all
    select null, null,
        a.id, a.slug, a.title, a.description, a.tag_list, a.created_at, a.updated_at, a.favorites_count,
        $1 is not null and exists (select 1 from favorites f where f.user_id = {reader} and f.article_id = a.id),
        u.username, u.bio, u.image, {following}
    from ({ids} order by id desc limit ${offset}, ${limit}) page
    cross join {articles} a.id = page.id
    join users u on u.id = a.author_id",
        nulls = ["null"; 13].join(", "),
        limit = offset + 1,
    )
}
