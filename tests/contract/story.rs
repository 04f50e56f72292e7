//! The words in which the stories are told: people, articles and comments with a clock that stands still.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, Utc};
use conduit::{
    domain::model::{
        article::{ArticleDraft, ArticlePage, NewArticle},
        comment::NewComment,
        user::{Account, Identity, NewUser, PasswordHash},
        values::{
            ArticleBody, CommentBody, Description, Email, Page, SessionId, Slug, TagList, Title, UserId, Username,
            UsernameKey,
        },
    },
    ports::repositories::{RepositoryError, Unique},
};

/// So many milliseconds into the story.
pub fn at(millisecond: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + millisecond).expect("a point in time")
}

/// A user of this name, with an e-mail and the hash of a password made of it.
pub fn a_user(name: &str) -> NewUser {
    NewUser {
        username: username(name),
        email: email(&format!("{name}@example.com")),
        password_hash: hash(&format!("hash of {name}'s password")),
        created_at: at(0),
    }
}

/// A new log-in to an account.
pub fn a_session_of(account: &Account) -> Identity {
    static NUMBER: AtomicI64 = AtomicI64::new(1);
    let session = SessionId::new(NUMBER.fetch_add(1, Ordering::Relaxed));
    Identity { user: account.id, session, credential_version: account.credential_version }
}

/// The session of somebody who never was.
pub fn nobody() -> Identity {
    Identity { user: UserId::new(i64::MAX), session: SessionId::new(0), credential_version: Default::default() }
}

/// An article with this slug, and texts made of it, without tags.
pub fn an_article(slug: &str, author: &Identity) -> NewArticle {
    NewArticle {
        slug: Slug::parse(slug).expect("a slug"),
        draft: ArticleDraft {
            title: title(&format!("Title of {slug}")),
            description: Description::parse(&format!("About {slug}")).expect("a description"),
            body: ArticleBody::parse(&format!("Body of {slug}")).expect("a body"),
            tags: TagList::default(),
        },
        author: author.user,
        created_at: at(0),
    }
}

/// What may be said of an article besides.
pub trait ListRows {
    /// It is published so many milliseconds into the story.
    fn at(self, millisecond: i64) -> Self;
    /// It carries these tags.
    fn tagged(self, names: &[&str]) -> Self;
}

impl ListRows for NewArticle {
    fn at(self, millisecond: i64) -> Self {
        Self { created_at: at(millisecond), ..self }
    }

    fn tagged(self, names: &[&str]) -> Self {
        Self { draft: ArticleDraft { tags: tags(names), ..self.draft }, ..self }
    }
}

pub fn a_comment(body: &str, author: &Identity) -> NewComment {
    NewComment { body: CommentBody::parse(body).expect("a body"), author: author.user, created_at: at(0) }
}

pub fn username(text: &str) -> Username {
    Username::parse(text).expect("a username")
}

pub fn key(name: &str) -> UsernameKey {
    UsernameKey::for_lookup(name)
}

pub fn email(text: &str) -> Email {
    Email::parse(text).expect("an e-mail")
}

pub fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}

pub fn title(text: &str) -> Title {
    Title::parse(text).expect("a title")
}

pub fn slug(text: &str) -> Slug {
    Slug::for_lookup(text)
}

pub fn tags(names: &[&str]) -> TagList {
    TagList::parse(names).expect("tags")
}

pub fn page(limit: i64, offset: i64) -> Page {
    Page::parse(Some(&limit.to_string()), Some(&offset.to_string())).expect("a page")
}

/// The slugs on a page, in order.
pub fn slugs(page: &ArticlePage) -> Vec<&str> {
    page.articles.iter().map(|article| article.slug.as_str()).collect()
}

/// How many match in all.
pub fn total(page: &ArticlePage) -> usize {
    usize::try_from(page.total).expect("a total that fits")
}

#[track_caller]
pub fn assert_ended<T: Debug>(result: Result<T, RepositoryError>) {
    assert!(matches!(result, Err(RepositoryError::SessionEnded)), "the session has not ended: {result:?}");
}

#[track_caller]
pub fn assert_taken<T: Debug>(result: Result<T, RepositoryError>, expected: &[Unique]) {
    match result {
        Err(RepositoryError::Taken(taken)) => assert_eq!(taken, expected),
        other => panic!("not taken: {other:?}"),
    }
}
