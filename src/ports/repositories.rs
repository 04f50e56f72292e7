//! What the domain asks of a store. Each method's doc comment is its contract: `tests/contract` holds every adapter to
//! it.
//!
//! Ports speak in use cases: a read returns all that the reader is shown, from one statement. Where a method takes an
//! identity, the statement also checks that the session lives. For an optional reader a session that ended counts as no
//! reader; where the identity is required it is [`RepositoryError::SessionEnded`], before anything is said about what
//! was asked for.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::{
    error::Cause,
    model::{
        article::{Article, ArticleChanges, ArticleFilter, ArticleHead, ArticlePage, Favorited, NewArticle, Tags},
        comment::{Comment, CommentHead, NewComment},
        profile::{Followable, Profile},
        user::{Account, Identity, NewUser, PasswordHash, UserUpdate},
        values::{ArticleId, CommentId, EmailKey, Page, Slug, UserId, UsernameKey},
    },
};

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The identity's session lives no more: the user is gone, or changed the password in another session.
    #[error("the session has ended")]
    SessionEnded,
    /// These values must be unique and belong to something else.
    #[error("taken: {0:?}")]
    Taken(Vec<Unique>),
    /// The store is away, overloaded, out of space, or gave up waiting: the same call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// Anything else: a defect.
    #[error("the store failed")]
    Internal(#[source] Cause),
}

/// What must be unique.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// A username, by its key.
    Username,
    /// An e-mail, by its key.
    Email,
    /// The slug of an article.
    Slug,
}

impl Unique {
    /// The field that carries it in requests.
    pub fn field(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Email => "email",
            Self::Slug => "slug",
        }
    }
}

/// Stored users, as they see themselves.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait UserRepository: Send + Sync + 'static {
    /// Stores a user. MUST cost one statement; a second is allowed to tell what is taken.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the username, the e-mail or both: nothing was stored.
    async fn insert(&self, user: NewUser) -> Result<Account, RepositoryError>;

    /// The account that logs in with this e-mail, and the hash of its password. MUST cost one statement.
    async fn credentials(&self, email: &EmailKey) -> Result<Option<(Account, PasswordHash)>, RepositoryError>;

    /// Puts `strong` in the place of `weak`, a hash of the same password: no session ends. MUST cost one statement, and
    /// change nothing when the hash is not `weak` any more. What the store cannot take now it logs and leaves as it is:
    /// the next log-in will bring it again.
    async fn upgrade_hash(&self, user: UserId, weak: &PasswordHash, strong: &PasswordHash);

    /// The account of a living session. MUST cost one statement.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`] otherwise.
    async fn current(&self, identity: &Identity) -> Result<Account, RepositoryError>;

    /// Changes the account of a living session, and gives it as it is then. A user's own values are not taken. A new
    /// password MUST end every session but `identity`'s. MUST cost one statement; a second is allowed to tell what is
    /// taken.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`]; [`RepositoryError::Taken`] with all that is: nothing was changed.
    async fn update(
        &self,
        identity: &Identity,
        update: UserUpdate,
        now: DateTime<Utc>,
    ) -> Result<Account, RepositoryError>;
}

/// Stored users, as others see them, and who follows whom.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ProfileRepository: Send + Sync + 'static {
    /// The profile of this name. MUST cost one statement.
    async fn find<'a>(
        &self,
        username: &UsernameKey,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Profile>, RepositoryError>;

    /// The same for one who is about to follow or unfollow it. MUST cost one statement.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn find_followable(
        &self,
        username: &UsernameKey,
        reader: &Identity,
    ) -> Result<Option<Followable>, RepositoryError>;

    /// Makes `follower` follow `followed`, and tells whether that is new; doing it again changes nothing. MUST cost one
    /// statement.
    async fn follow(&self, follower: UserId, followed: UserId) -> Result<bool, RepositoryError>;

    /// Undoes [`follow`](Self::follow); doing it again changes nothing. MUST cost one statement.
    async fn unfollow(&self, follower: UserId, followed: UserId) -> Result<(), RepositoryError>;
}

/// Stored articles, as readers and authors see them, with their tags and favorites.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ArticleRepository: Send + Sync + 'static {
    /// One page of the articles that match `filter`, newest first (creation time, then id), with the total that match.
    ///
    /// `favorited` and `author.following` are `reader`'s; both false without a reader. An unknown tag, author or fan
    /// matches nothing. MUST cost one statement whatever the page size.
    async fn page<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, RepositoryError>;

    /// The same for the articles of the authors that `reader` follows. A second statement is allowed where the first shows that
    /// they are many.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, RepositoryError>;

    /// The article with this slug. MUST cost one statement.
    async fn find<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Option<Article>, RepositoryError>;

    /// What deciding about a change by `reader` takes. MUST cost one statement.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn head(&self, slug: &Slug, reader: &Identity) -> Result<Option<ArticleHead>, RepositoryError>;

    /// Stores an article. MUST cost one statement.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the slug: nothing was stored, and a unit of work goes on.
    async fn insert(&self, article: NewArticle) -> Result<(), RepositoryError>;

    /// Changes an article and gives it as `reader` sees it then; `None` when it is gone. `updated_at` becomes `now`, or
    /// a millisecond more than it was if that is later. MUST cost two statements at the most.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the slug: nothing was changed, and a unit of work goes on.
    async fn update(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        now: DateTime<Utc>,
        reader: &Identity,
    ) -> Result<Option<Article>, RepositoryError>;

    /// Deletes an article with its comments, favorites and tag links; one that is gone already is no error. MUST cost
    /// one statement.
    async fn delete(&self, id: ArticleId) -> Result<(), RepositoryError>;

    /// Makes the article a favorite of `reader`, and gives it as it is then; `None` when there is no such article.
    /// Doing it again changes nothing. MUST cost two statements at the most.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<Favorited>, RepositoryError>;

    /// Undoes [`favorite`](Self::favorite) in the same way.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<Article>, RepositoryError>;

    /// Every tag that at least one article carries, the most used first, then by name. A reader who is known sees them as they are
    /// now, others perhaps as they were a moment ago. MUST cost one statement; a second is allowed where the first shows that they are
    /// many.
    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, RepositoryError>;
}

/// Stored comments.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait CommentRepository: Send + Sync + 'static {
    /// All comments on the article, most recent first; `None` when there is no such article. MUST cost one statement; a second is
    /// allowed where the first shows that they are many.
    async fn list<'a>(
        &self,
        article: &Slug,
        reader: Option<&'a Identity>,
    ) -> Result<Option<Vec<Comment>>, RepositoryError>;

    /// Stores a comment; `None` when there is no such article. MUST cost one statement.
    async fn insert(&self, article: &Slug, comment: NewComment) -> Result<Option<CommentId>, RepositoryError>;

    /// What deciding about the deletion of a comment by `reader` takes. A comment on another article is none. MUST cost
    /// one statement.
    ///
    /// # Errors
    /// [`RepositoryError::SessionEnded`].
    async fn head(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<CommentHead, RepositoryError>;

    /// Deletes a comment; one that is gone already is no error. MUST cost one statement.
    async fn delete(&self, id: CommentId) -> Result<(), RepositoryError>;
}

/// The store as a whole, for those who watch over it.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Whether it answers now, with everything in it that this program needs. MUST cost one statement.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] when it does not, and while migrations are missing.
    async fn ready(&self) -> Result<(), RepositoryError>;

    /// Gives back what it holds. What is asked of it afterwards is [`RepositoryError::Unavailable`].
    fn close(&self);

    /// Brings what is measured of it up to date, for whoever reads the measurements next. Asks nothing of it.
    fn record_metrics(&self);
}
