//! Articles, their favorites and their tags.

use std::cmp::Reverse;
use std::sync::LazyLock;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use crate::adapters::persistence::sql::article_lists::max_followed_inline;
use crate::adapters::persistence::sql::dialect::Dialect;
use crate::adapters::persistence::sql::error::QueryError;
use crate::adapters::persistence::sql::executor::Executor;
use crate::adapters::persistence::sql::rows::{FAVORITED, FOLLOWING, article_summary, count};
use crate::adapters::persistence::sql::statement::{Statement, live_session};
use crate::domain::model::article::{
    Article, ArticleAuthorship, ArticleChanges, ArticleFilter, ArticlePage, ArticleSummary, FavoritedArticle,
    NewArticle, Tags,
};
use crate::domain::model::user::Identity;
use crate::domain::model::values::{ArticleId, Page, Slug, Title, UserId};
use crate::ports::repositories::{ArticleRepository, RepositoryError, Unique};

/// Returns the SQL for an article `a` by `u` as the reader `v` sees it. There is always one row, so
/// that an unknown article does not hide an ended session. Served by users_pkey, favorites_pkey and
/// follows_pkey.
fn find_by(condition: &str) -> String {
    format!(
        "
    select v.id, {article}, a.body
    from (select 1) as always
    left join users v on {live_session}
    left join articles a on {condition}
    left join users u on u.id = a.author_id",
        article = article_summary(FAVORITED, FOLLOWING),
        live_session = live_session!()
    )
}

// Served by articles_slug.
static FIND: LazyLock<String> = LazyLock::new(|| find_by("a.slug = $4"));

// Served by articles_pkey.
static FIND_BY_ID: LazyLock<String> = LazyLock::new(|| find_by("a.id = $4"));

// Served by users_pkey and articles_slug. There is always one row.
const HEAD: &str = concat!(
    "
    select v.id, a.id, a.author_id, a.title
    from (select 1) as always
    left join users v on ",
    live_session!(),
    "
    left join articles a on a.slug = $4"
);

// Served by articles_pkey; the cascades by comments_by_article, favorites_by_article and
// article_tags_by_article.
const DELETE: &str = "delete from articles where id = $1";

// Served by users_pkey, articles_slug and favorites_pkey.
const FAVORITE: &str = concat!(
    "
    insert into favorites (user_id, article_id)
    select v.id, a.id from users v cross join articles a where ",
    live_session!(),
    " and a.slug = $4
    on conflict do nothing"
);

// There are few tags: PostgreSQL reads and sorts all of them. Served by tags_by_use on SQLite.
const TAGS: &str = "select name from tags where articles_count > 0 order by articles_count desc, name";

/// The reader if the session is valid, and the article if it exists.
type Found = (Option<UserId>, Option<Article>);
/// The reader and the total in one row at least, and an article with its id in the others.
type PageRow = (Option<UserId>, Option<i64>, Option<(ArticleId, ArticleSummary)>);

pub struct Articles<E>(pub E);

impl<E: Executor> Articles<E> {
    /// Runs a write, and returns the article afterwards with the number of rows that the write
    /// affected.
    async fn change(
        &self,
        operation: &'static str,
        change: &'static str,
        slug: &Slug,
        reader: &Identity,
    ) -> Result<Option<(usize, Article)>, RepositoryError> {
        let write = Statement::write(operation, change).identity(reader).text(slug.as_str());
        let read = Statement::<Found>::read("articles.find", FIND.as_str()).identity(reader).text(slug.as_str());
        let (count, rows) = match self.0.rows_after(write, read).await {
            // The article was deleted between the select and the write.
            Err(QueryError::Gone(_)) => return Ok(None),
            done => done?,
        };
        Ok(found_by_reader(rows)?.map(|article| (count, article)))
    }

    /// Returns the feed, unless the reader follows too many authors for a cheap read.
    async fn cheap_feed(&self, reader: &Identity, page: Page) -> Result<Option<ListRows>, RepositoryError> {
        let limit = max_followed_inline(page.end());
        let Some(sql) = E::Dialect::CHEAP_FEED.filter(|_| limit > 0) else {
            return Ok(None);
        };
        let statement = Statement::read("articles.feed", sql.as_str()).identity(reader).number(limit);
        let rows = ListRows::from(self.0.rows(bind_page(statement, page).cheap()).await?);
        Ok(rows.total.is_some().then_some(rows))
    }
}

/// Binds the next three parameters of a feed to the page's end, offset and limit.
fn bind_page<R>(feed: Statement<R>, page: Page) -> Statement<R> {
    feed.number(page.end()).number(page.offset()).number(page.limit())
}

/// Returns the article for a reader whose session must be valid.
fn found_by_reader(rows: Vec<Found>) -> Result<Option<Article>, RepositoryError> {
    let (reader, article) = rows.into_iter().next().unwrap_or_default();
    reader.ok_or(RepositoryError::SessionEnded)?;
    Ok(article)
}

/// The rows of a list.
struct ListRows {
    /// The reader if the session is valid.
    reader: Option<UserId>,
    total: Option<i64>,
    articles: Vec<ArticleSummary>,
}

impl From<Vec<PageRow>> for ListRows {
    fn from(mut rows: Vec<PageRow>) -> Self {
        // The newest first. The rows come in this order already, but not every engine promises it.
        rows.sort_by_key(|(_, _, article)| article.as_ref().map(|(id, _)| Reverse(*id)));
        let (reader, total) = rows.first().map_or((None, None), |(reader, total, _)| (*reader, *total));
        let articles = rows.into_iter().filter_map(|(_, _, article)| article.map(|(_, summary)| summary));
        Self { reader, total, articles: articles.collect() }
    }
}

impl From<ListRows> for ArticlePage {
    fn from(ListRows { total, articles, .. }: ListRows) -> Self {
        Self { articles, total: count(total.unwrap_or_default()) }
    }
}

#[async_trait]
impl<E: Executor> ArticleRepository for Articles<E> {
    async fn page<'a>(
        &self,
        filter: &ArticleFilter,
        reader: Option<&'a Identity>,
        page: Page,
    ) -> Result<ArticlePage, RepositoryError> {
        let statement = E::Dialect::ARTICLE_LISTS.statement(filter, reader, page);
        Ok(ListRows::from(self.0.rows(statement).await?).into())
    }

    async fn feed(&self, reader: &Identity, page: Page) -> Result<ArticlePage, RepositoryError> {
        let rows = match self.cheap_feed(reader, page).await? {
            Some(rows) => rows,
            None => {
                let statement = Statement::read("articles.feed", E::Dialect::FEED.as_str()).identity(reader);
                self.0.rows(bind_page(statement, page)).await?.into()
            }
        };
        rows.reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(rows.into())
    }

    async fn find<'a>(&self, slug: &Slug, reader: Option<&'a Identity>) -> Result<Option<Article>, RepositoryError> {
        let statement =
            Statement::<Found>::read("articles.find", FIND.as_str()).identity(reader).text(slug.as_str()).cheap();
        let (_, article) = self.0.first(statement).await?.unwrap_or_default();
        Ok(article)
    }

    async fn authorship(&self, slug: &Slug, reader: &Identity) -> Result<Option<ArticleAuthorship>, RepositoryError> {
        type Found = (Option<UserId>, Option<(ArticleId, UserId, Title)>);
        let statement = Statement::<Found>::read("articles.head", HEAD).identity(reader).text(slug.as_str()).cheap();
        let (reader, head) = self.0.first(statement).await?.unwrap_or_default();
        reader.ok_or(RepositoryError::SessionEnded)?;
        Ok(head.map(|(id, author, title)| ArticleAuthorship { id, author, title }))
    }

    async fn insert(&self, article: NewArticle) -> Result<(), RepositoryError> {
        let NewArticle { slug, draft, author, created_at } = article;
        let statement = Statement::write("articles.insert", E::Dialect::INSERT_ARTICLE)
            .number(created_at.timestamp_millis())
            .text(slug.as_str())
            .text(draft.title.as_str())
            .text(draft.description.as_str())
            .tags(Some(draft.tags))
            .number(author.get())
            .instant(created_at)
            .text(draft.body.as_str());
        match self.0.execute(statement).await? {
            0 => Err(RepositoryError::Taken(vec![Unique::Slug])),
            _ => Ok(()),
        }
    }

    async fn update(
        &self,
        id: ArticleId,
        slug: Option<Slug>,
        changes: ArticleChanges,
        now: DateTime<Utc>,
        reader: &Identity,
    ) -> Result<Option<Article>, RepositoryError> {
        let write = Statement::write("articles.update", E::Dialect::UPDATE_ARTICLE)
            .optional_text(slug.as_ref().map(Slug::as_str))
            .optional_text(changes.title.as_ref().map(|title| title.as_str()))
            .optional_text(changes.description.as_ref().map(|description| description.as_str()))
            .tags(changes.tags)
            .optional_text(changes.body.as_ref().map(|body| body.as_str()))
            .instant(now)
            .number(id.get())
            .identity(reader);
        // Only a new slug can be taken. Without one, PostgreSQL needs no savepoint.
        let write = if slug.is_some() { write.expect_conflict() } else { write };
        let read = Statement::<Found>::read("articles.find", FIND_BY_ID.as_str()).identity(reader).number(id.get());
        match self.0.rows_after(write, read).await {
            Err(QueryError::Taken(_)) => Err(RepositoryError::Taken(vec![Unique::Slug])),
            done => found_by_reader(done?.1),
        }
    }

    async fn delete(&self, id: ArticleId) -> Result<(), RepositoryError> {
        self.0.execute(Statement::write("articles.delete", DELETE).number(id.get())).await?;
        Ok(())
    }

    async fn favorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<FavoritedArticle>, RepositoryError> {
        let found = self.change("articles.favorite", FAVORITE, slug, reader).await?;
        Ok(found.map(|(count, article)| FavoritedArticle { article, is_new: count > 0 }))
    }

    async fn unfavorite(&self, slug: &Slug, reader: &Identity) -> Result<Option<Article>, RepositoryError> {
        let found = self.change("articles.unfavorite", E::Dialect::UNFAVORITE, slug, reader).await?;
        Ok(found.map(|(_, article)| article))
    }

    async fn tags<'a>(&self, reader: Option<&'a Identity>) -> Result<Tags, RepositoryError> {
        Ok(self.0.rows(Statement::read("articles.tags", TAGS).for_reader(reader).cheap()).await?)
    }
}
