//! PostgreSQL: the engine of production.

mod call;
mod connect;
mod connection;
mod connector;
mod error;
mod hosts;
mod pools;
mod row;
mod session;
mod statements;
mod tls;

pub use connect::{ConnectError, PoolMode, Settings, open};
pub(super) use connection::PgConnection;
pub(super) use connector::Connector;
pub use session::PostgresSession;

use std::sync::LazyLock;

use super::{
    article_lists,
    dialect::{Dialect, update_article},
};

/// The newest of each author, by a lateral join. Served by follows_pkey and articles_by_author.
static FEED: LazyLock<String> = LazyLock::new(|| {
    article_lists::feed(
        "select c.id from follows x cross join lateral (
            select b.id from articles b where b.author_id = x.followed_id order by b.id desc limit $4
        ) c where x.follower_id = $1",
    )
});

const DIALECT: Dialect = Dialect {
    insert_article: "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (($1 << 20) | (nextval('article_ids') & 1048575), $2, $3, $4, $5, $6, $7, $7, $8)
    on conflict (slug) do nothing",
    update_article: update_article!("greatest($6, updated_at + interval '1 millisecond')"),
    feed: &FEED,
    carried_tags: "(select a.id as article_id, t.tag from articles a cross join unnest(a.tag_list) as t (tag)) c",
    // The facts first, in the order in which writers take them.
    keep_writers_out: &[
        "lock table articles, favorites, article_tags, tags, users, article_totals in share row exclusive mode",
    ],
};
