//! SQLite, embedded: the engine of development and of small sites.

mod connect;
mod session;

pub use connect::{OpenError, Settings, open};
pub use session::SqliteSession;

use super::dialect::Dialect;

const DIALECT: Dialect = Dialect {
    // The id counts on from the last article of the same millisecond.
    insert_article: "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (
        coalesce((select max(id) + 1 from articles where id >= $1 << 20 and id < ($1 + 1) << 20), $1 << 20),
        $2, $3, $4, $5, $6, $7, $7, $8
    )
    on conflict (slug) do nothing",
    update_article: "
    update articles set
        slug        = coalesce($1, slug),
        title       = coalesce($2, title),
        description = coalesce($3, description),
        tag_list    = coalesce($4, tag_list),
        body        = coalesce($5, body),
        updated_at  = max($6, updated_at + 1)
    where id = $7",
    carried_tags: "(select a.id as article_id, t.value as tag from articles a cross join json_each(a.tag_list) t) c",
    // A unit begins with BEGIN IMMEDIATE, which keeps them out.
    keep_writers_out: &[],
};
