//! Articles.

use chrono::{DateTime, Utc};

use super::profile::Profile;
use super::values::{ArticleBody, ArticleId, Description, Slug, Tag, TagList, Title, UserId, UsernameKey};
use crate::domain::error::{Error, Resource};

/// An article without its body, as in lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleSummary {
    pub slug: Slug,
    pub title: Title,
    pub description: Description,
    pub tags: TagList,
    pub created_at: DateTime<Utc>,
    /// Increases strictly with each update.
    pub updated_at: DateTime<Utc>,
    /// Whether it is a favorite of the reader; false for an anonymous one.
    pub favorited: bool,
    pub favorites_count: u64,
    pub author: Profile,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    pub summary: ArticleSummary,
    pub body: ArticleBody,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FavoritedArticle {
    pub article: Article,
    /// False if it was a favorite of the reader before.
    pub is_new: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticlePage {
    pub articles: Vec<ArticleSummary>,
    /// Number of matches on all pages.
    pub total: u64,
}

/// An article matches if it meets every condition that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    pub tag: Option<Tag>,
    pub author: Option<UsernameKey>,
    pub favorited_by: Option<UsernameKey>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleDraft {
    pub title: Title,
    pub description: Description,
    pub body: ArticleBody,
    pub tags: TagList,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArticle {
    pub slug: Slug,
    pub draft: ArticleDraft,
    pub author: UserId,
    pub created_at: DateTime<Utc>,
}

/// Changes to an article; `None` keeps the current value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleChanges {
    pub title: Option<Title>,
    pub description: Option<Description>,
    pub body: Option<ArticleBody>,
    pub tags: Option<TagList>,
}

/// The part of an article that decides whether and how it may be changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleAuthorship {
    pub id: ArticleId,
    pub author: UserId,
    pub title: Title,
}

impl ArticleAuthorship {
    pub fn require_author(&self, user: UserId) -> Result<(), Error> {
        if self.author == user { Ok(()) } else { Err(Error::Forbidden(Resource::Article)) }
    }
}

/// Tags in use, the most used first.
pub type Tags = Vec<Tag>;
