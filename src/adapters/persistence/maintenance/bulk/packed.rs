//! Records as a JSON array of objects, keyed by column.

use chrono::{DateTime, Utc};
use serde::{Serialize, Serializer};

use crate::domain::model::{
    records::{ArticleRecord, CommentRecord, FavoriteRecord, FollowRecord, Records, UserRecord},
    values::Tag,
};

/// An instant is its milliseconds since 1970.
fn instant<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(instant.timestamp_millis())
}

#[derive(Serialize)]
struct User<'r> {
    id: i64,
    username: &'r str,
    username_key: &'r str,
    email: &'r str,
    email_key: &'r str,
    password_hash: &'r str,
    bio: Option<&'r str>,
    image: Option<&'r str>,
    #[serde(rename = "generation")]
    credential_version: i64,
    #[serde(rename = "kept_session")]
    exempt_session: Option<i64>,
    #[serde(serialize_with = "instant")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant")]
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Follow {
    follower_id: i64,
    followed_id: i64,
}

#[derive(Serialize)]
struct Article<'r> {
    id: i64,
    slug: &'r str,
    title: &'r str,
    description: &'r str,
    tag_list: Vec<&'r str>,
    author_id: i64,
    #[serde(serialize_with = "instant")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "instant")]
    updated_at: DateTime<Utc>,
    body: &'r str,
}

#[derive(Serialize)]
struct Favorite {
    user_id: i64,
    article_id: i64,
}

#[derive(Serialize)]
struct Comment<'r> {
    id: i64,
    article_id: i64,
    author_id: i64,
    #[serde(serialize_with = "instant")]
    created_at: DateTime<Utc>,
    body: &'r str,
}

impl<'r> From<&'r UserRecord> for User<'r> {
    fn from(record: &'r UserRecord) -> Self {
        Self {
            id: record.id.get(),
            username: record.username.as_str(),
            username_key: record.username_key.as_str(),
            email: record.email.as_str(),
            email_key: record.email_key.as_str(),
            password_hash: record.password_hash.expose(),
            bio: record.bio.as_ref().map(|bio| bio.as_str()),
            image: record.image.as_ref().map(|image| image.as_str()),
            credential_version: record.credential_version.get(),
            exempt_session: record.exempt_session.map(|session| session.get()),
            created_at: record.created_at,
            updated_at: record.updated_at,
        }
    }
}

impl From<&FollowRecord> for Follow {
    fn from(record: &FollowRecord) -> Self {
        Self { follower_id: record.follower.get(), followed_id: record.followed.get() }
    }
}

impl<'r> From<&'r ArticleRecord> for Article<'r> {
    fn from(record: &'r ArticleRecord) -> Self {
        Self {
            id: record.id.get(),
            slug: record.slug.as_str(),
            title: record.title.as_str(),
            description: record.description.as_str(),
            tag_list: record.tags.iter().map(Tag::as_str).collect(),
            author_id: record.author.get(),
            created_at: record.created_at,
            updated_at: record.updated_at,
            body: record.body.as_str(),
        }
    }
}

impl From<&FavoriteRecord> for Favorite {
    fn from(record: &FavoriteRecord) -> Self {
        Self { user_id: record.user.get(), article_id: record.article.get() }
    }
}

impl<'r> From<&'r CommentRecord> for Comment<'r> {
    fn from(record: &'r CommentRecord) -> Self {
        Self {
            id: record.id.get(),
            article_id: record.article.get(),
            author_id: record.author.get(),
            created_at: record.created_at,
            body: record.body.as_str(),
        }
    }
}

/// The array.
pub fn json(records: &Records) -> serde_json::Result<String> {
    fn array<'r, R, P: From<&'r R> + Serialize>(records: &'r [R]) -> serde_json::Result<String> {
        serde_json::to_string(&records.iter().map(P::from).collect::<Vec<P>>())
    }
    match records {
        Records::Users(records) => array::<_, User<'_>>(records),
        Records::Follows(records) => array::<_, Follow>(records),
        Records::Articles(records) => array::<_, Article<'_>>(records),
        Records::Favorites(records) => array::<_, Favorite>(records),
        Records::Comments(records) => array::<_, Comment<'_>>(records),
    }
}
