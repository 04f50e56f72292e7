//! Ports that the domain implements: one trait per subject, one method per use case.
//!
//! Errors, to which the methods add their own:
//! - `Error::InvalidToken` if an identity is required and its session has ended
//! - `Error::NotFound` if the named article, comment or profile does not exist
//! - `Error::Forbidden` if an article or a comment is changed by a user who did not write it
//! - `Error::Unavailable` and `Error::Internal` from any method

use async_trait::async_trait;

use crate::domain::error::Result;
use crate::domain::model::article::{Article, ArticleChanges, ArticleDraft, ArticleFilter, ArticlePage, Tags};
use crate::domain::model::comment::Comment;
use crate::domain::model::profile::Profile;
use crate::domain::model::user::{Account, AccountChanges, Credentials, Identity, Registration};
use crate::domain::model::values::{Client, CommentBody, CommentId, Page, Slug, UsernameKey};
use crate::ports::security::Token;

/// An account with a token for its session.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// A valid token.
    pub token: Token,
}

/// Users and their sessions.
#[async_trait]
pub trait UserService: Send + Sync + 'static {
    /// Registers a user and begins a session.
    ///
    /// # Errors
    /// `Error::Taken` with every taken value; `Error::RateLimited` after too many attempts by this
    /// client or with this e-mail.
    async fn register(&self, registration: Registration, client: Client) -> Result<SignedIn>;

    /// Begins a session.
    ///
    /// # Errors
    /// `Error::WrongCredentials`, which does not reveal, even by its duration, whether the account
    /// exists; `Error::RateLimited` as in [`register`](Self::register).
    async fn log_in(&self, credentials: Credentials, client: Client) -> Result<SignedIn>;

    /// Returns the identity that a token was issued for, without querying the store.
    ///
    /// # Errors
    /// `Error::InvalidToken` if this service did not sign the token, or it has expired.
    fn identify(&self, token: &str) -> Result<Identity>;

    /// Returns the account of the session.
    async fn authenticate(&self, identity: &Identity) -> Result<Account>;

    /// Returns the account of the session with its `token`, renewed if due.
    async fn current(&self, identity: &Identity, token: Token) -> Result<SignedIn>;

    /// Updates the account. A new password ends every other session.
    ///
    /// # Errors
    /// `Error::Invalid` with every taken value; `Error::RateLimited` after too many changes.
    async fn update(&self, identity: &Identity, changes: AccountChanges) -> Result<SignedIn>;
}

/// Profiles and followers.
#[async_trait]
pub trait ProfileService: Send + Sync + 'static {
    /// Returns the profile with this name.
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile>;

    /// Follows the user, if not followed already, and returns the profile.
    ///
    /// # Errors
    /// `Error::Invalid` if the reader is the user.
    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile>;

    /// Unfollows the user, if followed, and returns the profile.
    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile>;
}

/// Articles, their favorites and their tags.
#[async_trait]
pub trait ArticleService: Send + Sync + 'static {
    /// Returns one page of the articles that match, newest first.
    async fn list<'a>(&self, filter: &ArticleFilter, reader: Option<&'a Identity>, page: Page) -> Result<ArticlePage>;

    /// Returns one page of the articles by authors that the reader follows, newest first.
    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage>;

    /// Returns one article.
    async fn show<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Article>;

    /// Publishes an article under a slug made from its title.
    async fn publish(&self, author: &Account, draft: ArticleDraft) -> Result<Article>;

    /// Updates an article.
    async fn update(&self, slug: &Slug, changes: ArticleChanges, author: &Identity) -> Result<Article>;

    /// Deletes an article.
    async fn delete(&self, slug: &Slug, author: &Identity) -> Result<()>;

    /// Makes an article a favorite of the reader, if it is not one already.
    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Article>;

    /// Undoes [`favorite`](Self::favorite), and succeeds if there is nothing to undo.
    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Article>;

    /// Returns every tag in use, the most used first.
    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags>;
}

/// Comments on articles.
#[async_trait]
pub trait CommentService: Send + Sync + 'static {
    /// Returns all comments on an article, newest first.
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Vec<Comment>>;

    /// Adds a comment to an article.
    async fn add(&self, article: &Slug, author: &Account, body: CommentBody) -> Result<Comment>;

    /// Deletes a comment.
    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<()>;
}
