//! The columns of the records. `tests/contract` asks both engines for their tables and columns:
//! each must be declared here.

use chrono::{DateTime, Utc};

use crate::adapters::persistence::sql::columns::{Column, Columns, columns};
use crate::domain::model::about::About;
use crate::domain::model::records::{ArticleRecord, CommentRecord, FavoriteRecord, FollowRecord, Kind, UserRecord};
use crate::domain::model::user::{CredentialVersion, PasswordHash};
use crate::domain::model::values::{
    ArticleBody, ArticleId, CommentBody, CommentId, Description, Email, EmailKey, SessionId, Slug, TagList, Title,
    UserId, Username, UsernameKey,
};

columns!(UserRecord {
    id: UserId = "id",
    username: Username = "username",
    username_key: UsernameKey = "username_key",
    email: Email = "email",
    email_key: EmailKey = "email_key",
    password_hash: PasswordHash = "password_hash",
    about: About = "about",
    credential_version: CredentialVersion = "generation",
    exempt_session: Option<SessionId> = "kept_session",
    created_at: DateTime<Utc> = "created_at",
    updated_at: DateTime<Utc> = "updated_at",
});

columns!(FollowRecord { follower: UserId = "follower_id", followed: UserId = "followed_id" });

columns!(ArticleRecord {
    id: ArticleId = "id",
    slug: Slug = "slug",
    title: Title = "title",
    description: Description = "description",
    tags: TagList = "tag_list",
    author: UserId = "author_id",
    created_at: DateTime<Utc> = "created_at",
    updated_at: DateTime<Utc> = "updated_at",
    body: ArticleBody = "body",
});

columns!(FavoriteRecord { user: UserId = "user_id", article: ArticleId = "article_id" });

columns!(CommentRecord {
    id: CommentId = "id",
    article: ArticleId = "article_id",
    author: UserId = "author_id",
    created_at: DateTime<Utc> = "created_at",
    body: CommentBody = "body",
});

/// Returns the columns of a kind's table other than the [`DERIVED_COLUMNS`].
pub fn columns(kind: Kind) -> Vec<Column> {
    match kind {
        Kind::Users => UserRecord::columns(),
        Kind::Follows => FollowRecord::columns(),
        Kind::Articles => ArticleRecord::columns(),
        Kind::Favorites => FavoriteRecord::columns(),
        Kind::Comments => CommentRecord::columns(),
    }
}

pub fn key(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Users | Kind::Articles | Kind::Comments => &["id"],
        Kind::Follows => &["follower_id", "followed_id"],
        Kind::Favorites => &["user_id", "article_id"],
    }
}

pub const DERIVED_COLUMNS: &[&str] = &["articles_count", "favorites_count"];

pub const DERIVED_TABLES: &[&str] = &["article_tags", "article_totals", "tags"];

/// Tables that a copy leaves out: each database has its own list of applied migrations, and stored
/// responses only serve requests that are repeated within a day.
pub const EXCLUDED_TABLES: &[&str] = &["__diesel_schema_migrations", "idempotency_keys"];
