//! What a store keeps, record by record: for those who fill a store, copy or empty it as a whole.
//!
//! Facts only. Counters, and the links from tags to articles, follow from them.

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};

use super::{
    user::{CredentialVersion, PasswordHash},
    values::{
        ArticleBody, ArticleId, Bio, CommentBody, CommentId, Description, Email, EmailKey, ImageUrl, SessionId, Slug,
        TagList, Title, UserId, Username, UsernameKey,
    },
};

/// A user.
#[derive(Clone, Debug)]
pub struct UserRecord {
    /// By which others refer to it.
    pub id: UserId,
    /// The name in the form in which it was given.
    pub username: Username,
    /// The form by which the name is unique.
    pub username_key: UsernameKey,
    /// The e-mail in the form in which it was given.
    pub email: Email,
    /// The form by which the e-mail is unique.
    pub email_key: EmailKey,
    /// The hash of the password.
    pub password_hash: PasswordHash,
    /// What the user says about itself.
    pub bio: Option<Bio>,
    /// A picture.
    pub image: Option<ImageUrl>,
    /// How often the password has changed.
    pub credential_version: CredentialVersion,
    /// The session that made the last change of it.
    pub exempt_session: Option<SessionId>,
    /// When the user registered.
    pub created_at: DateTime<Utc>,
    /// When the account was last changed.
    pub updated_at: DateTime<Utc>,
}

impl Hash for UserRecord {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.id, &self.username, &self.username_key, &self.email, &self.email_key).hash(state);
        (self.password_hash.expose(), &self.bio, &self.image, self.credential_version, self.exempt_session).hash(state);
        (self.created_at, self.updated_at).hash(state);
    }
}

/// Somebody follows somebody.
#[derive(Clone, Copy, Debug, Hash)]
pub struct FollowRecord {
    /// Who follows.
    pub follower: UserId,
    /// Whom.
    pub followed: UserId,
}

/// An article.
#[derive(Clone, Debug, Hash)]
pub struct ArticleRecord {
    /// Tells when it was created, see [`ArticleRecord::id_at`].
    pub id: ArticleId,
    /// The name in the URL.
    pub slug: Slug,
    /// The title.
    pub title: Title,
    /// What it is about.
    pub description: Description,
    /// Its tags.
    pub tags: TagList,
    /// Who wrote it.
    pub author: UserId,
    /// When it was published.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// The text.
    pub body: ArticleBody,
}

impl ArticleRecord {
    /// How many bits of an id count the articles of one millisecond.
    const COUNTER_BITS: u32 = 20;

    /// The id of an article that was created at this time: milliseconds since 1970 in the high bits, and in the low 20 as
    /// many of `counter`.
    #[must_use]
    pub fn id_at(created_at: DateTime<Utc>, counter: i64) -> ArticleId {
        let counters = (1 << Self::COUNTER_BITS) - 1;
        ArticleId::new((created_at.timestamp_millis() << Self::COUNTER_BITS) | (counter & counters))
    }
}

/// An article is somebody's favorite.
#[derive(Clone, Copy, Debug, Hash)]
pub struct FavoriteRecord {
    /// Whose.
    pub user: UserId,
    /// Which.
    pub article: ArticleId,
}

/// A comment.
#[derive(Clone, Debug, Hash)]
pub struct CommentRecord {
    /// By which it is known.
    pub id: CommentId,
    /// The article that it is about.
    pub article: ArticleId,
    /// Who wrote it.
    pub author: UserId,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// The text.
    pub body: CommentBody,
}

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`UserRecord`].
    Users,
    /// [`FollowRecord`].
    Follows,
    /// [`ArticleRecord`].
    Articles,
    /// [`FavoriteRecord`].
    Favorites,
    /// [`CommentRecord`].
    Comments,
}

impl Kind {
    /// All of them, those first that others refer to.
    pub const ALL: [Self; 5] = [Self::Users, Self::Follows, Self::Articles, Self::Favorites, Self::Comments];

    /// How many are handled at a time. An article may be as long as a request, a link is two numbers.
    #[must_use]
    pub fn batch(self) -> u32 {
        match self {
            Self::Articles => 500,
            Self::Users | Self::Comments => 2_000,
            Self::Follows | Self::Favorites => 10_000,
        }
    }

    /// What people call them.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Follows => "follows",
            Self::Articles => "articles",
            Self::Favorites => "favorites",
            Self::Comments => "comments",
        }
    }
}

/// Records of one kind.
#[derive(Clone, Debug)]
pub enum Records {
    /// Users.
    Users(Vec<UserRecord>),
    /// Who follows whom.
    Follows(Vec<FollowRecord>),
    /// Articles.
    Articles(Vec<ArticleRecord>),
    /// Whose favorites they are.
    Favorites(Vec<FavoriteRecord>),
    /// Comments.
    Comments(Vec<CommentRecord>),
}

impl Records {
    /// Which kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Users(_) => Kind::Users,
            Self::Follows(_) => Kind::Follows,
            Self::Articles(_) => Kind::Articles,
            Self::Favorites(_) => Kind::Favorites,
            Self::Comments(_) => Kind::Comments,
        }
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Users(records) => records.len(),
            Self::Follows(records) => records.len(),
            Self::Articles(records) => records.len(),
            Self::Favorites(records) => records.len(),
            Self::Comments(records) => records.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place of the last of them among all of their kind; `None` if there are none.
    #[must_use]
    pub fn last_cursor(&self) -> Option<Cursor> {
        match self {
            Self::Users(records) => records.last().map(|record| Cursor(record.id.get(), 0)),
            Self::Follows(records) => records.last().map(|record| Cursor(record.follower.get(), record.followed.get())),
            Self::Articles(records) => records.last().map(|record| Cursor(record.id.get(), 0)),
            Self::Favorites(records) => records.last().map(|record| Cursor(record.user.get(), record.article.get())),
            Self::Comments(records) => records.last().map(|record| Cursor(record.id.get(), 0)),
        }
    }

    /// Puts each of them, in their order, into a checksum.
    pub fn sum_up(&self, state: &mut impl Hasher) {
        match self {
            Self::Users(records) => records.iter().for_each(|record| record.hash(state)),
            Self::Follows(records) => records.iter().for_each(|record| record.hash(state)),
            Self::Articles(records) => records.iter().for_each(|record| record.hash(state)),
            Self::Favorites(records) => records.iter().for_each(|record| record.hash(state)),
            Self::Comments(records) => records.iter().for_each(|record| record.hash(state)),
        }
    }
}

/// Where a record stands among all of its kind: by its id, or by the two ids that it ties together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub i64, pub i64);

impl Cursor {
    /// Before all.
    pub const START: Self = Self(i64::MIN, i64::MIN);
}

/// How many records of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Which kind.
    pub kind: Kind,
    /// How many.
    pub records: u64,
}

/// The last numbers that were given away, be their users and comments still there or not: none is given twice, since a
/// token names its user by the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequences {
    /// That of a user; 0 if there never was one.
    pub user: UserId,
    /// That of a comment; 0 if there never was one.
    pub comment: CommentId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_articles_id_tells_its_milliseconds() {
        let created_at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let id = ArticleRecord::id_at(created_at, 5).get();
        assert_eq!((id >> 20, id & 0xf_ffff), (1_700_000_000_123, 5));
        assert_eq!(ArticleRecord::id_at(created_at, (1 << 20) + 5).get(), id);
    }
}
