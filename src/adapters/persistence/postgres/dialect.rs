//! SQL that only PostgreSQL runs.

use std::sync::LazyLock;

use super::article_lists;
use crate::adapters::persistence::sql::article_lists::ListSql;
use crate::adapters::persistence::sql::columns::{Column, Content};
use crate::adapters::persistence::sql::dialect::{Dialect, claim_key, remove_expired, unfavorite, update_article};
use crate::adapters::persistence::sql::migrations::MISSING_IN_POSTGRES;

/// Drops foreign keys and non-unique indexes: to check or build each for all rows at once takes a
/// fraction of the time that it takes row by row.
const DROP_INDEXES: &str = "
    do '
    declare statement text;
    begin
        create temporary table set_aside on commit drop as
            select
                format(''alter table %s drop constraint %I'', conrelid::regclass, conname) as remove,
                format(''alter table %s add constraint %I %s'', conrelid::regclass, conname, pg_get_constraintdef(oid)) as put_back
            from pg_constraint
            where contype = ''f'' and connamespace = (select oid from pg_namespace where nspname = current_schema())
            union all
            select format(''drop index %s'', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
            from pg_index i join pg_class c on c.oid = i.indexrelid
            where not i.indisunique and c.relnamespace = (select oid from pg_namespace where nspname = current_schema());
        for statement in select remove from set_aside loop execute statement; end loop;
    end'";

const RESTORE_INDEXES: &str = "
    do '
    declare statement text;
    begin
        for statement in select put_back from set_aside loop execute statement; end loop;
    end'";

pub struct PostgresDialect;

impl Dialect for PostgresDialect {
    const INSERT_ARTICLE: &'static str = "
    insert into articles (id, slug, title, description, tag_list, author_id, created_at, updated_at, body)
    values (($1 << 20) | (nextval('article_ids') & 1048575), $2, $3, $4, $5, $6, $7, $7, $8)
    on conflict (slug) do nothing";

    const UPDATE_ARTICLE: &'static str = update_article!("greatest($6, updated_at + interval '1 millisecond')");

    // Locks the article before the favorite, in the order in which deleting an article does.
    const UNFAVORITE: &'static str = unfavorite!(" for no key update");

    const SYSTEM: &'static str = "postgresql";

    const CARRIED_TAGS: &'static str =
        "(select a.id as article_id, t.tag from articles a cross join unnest(a.tag_list) as t (tag)) c";

    // Held until the transaction ends, which it does with the connection if the instance dies.
    const CLAIM_KEY: &'static str = claim_key!("pg_try_advisory_xact_lock(hashtextextended($4, id))");

    const REMOVE_EXPIRED_KEYS: &'static str = remove_expired!(" for update skip locked");

    // Facts first, in the order in which writers lock them.
    const LOCK_OUT_WRITERS: &'static [&'static str] =
        &["lock table articles, favorites, article_tags, tags, users, article_totals in share row exclusive mode"];

    const BEGIN_TRANSFER: &'static [&'static str] = &[
        "lock table articles, favorites, follows, comments, article_tags, tags, users, article_totals
        in share row exclusive mode",
        "alter table articles disable trigger user",
        "alter table favorites disable trigger user",
        "alter table article_tags disable trigger user",
        DROP_INDEXES,
    ];

    // Autovacuum does not analyze uncommitted rows, and deriving reads whole tables.
    const BEFORE_DERIVING: &'static [&'static str] =
        &[RESTORE_INDEXES, "analyze users, follows, articles, favorites, comments"];

    const END_TRANSFER: &'static [&'static str] = &[
        "analyze article_tags, tags",
        "alter table articles enable trigger user",
        "alter table favorites enable trigger user",
        "alter table article_tags enable trigger user",
    ];

    const SEQUENCES: &'static str = "
    select
        greatest((select last_value from users_id_seq where is_called), (select max(id) from users), 0),
        greatest((select last_value from comments_id_seq where is_called), (select max(id) from comments), 0)";

    const ADVANCE_SEQUENCES: [&'static [&'static str]; 2] = [
        &["
        select setval('users_id_seq', greatest(last.number, 1), last.number > 0)
        from (select greatest(
            $1, (select last_value from users_id_seq where is_called), (select max(id) from users)
        ) as number) last"],
        &["
        select setval('comments_id_seq', greatest(last.number, 1), last.number > 0)
        from (select greatest(
            $1, (select last_value from comments_id_seq where is_called), (select max(id) from comments)
        ) as number) last"],
    ];

    const CLEAR: &'static [&'static str] = &[
        // Cascades to every table that refers to them.
        "truncate articles, favorites, follows, comments, article_tags, tags, users cascade",
        "update article_totals set articles = 0",
        "alter sequence comments_id_seq restart",
    ];

    const ARTICLE_LISTS: &'static LazyLock<ListSql> = &article_lists::LISTS;
    const FEED: &'static LazyLock<String> = &article_lists::FEED;
    const CHEAP_FEED: Option<&'static LazyLock<String>> = None;
    const MISSING_MIGRATIONS: &'static LazyLock<String> = &MISSING_IN_POSTGRES;

    fn unpack(columns: &[Column]) -> String {
        let described = columns.iter().map(|Column { name, content }| match content {
            Content::Number | Content::Instant => format!("{name} bigint"),
            Content::Text => format!("{name} text"),
            Content::Tags => format!("{name} text[]"),
        });
        let selected = columns.iter().map(|Column { name, content }| match content {
            Content::Instant => format!("timestamptz 'epoch' + {name} * interval '1 millisecond'"),
            Content::Number | Content::Text | Content::Tags => String::from(*name),
        });
        let [described, selected] = [described.collect::<Vec<_>>(), selected.collect()].map(|parts| parts.join(", "));
        format!("select {selected} from json_to_recordset($1::json) as packed ({described})")
    }
}
