//! The SQL of SQLite.

use super::article_lists;
use crate::adapters::persistence::sql::{
    columns::{Column, Content},
    dialect::{Dialect, claim_key, remove_old_answers, unfavorite, update_article},
    migrations::MISSING_IN_SQLITE,
};

/// The dialect.
pub const DIALECT: Dialect = Dialect {
    // The id counts on from the last article of the same millisecond.
    insert_article: "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (
        coalesce((select max(id) + 1 from articles where id >= $1 << 20 and id < ($1 + 1) << 20), $1 << 20),
        $2, $3, $4, $5, $6, $7, $7, $8
    )
    on conflict (slug) do nothing",
    update_article: update_article!("max($6, updated_at + 1)"),
    // There is one writer.
    unfavorite: unfavorite!(""),
    lists: &article_lists::LISTS,
    feed: &article_lists::FEED,
    feed_of_few: Some(&article_lists::FEED_OF_FEW),
    system: "sqlite",
    missing_migrations: &MISSING_IN_SQLITE,
    carried_tags: "(select a.id as article_id, t.value as tag from articles a cross join json_each(a.tag_list) t) c",
    // A unit begins with BEGIN IMMEDIATE: there is no other.
    claim_key: claim_key!("true"),
    remove_old_answers: remove_old_answers!(""),
    // A unit begins with BEGIN IMMEDIATE, which keeps them out.
    keep_writers_out: &[],
    unpack,
    // Triggers stay on: they can only be dropped, and what they update stays one version.
    begin_transfer: &[],
    before_deriving: &[],
    end_transfer: &[],
    sequences: "
    select
        coalesce((select seq from sqlite_sequence where name = 'users'), 0),
        coalesce((select seq from sqlite_sequence where name = 'comments'), 0)",
    // Rows that are there have raised the number already.
    advance_sequence: [
        &[
            "insert into sqlite_sequence (name, seq)
            select 'users', $1 where not exists (select 1 from sqlite_sequence where name = 'users')",
            "update sqlite_sequence set seq = max(seq, $1) where name = 'users'",
        ],
        &[
            "insert into sqlite_sequence (name, seq)
            select 'comments', $1 where not exists (select 1 from sqlite_sequence where name = 'comments')",
            "update sqlite_sequence set seq = max(seq, $1) where name = 'comments'",
        ],
    ],
    clear: &[
        "delete from comments",
        "delete from favorites",
        "delete from follows",
        "delete from articles",
        "delete from idempotency_keys",
        "delete from users",
        "delete from article_tags",
        "delete from tags",
        "update article_totals set articles = 0",
        "delete from sqlite_sequence where name = 'comments'",
    ],
};

/// SQLite takes each object apart key by key.
fn unpack(columns: &[Column]) -> String {
    let selected = columns.iter().map(|Column { name, content }| match content {
        Content::Number | Content::Instant | Content::Text => format!("packed.value ->> '{name}'"),
        Content::Tags => format!("packed.value -> '{name}'"),
    });
    let selected: Vec<String> = selected.collect();
    format!("select {} from json_each($1) packed", selected.join(", "))
}
