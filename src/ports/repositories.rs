//! Ports to the store. `tests/contract` checks every adapter against the contracts below.
//!
//! A read returns all that the client is shown, from one statement. A method that takes an identity
//! also checks its session in that statement: a `reader` whose session has ended counts as
//! anonymous; where the identity is required, the error is [`RepositoryError::SessionEnded`],
//! whether or not the requested thing exists. Any method MAY fail with
//! [`RepositoryError::Unavailable`] or [`RepositoryError::Internal`].
//!
//! A method MUST run one statement, unless it says otherwise; `tests/budgets.rs` counts them.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::domain::error::{Cause, Error};
use crate::domain::model::article::{
    Article, ArticleAuthorship, ArticleChanges, ArticleFilter, ArticlePage, FavoritedArticle, NewArticle, Tags,
};
use crate::domain::model::comment::{Comment, CommentAuthorship, NewComment};
use crate::domain::model::profile::{Profile, ProfileWithId};
use crate::domain::model::user::{Account, Identity, NewUser, PasswordHash, UserUpdate};
use crate::domain::model::values::{
    ArticleId, CommentId, EmailKey, FieldErrors, Page, Slug, UserId, UsernameKey, Violation,
};

/// Why the store failed.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The user is gone, or has changed the password in another session.
    #[error("the session has ended")]
    SessionEnded,
    /// These values must be unique and are in use already.
    #[error("taken: {0:?}")]
    Taken(Vec<Unique>),
    /// The store is down, overloaded, out of space or timed out: the same call may succeed later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Cause),
    /// Any other failure: a defect.
    #[error("the store failed")]
    Internal(#[source] Cause),
}

impl From<RepositoryError> for Error {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::SessionEnded => Self::InvalidToken,
            RepositoryError::Taken(taken) => {
                let mut errors = FieldErrors::default();
                taken.into_iter().for_each(|unique| errors.push(unique.field(), Violation::Taken));
                Self::Taken(errors)
            }
            RepositoryError::Unavailable(cause) => Self::Unavailable(cause),
            RepositoryError::Internal(cause) => Self::Internal(cause),
        }
    }
}

/// Result of a repository.
pub type Result<T, E = RepositoryError> = std::result::Result<T, E>;

/// A unique value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// Username, compared by its key.
    Username,
    /// E-mail, compared by its key.
    Email,
    /// Slug of an article.
    Slug,
}

impl Unique {
    /// Returns the request field that carries the value.
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
    /// Inserts a user. A second statement MAY find out which values are taken.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the username, the e-mail or both; nothing is stored.
    async fn insert(&self, user: NewUser) -> Result<Account>;

    /// Returns the account with this e-mail and its password hash.
    async fn credentials(&self, email: &EmailKey) -> Result<Option<(Account, PasswordHash)>>;

    /// Replaces `old` by `new`, a hash of the same password; no session ends. MUST change nothing
    /// if the stored hash is no longer `old`. A failure is only logged.
    async fn upgrade_hash(&self, user: UserId, old: &PasswordHash, new: &PasswordHash);

    /// Returns the account of the session.
    async fn current(&self, identity: &Identity) -> Result<Account>;

    /// Updates the account of the session and returns it. The user's own values do not count as
    /// taken. A new password MUST end all sessions of the user except `identity`'s. A second
    /// statement MAY find out which values are taken.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with every taken value. Nothing is changed.
    async fn update(&self, identity: &Identity, update: UserUpdate, now: DateTime<Utc>) -> Result<Account>;
}

/// Stored users, as others see them, and their followers.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ProfileRepository: Send + Sync + 'static {
    /// Returns the profile with this name.
    async fn find<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Option<Profile>>;

    /// Returns the profile with the id that [`follow`](Self::follow) needs.
    async fn find_with_id(&self, username: &UsernameKey, reader: &Identity) -> Result<Option<ProfileWithId>>;

    /// Makes `follower` follow `followed`. Returns false if that was so already.
    async fn follow(&self, follower: UserId, followed: UserId) -> Result<bool>;

    /// Undoes [`follow`](Self::follow), and succeeds if there is nothing to undo.
    async fn unfollow(&self, follower: UserId, followed: UserId) -> Result<()>;
}

/// Stored articles, with their tags and favorites.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ArticleRepository: Send + Sync + 'static {
    /// Returns one page of the articles that match `filter`, newest first (creation time, then id),
    /// with the total that match. An unknown tag, author or user matches nothing. `favorited` and
    /// `author.following` are relative to `reader`; both are false for an anonymous one.
    async fn page<'a>(&self, filter: &ArticleFilter, reader: Option<&'a Identity>, page: Page) -> Result<ArticlePage>;

    /// Returns one page of the articles by authors that `reader` follows, ordered as in
    /// [`page`](Self::page). A second statement MAY follow if the first finds that the reader
    /// follows many.
    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage>;

    /// Returns the article with this slug.
    async fn find<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Option<Article>>;

    /// Returns what a change of the article by `reader` needs for authorization.
    async fn authorship(&self, slug: &Slug, reader: &Identity) -> Result<Option<ArticleAuthorship>>;

    /// Inserts an article.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the slug; nothing is stored, and an enclosing unit of work
    /// can go on.
    async fn insert(&self, article: NewArticle) -> Result<()>;

    /// Updates an article and returns it as `reader` sees it; `None` if it is gone. `updated_at`
    /// becomes `now`, or one millisecond more than before if that is later. MUST run at most two
    /// statements.
    ///
    /// # Errors
    /// [`RepositoryError::Taken`] with the slug: nothing is changed, and an enclosing unit of work
    /// can go on.
    async fn update(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        now: DateTime<Utc>,
        reader: &Identity,
    ) -> Result<Option<Article>>;

    /// Deletes an article with its comments, favorites and tag links, and succeeds if it is gone
    /// already.
    async fn delete(&self, id: ArticleId) -> Result<()>;

    /// Makes the article a favorite of `reader`, if it is not one already, and returns it; `None`
    /// if there is no such article. MUST run at most two statements.
    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<FavoritedArticle>>;

    /// Undoes [`favorite`](Self::favorite) in the same way.
    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<Article>>;

    /// Returns every tag that at least one article carries, the most used first, then by name.
    /// Anonymous readers MAY be served by a replica. A second statement MAY follow if the first
    /// finds many tags.
    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags>;
}

/// Stored comments.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait CommentRepository: Send + Sync + 'static {
    /// Returns all comments on the article, newest first; `None` if there is no such article. A
    /// second statement MAY follow if the first finds many comments.
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Option<Vec<Comment>>>;

    /// Inserts a comment; `None` if there is no such article.
    async fn insert(&self, article: &Slug, comment: NewComment) -> Result<Option<CommentId>>;

    /// Returns what the deletion of the comment by `reader` needs for authorization. A comment on
    /// another article counts as not found.
    async fn authorship(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<CommentAuthorship>;

    /// Deletes a comment, and succeeds if it is gone already.
    async fn delete(&self, id: CommentId) -> Result<()>;
}

/// The store as a whole, for readiness checks, shutdown and metrics.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Checks that the store responds and that no migration is missing.
    ///
    /// # Errors
    /// [`RepositoryError::Unavailable`] otherwise.
    async fn ready(&self) -> Result<()>;

    /// Releases all connections. Later calls fail with [`RepositoryError::Unavailable`].
    fn close(&self);

    /// Updates the store's gauges for the next scrape. MUST NOT run a statement.
    fn record_metrics(&self);
}
