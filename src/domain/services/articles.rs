//! Publishing, changing, finding and favoriting articles.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    domain::{
        Error, Resource,
        model::{
            article::{
                Article, ArticleChanges, ArticleFilter, ArticlePage, ArticleSummary, Draft, Favorited, NewArticle, Tags,
            },
            user::{Account, Identity},
            values::{Page, Slug, Title},
        },
    },
    ports::{
        business_events::{BusinessEvent, BusinessEvents},
        clock::{Clock, Randomness},
        repositories::{ArticleRepository, RepositoryError},
        services::ArticleService,
    },
};

const NOT_FOUND: Error = Error::NotFound(Resource::Article);

/// Slugs to try for one title: the plain one, then two with a suffix. Where a title has a million namesakes, two
/// suffixes of 40 random bits are both taken once in 10^12 tries.
const SLUG_ATTEMPTS: usize = 3;

/// The use cases around articles.
pub struct Articles {
    articles: Arc<dyn ArticleRepository>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    events: Arc<dyn BusinessEvents>,
}

impl Articles {
    /// Articles in this store, dated by this clock; chance tells equal titles apart.
    pub fn new(
        articles: Arc<dyn ArticleRepository>,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        events: Arc<dyn BusinessEvents>,
    ) -> Self {
        Self { articles, clock, randomness, events }
    }

    fn slugs(&self, title: &Title) -> impl Iterator<Item = Slug> + Send {
        let randomness = Arc::clone(&self.randomness);
        Slug::candidates(title, move || suffix(randomness.bits())).take(SLUG_ATTEMPTS)
    }
}

/// Eight characters that carry 40 of the bits, in Crockford's Base 32: without `i`, `l` and `o`, which look like
/// digits, and `u`.
fn suffix(bits: u64) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digit = |place: u32| DIGITS.get(usize::try_from(bits >> (5 * place) & 31).ok()?).copied().map(char::from);
    (0..8).filter_map(digit).collect()
}

fn is_taken<T>(result: &Result<T, RepositoryError>) -> bool {
    matches!(result, Err(RepositoryError::Taken(_)))
}

#[async_trait]
impl ArticleService for Articles {
    async fn list<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, Error> {
        Ok(self.articles.page(filter, reader, page).await?)
    }

    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, Error> {
        Ok(self.articles.feed(reader, page).await?)
    }

    async fn show<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Article, Error> {
        self.articles.find(slug, reader).await?.ok_or(NOT_FOUND)
    }

    async fn publish(&self, author: &Account, draft: Draft) -> Result<Article, Error> {
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

    async fn update(&self, slug: &Slug, changes: ArticleChanges, author: &Identity) -> Result<Article, Error> {
        let head = self.articles.head(slug, author).await?.ok_or(NOT_FOUND)?;
        head.must_belong_to(author.user)?;
        let slugs: Vec<Option<Slug>> = match &changes.title {
            Some(title) if *title != head.title => self.slugs(title).map(Some).collect(),
            _ => vec![None],
        };
        let now = self.clock.now();
        let mut updated = Err(RepositoryError::Taken(Vec::new()));
        for slug in slugs {
            updated = self.articles.update(head.id, slug, changes.clone(), now, author).await;
            if !is_taken(&updated) {
                break;
            }
        }
        updated?.ok_or(NOT_FOUND)
    }

    async fn delete(&self, slug: &Slug, author: &Identity) -> Result<(), Error> {
        let head = self.articles.head(slug, author).await?.ok_or(NOT_FOUND)?;
        head.must_belong_to(author.user)?;
        Ok(self.articles.delete(head.id).await?)
    }

    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error> {
        let Favorited { article, is_new } = self.articles.favorite(slug, reader).await?.ok_or(NOT_FOUND)?;
        if is_new {
            self.events.record(BusinessEvent::FavoriteAdded);
        }
        Ok(article)
    }

    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Article, Error> {
        self.articles.unfavorite(slug, reader).await?.ok_or(NOT_FOUND)
    }

    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, Error> {
        Ok(self.articles.tags(reader).await?)
    }
}

#[cfg(test)]
mod tests;
