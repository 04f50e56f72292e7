//! Everything that a store keeps, record by record, to fill it, copy it or empty it as a whole.
//!
//! Facts only: counters, and the links from tags to articles, are derived from them.

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};

use super::about::About;
use super::user::{CredentialVersion, PasswordHash};
use super::values::{
    ArticleBody, ArticleId, CommentBody, CommentId, Description, Email, EmailKey, SessionId, Slug, TagList, Title,
    UserId, Username, UsernameKey,
};

#[derive(Clone, Debug, Hash)]
pub struct UserRecord {
    pub id: UserId,
    pub username: Username,
    pub username_key: UsernameKey,
    pub email: Email,
    pub email_key: EmailKey,
    pub password_hash: PasswordHash,
    pub about: About,
    pub credential_version: CredentialVersion,
    /// The session that changed the password last.
    pub exempt_session: Option<SessionId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, Hash)]
pub struct FollowRecord {
    pub follower: UserId,
    pub followed: UserId,
}

#[derive(Clone, Debug, Hash)]
pub struct ArticleRecord {
    /// Carries the creation time, see [`ArticleRecord::id_at`].
    pub id: ArticleId,
    pub slug: Slug,
    pub title: Title,
    pub description: Description,
    pub tags: TagList,
    pub author: UserId,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub body: ArticleBody,
}

impl ArticleRecord {
    /// Bits of an id that count the articles of one millisecond.
    const COUNTER_BITS: u32 = 20;

    /// Returns the id of an article created at this time: milliseconds since 1970 in the high bits,
    /// the low 20 bits of `counter` below them.
    pub fn id_at(created_at: DateTime<Utc>, counter: i64) -> ArticleId {
        let counters = (1 << Self::COUNTER_BITS) - 1;
        ArticleId::new((created_at.timestamp_millis() << Self::COUNTER_BITS) | (counter & counters))
    }
}

#[derive(Clone, Copy, Debug, Hash)]
pub struct FavoriteRecord {
    pub user: UserId,
    pub article: ArticleId,
}

#[derive(Clone, Debug, Hash)]
pub struct CommentRecord {
    pub id: CommentId,
    pub article: ArticleId,
    pub author: UserId,
    pub created_at: DateTime<Utc>,
    pub body: CommentBody,
}

/// Position of a record among all of its kind: its id, or the two ids that it links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub i64, pub i64);

impl Cursor {
    /// Before every record.
    pub const START: Self = Self(i64::MIN, i64::MIN);
}

/// Declares the kinds of records, in an order in which each refers to earlier ones alone.
macro_rules! kinds {
    ($($kind:ident($record:ident) $name:literal, batches of $batch:literal, at |$one:ident| $cursor:expr;)+) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Kind { $($kind),+ }

        impl Kind {
            /// Every kind, those first that others refer to.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// Number of records that are read or written at a time.
            pub fn batch(self) -> u32 {
                match self { $(Self::$kind => $batch),+ }
            }

            /// The name of its table, for messages too.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }

        #[derive(Clone, Debug)]
        pub enum Records { $($kind(Vec<$record>)),+ }

        impl Records {
            pub fn kind(&self) -> Kind {
                match self { $(Self::$kind(_) => Kind::$kind),+ }
            }

            pub fn len(&self) -> usize {
                match self { $(Self::$kind(records) => records.len()),+ }
            }

            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            pub fn last_cursor(&self) -> Option<Cursor> {
                match self { $(Self::$kind(records) => records.last().map(|$one| $cursor)),+ }
            }

            /// Adds each record, in order, to a checksum.
            pub fn add_to_checksum(&self, state: &mut impl Hasher) {
                match self { $(Self::$kind(records) => records.iter().for_each(|record| record.hash(state))),+ }
            }
        }
    };
}

// An article may be as long as a request; a link is two numbers.
kinds! {
    Users(UserRecord) "users", batches of 2_000, at |user| Cursor(user.id.get(), 0);
    Follows(FollowRecord) "follows", batches of 10_000, at |follow| Cursor(follow.follower.get(), follow.followed.get());
    Articles(ArticleRecord) "articles", batches of 500, at |article| Cursor(article.id.get(), 0);
    Favorites(FavoriteRecord) "favorites", batches of 10_000, at |favorite| Cursor(favorite.user.get(), favorite.article.get());
    Comments(CommentRecord) "comments", batches of 2_000, at |comment| Cursor(comment.id.get(), 0);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    pub kind: Kind,
    pub records: u64,
}

/// The last ids that were assigned, even if their users and comments are gone: none is assigned
/// twice, since a token names its user by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequences {
    /// 0 if there never was a user.
    pub user: UserId,
    /// 0 if there never was a comment.
    pub comment: CommentId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn article_id_carries_its_creation_time() {
        let created_at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let id = ArticleRecord::id_at(created_at, 5).get();
        assert_eq!((id >> 20, id & 0xf_ffff), (1_700_000_000_123, 5));
        assert_eq!(ArticleRecord::id_at(created_at, (1 << 20) + 5).get(), id);
    }
}
