//! SQL that only SQLite runs.

use std::sync::LazyLock;

use super::article_lists;
use crate::adapters::persistence::sql::article_lists::ListSql;
use crate::adapters::persistence::sql::columns::{Column, Content};
use crate::adapters::persistence::sql::dialect::{Dialect, claim_key, remove_expired, unfavorite, update_article};
use crate::adapters::persistence::sql::migrations::MISSING_IN_SQLITE;

pub struct SqliteDialect;

impl Dialect for SqliteDialect {
    // The id follows that of the last article of the same millisecond.
    const INSERT_ARTICLE: &'static str = "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (
        coalesce((select max(id) + 1 from articles where id >= $1 << 20 and id < ($1 + 1) << 20), $1 << 20),
        $2, $3, $4, $5, $6, $7, $7, $8
    )
    on conflict (slug) do nothing";

    const UPDATE_ARTICLE: &'static str = update_article!("max($6, updated_at + 1)");

    // Needs no lock, since there is one writer.
    const UNFAVORITE: &'static str = unfavorite!("");

    const SYSTEM: &'static str = "sqlite";

    const CARRIED_TAGS: &'static str =
        "(select a.id as article_id, t.value as tag from articles a cross join json_each(a.tag_list) t) c";

    // No other unit can hold the key, since each begins with BEGIN IMMEDIATE.
    const CLAIM_KEY: &'static str = claim_key!("true");

    const REMOVE_EXPIRED_KEYS: &'static str = remove_expired!("");

    // BEGIN IMMEDIATE has locked them out.
    const LOCK_OUT_WRITERS: &'static [&'static str] = &[];

    // Triggers stay on: SQLite cannot disable them, and their updates leave no dead rows behind.
    const BEGIN_TRANSFER: &'static [&'static str] = &[];

    const BEFORE_DERIVING: &'static [&'static str] = &[];

    const END_TRANSFER: &'static [&'static str] = &[];

    const SEQUENCES: &'static str = "
    select
        coalesce((select seq from sqlite_sequence where name = 'users'), 0),
        coalesce((select seq from sqlite_sequence where name = 'comments'), 0)";

    // Inserted rows have already raised the sequence.
    const ADVANCE_SEQUENCES: [&'static [&'static str]; 2] = [
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
    ];

    const CLEAR: &'static [&'static str] = &[
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
    ];

    const ARTICLE_LISTS: &'static LazyLock<ListSql> = &article_lists::LISTS;
    const FEED: &'static LazyLock<String> = &article_lists::FEED;
    const CHEAP_FEED: Option<&'static LazyLock<String>> = Some(&article_lists::CHEAP_FEED);
    const MISSING_MIGRATIONS: &'static LazyLock<String> = &MISSING_IN_SQLITE;

    fn unpack(columns: &[Column]) -> String {
        let selected = columns.iter().map(|Column { name, content }| match content {
            Content::Number | Content::Instant | Content::Text => format!("packed.value ->> '{name}'"),
            Content::Tags => format!("packed.value -> '{name}'"),
        });
        let selected: Vec<String> = selected.collect();
        format!("select {} from json_each($1) packed", selected.join(", "))
    }
}
