//! Rows as statements give them, and the domain values that they become.
//!
//! What is stored was parsed on its way in, so values are taken as they are.

use diesel::{
    deserialize::Queryable,
    sql_types::{BigInt, Bool, Nullable, Text},
};

use super::types::{Instant, InstantSql, TagListSql, TagNames};
use crate::domain::model::{
    article::{Article, ArticleSummary},
    comment::Comment,
    profile::Profile,
    user::{Account, CredentialVersion},
    values::{
        ArticleBody, Bio, CommentBody, CommentId, Description, Email, ImageUrl, Slug, Tag, TagList, Title, UserId,
        Username,
    },
};

/// Whether the reader `v` follows `u`. Served by follows_pkey.
macro_rules! following {
    () => {
        "exists (select 1 from follows w where w.follower_id = v.id and w.followed_id = u.id)"
    };
}
pub(in crate::adapters::persistence) use following;

/// The author or profile `u` as the reader `v` sees it, in the order of [`ProfileSql`].
macro_rules! profile {
    () => {
        concat!("u.username, u.bio, u.image, ", $crate::adapters::persistence::sql::rows::following!())
    };
}
pub(in crate::adapters::persistence) use profile;

/// The SQL shape of [`AccountRow`].
pub type AccountSql = (BigInt, Text, Text, Nullable<Text>, Nullable<Text>, BigInt);
/// The SQL shape of [`ProfileRow`].
pub type ProfileSql = (Text, Nullable<Text>, Nullable<Text>, Bool);
/// The SQL shape of [`SummaryRow`].
pub type SummarySql = (Text, Text, Text, TagListSql, InstantSql, InstantSql, BigInt, Bool, ProfileSql);
/// The SQL shape of a whole article: the summary and the body.
pub type ArticleSql = (SummarySql, Text);
/// The SQL shape of [`CommentRow`].
pub type CommentSql = (BigInt, InstantSql, Text, ProfileSql);

/// A user as the user sees it.
#[derive(Queryable, Debug)]
pub struct AccountRow {
    id: i64,
    username: String,
    email: String,
    bio: Option<String>,
    image: Option<String>,
    credential_version: i64,
}

/// A user as another sees it.
#[derive(Queryable, Debug)]
pub struct ProfileRow {
    username: String,
    bio: Option<String>,
    image: Option<String>,
    following: bool,
}

/// An article in a list.
#[derive(Queryable, Debug)]
pub struct SummaryRow {
    slug: String,
    title: String,
    description: String,
    tag_list: TagNames,
    created_at: Instant,
    updated_at: Instant,
    favorites_count: i64,
    favorited: bool,
    author: ProfileRow,
}

/// A comment.
#[derive(Queryable, Debug)]
pub struct CommentRow {
    id: i64,
    created_at: Instant,
    body: String,
    author: ProfileRow,
}

/// A number of things. Counters are never negative; if one were, it would not be the reader's business.
pub fn count(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        Self {
            id: UserId::new(row.id),
            username: Username::from_trusted(row.username),
            email: Email::from_trusted(row.email),
            bio: row.bio.map(Bio::from_trusted),
            image: row.image.map(ImageUrl::from_trusted),
            credential_version: CredentialVersion::new(row.credential_version),
        }
    }
}

impl From<ProfileRow> for Profile {
    fn from(row: ProfileRow) -> Self {
        Self {
            username: Username::from_trusted(row.username),
            bio: row.bio.map(Bio::from_trusted),
            image: row.image.map(ImageUrl::from_trusted),
            following: row.following,
        }
    }
}

impl From<SummaryRow> for ArticleSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            slug: Slug::from_trusted(row.slug),
            title: Title::from_trusted(row.title),
            description: Description::from_trusted(row.description),
            tags: TagList::from_trusted(row.tag_list.0.into_iter().map(Tag::from_trusted).collect()),
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            favorited: row.favorited,
            favorites_count: count(row.favorites_count),
            author: row.author.into(),
        }
    }
}

/// A whole article from its two parts.
pub fn article((summary, body): (SummaryRow, String)) -> Article {
    Article { summary: summary.into(), body: ArticleBody::from_trusted(body) }
}

impl From<CommentRow> for Comment {
    fn from(row: CommentRow) -> Self {
        Self {
            id: CommentId::new(row.id),
            body: CommentBody::from_trusted(row.body),
            created_at: row.created_at.0,
            updated_at: row.created_at.0,
            author: row.author.into(),
        }
    }
}
