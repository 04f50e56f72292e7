//! The SQL in which the engines differ.

use std::sync::LazyLock;

use super::article_lists::ListSql;
use super::columns::Column;

pub trait Dialect: Send + Sync + 'static {
    /// The engine's name in traces (OpenTelemetry semantic conventions, `db.system.name`).
    const SYSTEM: &'static str;

    /// Inserts an article unless its slug is taken.
    /// `$1` creation in milliseconds, `$2` slug, `$3` title, `$4` description, `$5` tags, `$6`
    /// author, `$7` creation, `$8` body.
    const INSERT_ARTICLE: &'static str;

    /// Updates an article if the session is valid; `NULL` keeps a column.
    /// `$1` slug, `$2` title, `$3` description, `$4` tags, `$5` body, `$6` now, `$7` id, from `$8`
    /// the identity.
    const UPDATE_ARTICLE: &'static str;

    /// From `$1` the identity, which must be valid, `$4` slug.
    const UNFAVORITE: &'static str;

    /// Table `c (article_id, tag)` of the tags that articles carry, for a `from` clause.
    const CARRIED_TAGS: &'static str;

    /// Reads what is stored under a reader's idempotency key since a point in time, and whether no
    /// other unit of work has the key.
    /// From `$1` the identity, `$4` key, `$5` the point in time.
    const CLAIM_KEY: &'static str;

    /// Removes some idempotency keys created until `$1`, the oldest first.
    const REMOVE_EXPIRED_KEYS: &'static str;

    const LOCK_OUT_WRITERS: &'static [&'static str];

    /// Prepare a unit of work for a bulk transfer: other writers are locked out, and derived data
    /// may wait until the end.
    const BEGIN_TRANSFER: &'static [&'static str];

    /// Run after the last record, before derived data is computed.
    const BEFORE_DERIVING: &'static [&'static str];

    const END_TRANSFER: &'static [&'static str];

    const SEQUENCES: &'static str;

    /// Make new users (first entry) and comments (second) get ids above `$1`, above every id in
    /// use, and above every id that was ever assigned.
    const ADVANCE_SEQUENCES: [&'static [&'static str]; 2];

    /// Empty every table except what migrations put there. Ids of users are not assigned again.
    const CLEAR: &'static [&'static str];

    /// Every list other than the feed.
    const ARTICLE_LISTS: &'static LazyLock<ListSql>;

    /// From `$1` the identity, `$4` the end of the page, `$5` its offset, `$6` its limit.
    const FEED: &'static LazyLock<String>;

    /// Returns a feed that is cheap if the reader follows at most `$4` authors, and that has no
    /// total otherwise. `None` if the engine gains nothing from it.
    /// From `$1` the identity, `$4` the number of authors, `$5` the end of the page, `$6` its
    /// offset, `$7` its limit.
    const CHEAP_FEED: Option<&'static LazyLock<String>>;

    const MISSING_MIGRATIONS: &'static LazyLock<String>;

    /// Returns a `select` of these columns from `$1`, a JSON array of objects keyed by column.
    fn unpack(columns: &[Column]) -> String;
}

/// Returns [`Dialect::UPDATE_ARTICLE`], given the SQL for the later of `$6` and a millisecond after
/// the last change.
macro_rules! update_article {
    ($later:literal) => {
        concat!(
            "
    update articles set
        slug        = coalesce($1, slug),
        title       = coalesce($2, title),
        description = coalesce($3, description),
        tag_list    = coalesce($4, tag_list),
        body        = coalesce($5, body),
        updated_at  = ",
            $later,
            "
    where id = $7 and exists (
        select 1 from users v where ",
            $crate::adapters::persistence::sql::statement::live_session!(8, 9, 10),
            "
    )"
        )
    };
}
pub(in crate::adapters::persistence) use update_article;

/// Returns [`Dialect::UNFAVORITE`], given the SQL that keeps the article from being deleted
/// meanwhile. Served by users_pkey, articles_slug and favorites_pkey.
macro_rules! unfavorite {
    ($lock:literal) => {
        concat!(
            "
    delete from favorites
    where user_id = (select v.id from users v where ",
            $crate::adapters::persistence::sql::statement::live_session!(),
            ") and article_id = (select a.id from articles a where a.slug = $4",
            $lock,
            ")"
        )
    };
}
pub(in crate::adapters::persistence) use unfavorite;

/// Returns [`Dialect::CLAIM_KEY`], given the SQL for whether no other unit of work has the key `$4`
/// of the user `id`. It always returns one row. Served by users_pkey and idempotency_keys_pkey.
macro_rules! claim_key {
    ($is_free:literal) => {
        concat!(
            "
    with reader as (select v.id from users v where ",
            $crate::adapters::persistence::sql::statement::live_session!(),
            "),
        claimed as (select ",
            $is_free,
            " as is_free from reader)
    select r.id, coalesce(c.is_free, false), k.fingerprint, k.status, k.body
    from (select 1) as always
    left join reader r on true
    left join claimed c on true
    left join idempotency_keys k on k.user_id = r.id and k.key = $4 and k.created_at > $5"
        )
    };
}
pub(in crate::adapters::persistence) use claim_key;

/// Returns [`Dialect::REMOVE_EXPIRED_KEYS`], given the SQL that skips rows which others remove at
/// the same time. Served by idempotency_keys_by_age and idempotency_keys_pkey.
macro_rules! remove_expired {
    ($skip_locked:literal) => {
        concat!(
            "
    delete from idempotency_keys where (user_id, key) in (
        select user_id, key from idempotency_keys where created_at <= $1 order by created_at limit 10",
            $skip_locked,
            "
    )"
        )
    };
}
pub(in crate::adapters::persistence) use remove_expired;
