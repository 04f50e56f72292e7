//! The few texts in which the engines differ.

use std::sync::LazyLock;

use super::{article_lists::Texts, columns::Column};

/// One text per question, for one engine.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Stores an article unless its slug is taken.
    ///
    /// `$1` milliseconds of its creation, `$2` slug, `$3` title, `$4` description, `$5` tags, `$6` author, `$7`
    /// creation, `$8` body.
    pub insert_article: &'static str,

    /// Changes an article if the session lives; a null keeps what is there.
    ///
    /// `$1` slug, `$2` title, `$3` description, `$4` tags, `$5` body, `$6` now, `$7` id, and from `$8` the identity.
    pub update_article: &'static str,

    /// Takes an article from the favorites of a reader whose session lives.
    ///
    /// From `$1` the identity, `$4` slug.
    pub unfavorite: &'static str,

    /// The lists of articles but the feed.
    pub lists: &'static LazyLock<Texts>,

    /// The reader's feed.
    ///
    /// From `$1` the identity, `$4` the end of the page, `$5` its offset, `$6` its limit.
    pub feed: &'static LazyLock<String>,

    /// The same for a reader who follows few, where that is worth telling: for any other it has no total.
    ///
    /// From `$1` the identity, `$4` how many are few, `$5` the end of the page, `$6` its offset, `$7` its limit.
    pub feed_of_few: Option<&'static LazyLock<String>>,

    /// A table `c (article_id, tag)` of the tags that articles carry, for a `from` clause.
    pub carried_tags: &'static str,

    /// What OpenTelemetry calls the engine (semantic conventions, `db.system.name`).
    pub system: &'static str,

    /// How many of this program's migrations are missing.
    pub missing_migrations: &'static LazyLock<String>,

    /// What stands under a key of the reader's since a point in time, and whether no other unit of work has it; see
    /// [`idempotency`](super::idempotency).
    ///
    /// From `$1` the identity, `$4` key, `$5` the point in time.
    pub claim_key: &'static str,

    /// Removes some answers, the oldest first, that were kept until `$1`.
    pub remove_old_answers: &'static str,

    /// Statements that keep other writers out until the end of a unit of work.
    pub keep_writers_out: &'static [&'static str],

    /// A `select` of these columns out of `$1`, a JSON array of objects that are keyed by them.
    pub unpack: fn(&[Column]) -> String,

    /// Statements that make a unit of work ready to store many records: other writers are kept out, and what triggers derive
    /// may be derived at the end.
    pub begin_transfer: &'static [&'static str],

    /// Statements after the last record, before what follows from them is derived.
    pub before_deriving: &'static [&'static str],

    /// Statements after that.
    pub end_transfer: &'static [&'static str],

    /// The last numbers of users and comments that were given away.
    pub sequences: &'static str,

    /// Statements after which users and comments to come get numbers greater than `$1`, than those of all that are there, and
    /// than those that were given away; for users first, then for comments.
    pub advance_sequence: [&'static [&'static str]; 2],

    /// Statements that empty every table, but for what the schema's history put there. Numbers of users are not given again.
    pub clear: &'static [&'static str],
}

/// The text of [`Dialect::update_article`], given the engine's words for the later of `$6` and a millisecond after the
/// last change.
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
        select 1 from users v where v.id = $8 and (v.generation = $9 or v.kept_session = $10)
    )"
        )
    };
}
pub(in crate::adapters::persistence) use update_article;

/// The text of [`Dialect::unfavorite`], given the engine's words for keeping the article from being deleted meanwhile. Served by
/// users_pkey, articles_slug and favorites_pkey.
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

/// The text of [`Dialect::claim_key`](super::dialect::Dialect::claim_key), given the engine's words for whether no other
/// unit of work has the key `$4` of the user `id`. There is always one row. Served by users_pkey and
/// idempotency_keys_pkey.
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

/// The text of [`Dialect::remove_old_answers`](super::dialect::Dialect::remove_old_answers), given the engine's words for
/// passing over what others remove now. Served by idempotency_keys_by_age and idempotency_keys_pkey.
macro_rules! remove_old_answers {
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
pub(in crate::adapters::persistence) use remove_old_answers;
