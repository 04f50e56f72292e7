//! Which tables and columns hold records, and what becomes of all others. `tests/contract` asks the engines for their tables
//! and columns: none may be forgotten here.

use crate::domain::model::records::Kind;

/// A column, and what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, the same on both engines.
    pub name: &'static str,
    /// What is in it.
    pub content: Content,
}

/// What can be in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// A number.
    Number,
    /// A text.
    Text,
    /// A point in time.
    Instant,
    /// Tags.
    Tags,
}

use Content::{Instant, Number, Tags, Text};

const fn column(name: &'static str, content: Content) -> Column {
    Column { name, content }
}

const USERS: &[Column] = &[
    column("id", Number),
    column("username", Text),
    column("username_key", Text),
    column("email", Text),
    column("email_key", Text),
    column("password_hash", Text),
    column("bio", Text),
    column("image", Text),
    column("generation", Number),
    column("kept_session", Number),
    column("created_at", Instant),
    column("updated_at", Instant),
];

const FOLLOWS: &[Column] = &[column("follower_id", Number), column("followed_id", Number)];

const ARTICLES: &[Column] = &[
    column("id", Number),
    column("slug", Text),
    column("title", Text),
    column("description", Text),
    column("tag_list", Tags),
    column("author_id", Number),
    column("created_at", Instant),
    column("updated_at", Instant),
    column("body", Text),
];

const FAVORITES: &[Column] = &[column("user_id", Number), column("article_id", Number)];

const COMMENTS: &[Column] = &[
    column("id", Number),
    column("article_id", Number),
    column("author_id", Number),
    column("created_at", Instant),
    column("body", Text),
];

/// The columns of a kind's table, which is called like the kind, but for the [`DERIVED_COLUMNS`].
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Users => USERS,
        Kind::Follows => FOLLOWS,
        Kind::Articles => ARTICLES,
        Kind::Favorites => FAVORITES,
        Kind::Comments => COMMENTS,
    }
}

/// The columns of its primary key.
pub fn key(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Users | Kind::Articles | Kind::Comments => &["id"],
        Kind::Follows => &["follower_id", "followed_id"],
        Kind::Favorites => &["user_id", "article_id"],
    }
}

/// Columns of those tables that follow from the records.
pub const DERIVED_COLUMNS: &[&str] = &["articles_count", "favorites_count"];

/// Tables that follow from the records.
pub const DERIVED_TABLES: &[&str] = &["article_tags", "article_totals", "tags"];

/// Tables that are left out, because what is in them is of no use elsewhere: the list of applied migrations is each database's
/// own, and answers are kept for repetitions that come within a day.
pub const LEFT_OUT: &[&str] = &["__diesel_schema_migrations", "idempotency_keys"];
