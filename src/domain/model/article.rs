//! Articles as authors write and readers see them.

use chrono::{DateTime, Utc};

use super::{
    profile::Profile,
    values::{ArticleBody, ArticleId, Description, Slug, Tag, TagList, Title, UserId, UsernameKey},
};
use crate::domain::{Error, Resource};

/// An article as a list shows it: all but the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleSummary {
    /// The name in the URL.
    pub slug: Slug,
    /// The title.
    pub title: Title,
    /// What it is about.
    pub description: Description,
    /// Its tags in lexicographic order.
    pub tags: TagList,
    /// When it was published; never changes.
    pub created_at: DateTime<Utc>,
    /// When it was last changed; strictly grows with each update.
    pub updated_at: DateTime<Utc>,
    /// Whether the reader favorited it: false for the anonymous.
    pub favorited: bool,
    /// How many users favorited it.
    pub favorites_count: u64,
    /// Who wrote it, as the reader sees the author.
    pub author: Profile,
}

/// A whole article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// What a list shows of it.
    pub summary: ArticleSummary,
    /// The text.
    pub body: ArticleBody,
}

/// An article that its reader has made a favorite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Favorited {
    /// The article as it is then.
    pub article: Article,
    /// Whether it was none before.
    pub is_new: bool,
}

/// One page of a list of articles, most recent first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticlePage {
    /// The articles of this page.
    pub articles: Vec<ArticleSummary>,
    /// How many match in all, whatever the page.
    pub total: u64,
}

/// Which articles to list; what is given must hold all at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// Carries this tag.
    pub tag: Option<Tag>,
    /// Written by this user.
    pub author: Option<UsernameKey>,
    /// Favorited by this user.
    pub favorited_by: Option<UsernameKey>,
}

/// An article that somebody wants to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The title.
    pub title: Title,
    /// What it is about.
    pub description: Description,
    /// The text.
    pub body: ArticleBody,
    /// Its tags.
    pub tags: TagList,
}

/// An article about to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewArticle {
    /// The name in the URL.
    pub slug: Slug,
    /// What the author wrote.
    pub draft: Draft,
    /// Who wrote it.
    pub author: UserId,
    /// When it is published.
    pub created_at: DateTime<Utc>,
}

/// The changes that an author makes; `None` keeps what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArticleChanges {
    /// A new title, and with it a new slug.
    pub title: Option<Title>,
    /// A new description.
    pub description: Option<Description>,
    /// A new text.
    pub body: Option<ArticleBody>,
    /// New tags; an empty list removes all.
    pub tags: Option<TagList>,
}

/// As much of an article as deciding about a change of it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleHead {
    /// Which article it is.
    pub id: ArticleId,
    /// Who wrote it.
    pub author: UserId,
    /// Its title now.
    pub title: Title,
}

impl ArticleHead {
    /// Only the author changes an article.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for anybody else.
    pub fn must_belong_to(&self, user: UserId) -> Result<(), Error> {
        if self.author == user { Ok(()) } else { Err(Error::Forbidden(Resource::Article)) }
    }
}

/// Every tag in use, the most used first.
pub type Tags = Vec<Tag>;
