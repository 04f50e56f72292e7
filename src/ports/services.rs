//! Ports that the domain implements: one trait per subject, one method per use case.
//!
//! # Errors
//! - [`Error::InvalidToken`] if an identity is required and its session has ended
//! - [`Error::NotFound`] if the named article, comment or profile does not exist
//! - [`Error::Forbidden`] if an article or a comment is changed by a user who did not write it
//! - [`Error::Unavailable`] and [`Error::Internal`] from any method that uses the store
//!
//! Methods document only further errors.

use async_trait::async_trait;

use crate::{
    domain::{
        error::Error,
        model::{
            article::{Article, ArticleChanges, ArticleDraft, ArticleFilter, ArticlePage, Tags},
            comment::Comment,
            profile::Profile,
            user::{Account, AccountChanges, Credentials, Identity, Registration},
            values::{Client, CommentBody, CommentId, Page, Slug, UsernameKey},
        },
    },
    ports::security::Token,
};

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
    /// [`Error::Taken`] with every taken value; [`Error::RateLimited`] after too many attempts by
    /// this client or with this e-mail.
    async fn register(&self, registration: Registration, client: Client) -> Result<SignedIn, Error>;

    /// Begins a session.
    ///
    /// # Errors
    /// [`Error::WrongCredentials`], which reveals neither which of the two was wrong nor, by its
    /// duration, whether the account exists; [`Error::RateLimited`] after too many attempts by this
    /// client or with this e-mail.
    async fn log_in(&self, credentials: Credentials, client: Client) -> Result<SignedIn, Error>;

    /// Returns the identity that a token was issued for, without querying the store.
    ///
    /// # Errors
    /// [`Error::InvalidToken`] if this service did not sign the token, or it has expired.
    fn identify(&self, token: &str) -> Result<Identity, Error>;

    /// Returns the account of the session.
    async fn authenticate(&self, identity: &Identity) -> Result<Account, Error>;

    /// Returns the account of the session with its `token`, renewed if due.
    async fn current(&self, identity: &Identity, token: Token) -> Result<SignedIn, Error>;

    /// Updates the account. A new password ends every other session.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every taken value; [`Error::RateLimited`] after too many changes.
    async fn update(&self, identity: &Identity, changes: AccountChanges) -> Result<SignedIn, Error>;
}

/// Profiles and followers.
#[async_trait]
pub trait ProfileService: Send + Sync + 'static {
    /// Returns the profile with this name.
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, Error>;

    /// Follows the user, if not followed already, and returns the profile.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the reader is the user.
    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error>;

    /// Unfollows the user, if followed, and returns the profile.
    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error>;
}

/// Articles, their favorites and their tags.
#[async_trait]
pub trait ArticleService: Send + Sync + 'static {
    /// Returns one page of the articles that match, newest first.
    async fn list<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, Error>;

    /// Returns one page of the articles by authors that the reader follows, newest first.
    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, Error>;

    /// Returns one article.
    async fn show<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Article, Error>;

    /// Publishes an article under a slug made from its title.
    async fn publish(&self, author: &Account, draft: ArticleDraft) -> Result<Article, Error>;

    /// Updates an article.
    async fn update(&self, slug: &Slug, changes: ArticleChanges, author: &Identity) -> Result<Article, Error>;

    /// Deletes an article.
    async fn delete(&self, slug: &Slug, author: &Identity) -> Result<(), Error>;

    /// Makes an article a favorite of the reader, if it is not one already.
    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error>;

    /// Undoes [`favorite`](Self::favorite), and succeeds if there is nothing to undo.
    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error>;

    /// Returns every tag in use, the most used first.
    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, Error>;
}

/// Comments on articles.
#[async_trait]
pub trait CommentService: Send + Sync + 'static {
    /// Returns all comments on an article, newest first.
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Vec<Comment>, Error>;

    /// Adds a comment to an article.
    async fn add(&self, article: &Slug, author: &Account, body: CommentBody) -> Result<Comment, Error>;

    /// Deletes a comment.
    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<(), Error>;
}
