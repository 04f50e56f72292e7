//! Test data with defaults: a test states only the fields that it concerns.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use conduit::domain::model::about::{About, AboutChanges};
use conduit::domain::model::article::{Article, ArticleDraft, ArticlePage, ArticleSummary, NewArticle};
use conduit::domain::model::comment::NewComment;
use conduit::domain::model::profile::Profile;
use conduit::domain::model::records::{ArticleRecord, UserRecord};
use conduit::domain::model::user::{Account, CredentialVersion, Identity, NewUser, PasswordHash, UserUpdate};
use conduit::domain::model::values::{
    ArticleBody, Bio, CommentBody, Description, Email, ImageUrl, Page, SessionId, Slug, TagList, Title, UserId,
    Username, UsernameKey,
};
use conduit::ports::repositories::{RepositoryError, Unique};

/// Characters that quoting, escaping or an encoding might change.
pub const SPECIAL_CHARACTERS: &str =
    "quotes \" ' ` $1 %s \\ \\u0041 {\"a\": [1]} \t\r\n \u{1} \u{7f} \u{2028} \u{fffd} 李 🦄 e\u{301}";

/// Returns a fixed time plus `milliseconds`.
pub fn time_at(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 + milliseconds).expect("a time in range")
}

/// Returns a user with the e-mail address `NAME@example.com`.
pub fn new_user(name: &str) -> NewUser {
    NewUser {
        username: username(name),
        email: email(&format!("{name}@example.com")),
        password_hash: password_hash(&format!("hash of {name}'s password")),
        created_at: time_at(0),
    }
}

pub fn new_session(account: &Account) -> Identity {
    static NEXT: AtomicI64 = AtomicI64::new(1);
    let session = SessionId::new(NEXT.fetch_add(1, Ordering::Relaxed));
    Identity { user: account.id, session, credential_version: account.credential_version }
}

/// Returns a session of a user who does not exist.
pub fn unknown_session() -> Identity {
    Identity { user: UserId::new(i64::MAX), session: SessionId::new(0), credential_version: Default::default() }
}

/// Returns a value for every optional field of a profile.
pub fn full_about() -> About {
    About {
        bio: Bio::parse(SPECIAL_CHARACTERS).expect("a bio"),
        image: ImageUrl::parse("https://example.com/\u{e9}?a=\"b\"&c=%20").expect("an image"),
    }
}

/// Returns the changes that replace every field.
pub fn changes_to(about: About) -> AboutChanges {
    AboutChanges { bio: Some(about.bio), image: Some(about.image) }
}

pub fn full_update(name: &str, address: &str) -> UserUpdate {
    UserUpdate {
        username: Some(username(name)),
        email: Some(email(address)),
        password_hash: Some(password_hash("new")),
        about: changes_to(full_about()),
    }
}

/// Returns the profile of a new user, as a reader sees it who does not follow the user.
pub fn profile(name: &str) -> Profile {
    Profile { username: username(name), about: About::default(), following: false }
}

/// Returns an article without tags, whose texts are made from its slug.
pub fn new_article(slug: &str, author: &Identity) -> NewArticle {
    NewArticle {
        slug: Slug::parse(slug).expect("a slug"),
        draft: ArticleDraft {
            title: title(&format!("Title of {slug}")),
            description: Description::parse(&format!("About {slug}")).expect("a description"),
            body: ArticleBody::parse(&format!("Body of {slug}")).expect("a body"),
            tags: TagList::default(),
        },
        author: author.user,
        created_at: time_at(0),
    }
}

pub trait NewArticleExt {
    /// Sets the time of publication to [`time_at`] `milliseconds`.
    fn created_at(self, milliseconds: i64) -> Self;

    fn tagged(self, tags: &[&str]) -> Self;
}

impl NewArticleExt for NewArticle {
    fn created_at(self, milliseconds: i64) -> Self {
        Self { created_at: time_at(milliseconds), ..self }
    }

    fn tagged(self, tags: &[&str]) -> Self {
        Self { draft: ArticleDraft { tags: tag_list(tags), ..self.draft }, ..self }
    }
}

/// Returns what an anonymous reader sees of an article that was just published.
pub fn published(article: NewArticle, author: Profile) -> Article {
    let NewArticle { slug, draft, created_at, .. } = article;
    Article {
        summary: ArticleSummary {
            slug,
            title: draft.title,
            description: draft.description,
            tags: draft.tags,
            created_at,
            updated_at: created_at,
            favorited: false,
            favorites_count: 0,
            author,
        },
        body: draft.body,
    }
}

pub fn new_comment(body: &str, author: &Identity) -> NewComment {
    NewComment { body: CommentBody::parse(body).expect("a body"), author: author.user, created_at: time_at(0) }
}

/// Returns the record of a user who has changed nothing since the registration.
pub fn user_record(id: i64, name: &str, address: &str) -> UserRecord {
    let (username, email) = (username(name), email(address));
    UserRecord {
        id: UserId::new(id),
        username_key: username.key(),
        username,
        email_key: email.key(),
        email,
        password_hash: password_hash(&format!("hash of {id}")),
        about: About::default(),
        credential_version: CredentialVersion::default(),
        exempt_session: None,
        created_at: time_at(0),
        updated_at: time_at(0),
    }
}

/// Returns the record of an untagged article that was never updated. A higher number is newer.
pub fn article_record(number: i64, author: i64) -> ArticleRecord {
    let created_at = time_at(number * 7 + 1);
    ArticleRecord {
        id: ArticleRecord::id_at(created_at, number),
        slug: slug(&format!("article-{number}")),
        title: title(&format!("Title {number}")),
        description: Description::parse(&format!("About {number}")).expect("a description"),
        tags: TagList::default(),
        author: UserId::new(author),
        created_at,
        updated_at: created_at,
        body: ArticleBody::parse(&format!("Body {number}")).expect("a body"),
    }
}

pub fn username(text: &str) -> Username {
    Username::parse(text).expect("a username")
}

pub fn username_key(name: &str) -> UsernameKey {
    UsernameKey::for_lookup(name)
}

pub fn email(text: &str) -> Email {
    Email::parse(text).expect("an e-mail address")
}

pub fn password_hash(text: &str) -> PasswordHash {
    PasswordHash::new(text.to_owned())
}

pub fn title(text: &str) -> Title {
    Title::parse(text).expect("a title")
}

pub fn slug(text: &str) -> Slug {
    Slug::for_lookup(text)
}

pub fn tag_list(tags: &[&str]) -> TagList {
    TagList::parse(tags).expect("tags")
}

pub fn page(limit: i64, offset: i64) -> Page {
    Page::parse(Some(&limit.to_string()), Some(&offset.to_string())).expect("a page")
}

pub fn slugs(page: &ArticlePage) -> Vec<&str> {
    page.articles.iter().map(|article| article.slug.as_str()).collect()
}

/// Returns the number of matches on all pages.
pub fn total(page: &ArticlePage) -> usize {
    usize::try_from(page.total).expect("a total in range")
}

#[track_caller]
pub fn assert_session_ended<T: Debug>(result: Result<T, RepositoryError>) {
    assert!(matches!(result, Err(RepositoryError::SessionEnded)), "the session is still valid: {result:?}");
}

#[track_caller]
pub fn assert_taken<T: Debug>(result: Result<T, RepositoryError>, expected: &[Unique]) {
    match result {
        Err(RepositoryError::Taken(taken)) => assert_eq!(taken, expected),
        other => panic!("not taken: {other:?}"),
    }
}
