//! Articles, feeds, favorites and tags.

use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::error::{Error, Resource, Result};
use crate::domain::model::article::{
    Article, ArticleChanges, ArticleDraft, ArticleFilter, ArticlePage, ArticleSummary, FavoritedArticle, NewArticle,
    Tags,
};
use crate::domain::model::user::{Account, Identity};
use crate::domain::model::values::{Page, Slug, Title};
use crate::ports::business_events::{BusinessEvent, BusinessEvents};
use crate::ports::clock::{Clock, Randomness};
use crate::ports::repositories::{ArticleRepository, RepositoryError};
use crate::ports::services::ArticleService;

const NOT_FOUND: Error = Error::NotFound(Resource::Article);

/// Tries the plain slug, then two with a suffix. With a million articles of the same title, two
/// suffixes of 40 random bits are both taken once in 10^12 tries.
const SLUG_ATTEMPTS: usize = 3;

/// Implements [`ArticleService`].
pub struct Articles {
    pub(crate) articles: Arc<dyn ArticleRepository>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) randomness: Arc<dyn Randomness>,
    pub(crate) events: Arc<dyn BusinessEvents>,
}

impl Articles {
    fn slugs(&self, title: &Title) -> impl Iterator<Item = Slug> + Send {
        let randomness = Arc::clone(&self.randomness);
        Slug::candidates(title, move || suffix(randomness.bits())).take(SLUG_ATTEMPTS)
    }
}

/// Encodes 40 of the bits as eight characters of Crockford's Base 32, which has no `i`, `l`, `o`
/// and `u`.
fn suffix(bits: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digit = |index: u32| DIGITS.get(usize::try_from(bits >> (5 * index) & 31).ok()?).copied().map(char::from);
    (0..8).filter_map(digit).collect()
}

fn is_taken<T>(result: &Result<T, RepositoryError>) -> bool {
    matches!(result, Err(RepositoryError::Taken(_)))
}

#[async_trait]
impl ArticleService for Articles {
    async fn list<'a>(&self, filter: &ArticleFilter, reader: Option<&'a Identity>, page: Page) -> Result<ArticlePage> {
        Ok(self.articles.page(filter, reader, page).await?)
    }

    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage> {
        Ok(self.articles.feed(reader, page).await?)
    }

    async fn show<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Article> {
        self.articles.find(slug, reader).await?.ok_or(NOT_FOUND)
    }

    async fn publish(&self, author: &Account, draft: ArticleDraft) -> Result<Article> {
        let now = self.clock.now();
        let mut stored = Err(RepositoryError::Taken(Vec::new()));
        for slug in self.slugs(&draft.title) {
            let article = NewArticle { slug: slug.clone(), draft: draft.clone(), author: author.id, created_at: now };
            stored = self.articles.insert(article).await.map(|()| slug);
            if !is_taken(&stored) {
                break;
            }
        }
        let slug = stored?;
        self.events.record(BusinessEvent::ArticlePublished);
        Ok(Article {
            summary: ArticleSummary {
                slug,
                title: draft.title,
                description: draft.description,
                tags: draft.tags,
                created_at: now,
                updated_at: now,
                favorited: false,
                favorites_count: 0,
                author: author.own_profile(),
            },
            body: draft.body,
        })
    }

    async fn update(&self, slug: &Slug, changes: ArticleChanges, author: &Identity) -> Result<Article> {
        let current = self.articles.authorship(slug, author).await?.ok_or(NOT_FOUND)?;
        current.require_author(author.user)?;
        let slugs: Vec<Option<Slug>> = match &changes.title {
            Some(title) if *title != current.title => self.slugs(title).map(Some).collect(),
            _ => vec![None],
        };
        let now = self.clock.now();
        let mut updated = Err(RepositoryError::Taken(Vec::new()));
        for slug in slugs {
            updated = self.articles.update(current.id, slug, changes.clone(), now, author).await;
            if !is_taken(&updated) {
                break;
            }
        }
        updated?.ok_or(NOT_FOUND)
    }

    async fn delete(&self, slug: &Slug, author: &Identity) -> Result<()> {
        let article = self.articles.authorship(slug, author).await?.ok_or(NOT_FOUND)?;
        article.require_author(author.user)?;
        Ok(self.articles.delete(article.id).await?)
    }

    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Article> {
        let FavoritedArticle { article, is_new } = self.articles.favorite(slug, reader).await?.ok_or(NOT_FOUND)?;
        if is_new {
            self.events.record(BusinessEvent::FavoriteAdded);
        }
        Ok(article)
    }

    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Article> {
        self.articles.unfavorite(slug, reader).await?.ok_or(NOT_FOUND)
    }

    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags> {
        Ok(self.articles.tags(reader).await?)
    }
}

#[cfg(test)]
mod tests;
