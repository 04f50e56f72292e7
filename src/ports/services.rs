//! What HTTP and the command line may ask of the domain: one trait per subject, one method per use case.
//!
//! Errors are told in [`crate::domain::Error`]; each method names those that are part of its meaning. Beyond them any
//! method may answer `Unavailable` or `Internal`.

use async_trait::async_trait;

use crate::{
    domain::{
        Error,
        model::{
            article::{Article, ArticleChanges, ArticleFilter, ArticlePage, Draft, Tags},
            comment::Comment,
            profile::Profile,
            user::{Account, AccountChanges, Identity, LogIn, Registration},
            values::{Client, CommentBody, CommentId, Page, Slug, UsernameKey},
        },
    },
    ports::security::Token,
};

/// An account with a token that is good for it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The account.
    pub account: Account,
    /// A token of its session, good for the configured time from now.
    pub token: Token,
}

/// Users and their sessions.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait UserService: Send + Sync + 'static {
    /// Makes a user and begins a session. `Taken` names the values that belong to somebody else. `RateLimited` after too
    /// many attempts of this client, or with this e-mail.
    async fn register(&self, registration: Registration, client: Client) -> Result<SignedIn, Error>;

    /// Begins a session. `WrongCredentials` tells neither which of the two was wrong nor, by the time it takes, who is
    /// registered. `RateLimited` after too many attempts of this client, or with this e-mail.
    async fn log_in(&self, credentials: LogIn, client: Client) -> Result<SignedIn, Error>;

    /// Whom a token speaks for; `InvalidToken` for one that this service did not sign or that is good no more. Asks no
    /// store.
    fn identify(&self, token: &str) -> Result<Identity, Error>;

    /// The account of a living session; `InvalidToken` otherwise.
    async fn authenticate(&self, identity: &Identity) -> Result<Account, Error>;

    /// The account of a living session, whose `token` is renewed before it grows too old.
    async fn current(&self, identity: &Identity, token: Token) -> Result<SignedIn, Error>;

    /// Changes the account. `Invalid` names the values that belong to somebody else. A new password ends every other
    /// session.
    async fn update(&self, identity: &Identity, changes: AccountChanges) -> Result<SignedIn, Error>;
}

/// Profiles and who follows whom.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ProfileService: Send + Sync + 'static {
    /// The profile of this name; `NotFound`.
    async fn show<'a>(&self, username: &UsernameKey, reader: Option<&'a Identity>) -> Result<Profile, Error>;

    /// Follows; `NotFound`, `Invalid` for oneself. Following again changes nothing.
    async fn follow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error>;

    /// Unfollows; `NotFound`. Unfollowing again changes nothing.
    async fn unfollow(&self, username: &UsernameKey, reader: &Identity) -> Result<Profile, Error>;
}

/// Articles, their favorites and their tags.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait ArticleService: Send + Sync + 'static {
    /// One page of the articles that match, most recent first.
    async fn list<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, Error>;

    /// One page of the articles of the authors that the reader follows.
    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, Error>;

    /// One article; `NotFound`.
    async fn show<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Article, Error>;

    /// Publishes an article under a slug made of its title.
    async fn publish(&self, author: &Account, draft: Draft) -> Result<Article, Error>;

    /// Changes one's own article; `NotFound`, `Forbidden`.
    async fn update(&self, slug: &Slug, changes: ArticleChanges, author: &Identity) -> Result<Article, Error>;

    /// Deletes one's own article; `NotFound`, `Forbidden`.
    async fn delete(&self, slug: &Slug, author: &Identity) -> Result<(), Error>;

    /// Makes an article a favorite; `NotFound`. Doing it again changes nothing.
    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error>;

    /// Undoes that; `NotFound`. Doing it again changes nothing.
    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error>;

    /// Every tag in use, the most used first.
    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, Error>;
}

/// Comments on articles.
#[cfg_attr(test, mockall::automock)]
#[async_trait]
pub trait CommentService: Send + Sync + 'static {
    /// All comments on an article, most recent first; `NotFound`.
    async fn list<'a>(&self, article: &Slug, reader: Option<&'a Identity>) -> Result<Vec<Comment>, Error>;

    /// Comments on an article; `NotFound`.
    async fn add(&self, article: &Slug, author: &Account, body: CommentBody) -> Result<Comment, Error>;

    /// Deletes one's own comment; `NotFound` for the article, then for the comment; `Forbidden`.
    async fn delete(&self, article: &Slug, id: CommentId, reader: &Identity) -> Result<(), Error>;
}
